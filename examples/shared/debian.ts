/** Files of Debian packages, unpacked into a cache folder: nothing is installed, and no root is needed. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import pc from "picocolors";
import { UserError } from "./program.js";

/** Where packages lie, each in a folder of its name. */
export function debianCache(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "wasm-rnn", "debian");
}

/**
 * Folders that hold what the packages would put under `/`: such as `${folder}/usr/share/…`, in the packages' order.
 *
 * @param data of the person's own: a folder with the same tree, in which all packages were unpacked or installed (`/` is one)
 * @throws {UserError} when a package is not in the cache and cannot be had
 */
export function debianFolders(packages: readonly string[], data?: string): string[] {
  if (data !== undefined) {
    if (!existsSync(data)) throw new UserError(`--data: there is no folder ${data}`);
    return packages.map(() => data);
  }
  const cache = debianCache();
  const missing = packages.filter((name) => !existsSync(join(cache, name)));
  if (missing.length > 0) fetchPackages(missing, cache);
  return packages.map((name) => join(cache, name));
}

/** Into a folder beside first, so that the cache holds whole packages alone. */
function fetchPackages(packages: readonly string[], cache: string): void {
  mkdirSync(cache, { recursive: true });
  console.error(pc.dim(`  fetching ${packages.length === 1 ? "1 package" : `${packages.length} packages`} into ${cache}`));
  const scratch = mkdtempSync(join(cache, ".fetch-"));
  try {
    command("apt-get", ["-q", "download", ...packages], scratch, packages);
    for (const name of packages) {
      const file = readdirSync(scratch).find((each) => each.startsWith(`${name}_`) && each.endsWith(".deb"));
      if (file === undefined) throw new UserError(unavailable(packages));
      const folder = join(scratch, name);
      command("dpkg-deb", ["-x", file, folder], scratch, packages);
      if (!existsSync(join(cache, name))) renameSync(folder, join(cache, name)); // else another run was faster
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function command(program: string, args: string[], cwd: string, packages: readonly string[]): void {
  const { status, error, stderr } = spawnSync(program, args, { cwd, encoding: "utf8", stdio: ["ignore", "ignore", "pipe"] });
  if (error || status !== 0) throw new UserError(unavailable(packages, error ? `no ${program} here` : stderr.trim().split("\n").at(-1)));
}

function unavailable(packages: readonly string[], reason = "not among what was downloaded"): string {
  return `the data are in the Debian packages ${packages.join(", ")} (${reason}): where there is apt, apt-get update may help; else unpack them into one folder and name it, --data DIR`;
}
