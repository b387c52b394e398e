/** Files, in Node: written so that a crash at any moment leaves the old file or the new one, whole. */
import { ArgumentError } from "../errors.js";

/**
 * Writes under a temporary name beside the file, syncs, and renames. What processes that were killed meanwhile have left is removed.
 *
 * @throws {ArgumentError} where there is no file system, and what the file system throws
 */
export function writeFileAtomically(file: string, bytes: Uint8Array): void {
  const { fs, path, os } = host();
  const target = path.resolve(file);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  removeLeftovers(target);
  const temporary = `${target}.${os.hostname()}.${process.pid}.part`;
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

/** The bytes of a file, or undefined where there is none. What processes that were killed while writing it have left is removed. */
export function readFileIfAny(file: string): Uint8Array | undefined {
  const { fs, path } = host();
  removeLeftovers(path.resolve(file));
  try {
    return fs.readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Removes temporary files of processes of this host that no longer live. Tidying up: where it may not, it does not. */
function removeLeftovers(target: string): void {
  const { fs, path, os } = host();
  const [folder, name] = [path.dirname(target), path.basename(target)];
  let siblings: string[];
  try {
    siblings = fs.readdirSync(folder);
  } catch {
    return;
  }
  for (const sibling of siblings) {
    const [, owner, pid] = (sibling.startsWith(`${name}.`) && /^(?:(.*)\.)?(\d+)\.part$/.exec(sibling.slice(name.length + 1))) || [];
    if (pid === undefined || (owner !== undefined && owner !== os.hostname()) || isAlive(Number(pid))) continue;
    try {
      fs.rmSync(path.join(folder, sibling), { force: true });
    } catch {
      // Not ours to remove.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0); // signal 0 asks, and does nothing
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
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

// Not imports: a browser, which has no node:fs, loads this module too.
function host(): { fs: typeof import("node:fs"); path: typeof import("node:path"); os: typeof import("node:os") } {
  const builtin = globalThis.process?.getBuiltinModule;
  if (!builtin) throw new ArgumentError("file", "none, this host having no file system (use checkpoint.save)", "a path");
  return { fs: builtin("node:fs"), path: builtin("node:path"), os: builtin("node:os") };
}
