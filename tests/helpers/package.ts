import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface InstalledPackage {
  /** A project of its own, with the packed package in its node_modules. */
  readonly folder: string;
  /** The paths in the tarball. */
  readonly files: readonly string[];
  /** Bytes of the tarball, and of what it unpacks to. */
  readonly packed: number;
  readonly unpacked: number;
  dispose(): void;
}

/** Packs the package as it would be published, and installs it in an empty folder. What is built is taken as it is, the API reference if it is new. */
export function installPackage(): InstalledPackage {
  ensureReference();
  const temporary = mkdtempSync(join(tmpdir(), "wasm-rnn-package-"));
  const folder = join(temporary, "project");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  const [pack] = JSON.parse(npm(ROOT, "pack", "--json", "--ignore-scripts", "--pack-destination", temporary));
  const tarball = join(temporary, pack.filename);
  npm(folder, "install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", tarball);
  return {
    folder,
    files: pack.files.map((file: { path: string }) => file.path),
    packed: statSync(tarball).size,
    unpacked: pack.unpackedSize,
    dispose: () => rmSync(temporary, { recursive: true, force: true }),
  };
}

/** The API reference, if it is older than the library. Not by two at the same time: where several files install the package, first of all. */
export function ensureReference(): void {
  if (timeOf("docs/api/README.md") < timeOf("dist/index.js")) npm(ROOT, "run", "docs");
}

function timeOf(path: string): number {
  return statSync(join(ROOT, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function npm(cwd: string, ...args: string[]): string {
  // Under `npm test` its settings are in the environment; they belong to this project, not to the consumer's.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(?!config_cache$)/i.test(name)));
  return execFileSync("npm", args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
