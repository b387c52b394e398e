/** Files, in Node: written so that a crash at any moment leaves the old file or the new one, whole. */
import { show } from "../checks.js";
import { ArgumentError } from "../errors.js";

type Fs = typeof import("node:fs");

/** Refuses a path at which no file can be written, before anything is. @throws {ArgumentError} also where there is no file system */
export function checkFile(argument: string, file: string): void {
  const { fs, path } = host();
  const refuse = (got: string): never => {
    throw new ArgumentError(argument, "the path of a file", `${show(file)}, ${got}`);
  };
  if (/[/\\]$/.test(file)) refuse("a folder's");
  for (let at = path.resolve(file), isFile = true; ; at = path.dirname(at), isFile = false) {
    const found = statOf(fs, at);
    if (found === "below a file") continue;
    if (found?.isDirectory() && isFile) refuse("where a folder is");
    if (found && !isFile && !found.isDirectory()) refuse(`but ${at} is no folder`);
    if (found && isFile && !found.isFile()) refuse("where something else is"); // renaming would put a file in a device's place
    if (found || at === path.dirname(at)) return;
  }
}

/** undefined: there is nothing, or nothing that may be seen. */
function statOf(fs: Fs, at: string): InstanceType<Fs["Stats"]> | "below a file" | undefined {
  try {
    return fs.statSync(at);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOTDIR" ? "below a file" : undefined;
  }
}

/**
 * Writes under a temporary name beside the file, syncs, and renames; a link stays one. What processes that were killed meanwhile have
 * left is removed.
 *
 * @throws {ArgumentError} where there is no file system, or something else than a file, and what the file system throws
 */
export function writeFileAtomically(file: string, bytes: Uint8Array): void {
  checkFile("file", file);
  const { fs, path, os, threads, process } = host();
  const target = targetOf(file);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  removeLeftovers(target);
  const thread = threads.isMainThread ? "" : `.t${threads.threadId}`; // threads of one process have one id
  const temporary = `${target}.${os.hostname()}.${process.pid}${thread}.part`;
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
  const { fs } = host();
  removeLeftovers(targetOf(file));
  try {
    return fs.readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** What a path leads to: beside it lie the temporary files. */
function targetOf(file: string): string {
  const { fs, path } = host();
  return fs.existsSync(file) ? fs.realpathSync(file) : path.resolve(file);
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
    const [, owner, pid] =
      (sibling.startsWith(`${name}.`) && /^(?:(.*)\.)?(\d+)(?:\.t\d+)?\.part$/.exec(sibling.slice(name.length + 1))) || [];
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
    host().process.kill(pid, 0); // signal 0 asks, and does nothing
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** The new name lies in the folder: without this a power failure may forget the renaming. Windows cannot open a folder, nor needs to. */
function syncFolder(fs: Fs, folder: string): void {
  if (host().process.platform === "win32") return;
  const handle = fs.openSync(folder, "r");
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}

/** What Node has; a part of it does not do. */
interface Host {
  readonly process: NodeJS.Process;
  readonly fs: Fs;
  readonly path: typeof import("node:path");
  readonly os: typeof import("node:os");
  readonly threads: typeof import("node:worker_threads");
}

/** Not imports: a browser, which has no node:fs, loads this module too. Nor `process` by itself: some bundlers put one of their own there. */
function host(): Host {
  const builtin = (name: string): unknown => globalThis.process?.getBuiltinModule?.(name);
  const [fs, path, os, threads] = ["node:fs", "node:path", "node:os", "node:worker_threads"].map(builtin);
  if (!fs || !path || !os || !threads)
    throw new ArgumentError("file", "none, this host having no file system (use checkpoint.save)", "a path");
  return { process: globalThis.process, fs, path, os, threads } as Host;
}
