/** Files, in Node: written so that a crash at any moment leaves the old file or the new one, whole. */
import { ArgumentError } from "../errors.js";

/**
 * Writes under a temporary name beside the file, syncs, and renames.
 *
 * @throws {ArgumentError} where there is no file system, and what the file system throws
 */
export function writeFileAtomically(file: string, bytes: Uint8Array): void {
  const { fs, path } = fileSystem();
  const target = path.resolve(file);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  const temporary = `${target}.${process.pid}.part`;
  try {
    const handle = fs.openSync(temporary, "w");
    try {
      fs.writeFileSync(handle, bytes);
      fs.fsyncSync(handle);
    } finally {
      fs.closeSync(handle);
    }
    fs.renameSync(temporary, target);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(fs, path.dirname(target));
}

/** The bytes of a file, or undefined where there is none. */
export function readFileIfAny(file: string): Uint8Array | undefined {
  const { fs } = fileSystem();
  try {
    return fs.readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The new name lies in the folder: without this a power failure may forget the renaming. Windows cannot open a folder, nor needs to. */
function syncFolder(fs: typeof import("node:fs"), folder: string): void {
  if (process.platform === "win32") return;
  const handle = fs.openSync(folder, "r");
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}

// Not an import: a browser, which has no node:fs, loads this module too.
function fileSystem(): { fs: typeof import("node:fs"); path: typeof import("node:path") } {
  const builtin = globalThis.process?.getBuiltinModule;
  if (!builtin) throw new ArgumentError("file", "none, this host having no file system (use checkpoint.save)", "a path");
  return { fs: builtin("node:fs"), path: builtin("node:path") };
}
