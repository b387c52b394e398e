/** One project for all hosts: the package as a user installs it, beside the bundlers; what docs/hosts.md shows lies in it as files. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as esbuild from "esbuild";
import type { TestProject } from "vitest/node";
import { installPackage, ROOT } from "../helpers/package.js";

declare module "vitest" {
  interface ProvidedContext {
    /** The project's folder. */
    project: string;
  }
}

const HOSTS = join(ROOT, "tests/hosts");
const PROGRAMS = join(HOSTS, "programs");
const MODULES = join(PROGRAMS, "node_modules");

export default async function setup({ provide }: TestProject): Promise<() => void> {
  installPrograms();
  const { folder, dispose } = installPackage();
  await buildScripts(folder);
  for (const name of readdirSync(MODULES)) {
    // Node looks for what they need in their true place. What starts with a point is npm's; the project has its own, the package's program in it.
    if (!name.startsWith(".")) symlinkSync(join(MODULES, name), join(folder, "node_modules", name));
  }
  for (const [path, text] of examples()) {
    writeFile(join(folder, path), text);
    if (path.startsWith("audio/")) writeFile(join(folder, "web", path), byPath(text));
  }
  provide("project", folder);
  return dispose;
}

/** The scripts that hosts run, and in web/ the same for what resolves no names. */
async function buildScripts(folder: string): Promise<void> {
  const names = ["smoke", "main", "workerd-smoke", "web-main", "web-service", "web-audio", "web-worklet", "audio-node"];
  const entryPoints = names.map((name) => join(HOSTS, `${name}.ts`));
  await esbuild.build({ entryPoints, outdir: folder, format: "esm", target: "es2022", logLevel: "warning" });
  for (const name of names) writeFile(join(folder, "web", `${name}.js`), byPath(readFileSync(join(folder, `${name}.js`), "utf8")));
}

/** A script that names the package's files by their paths on the server. */
function byPath(script: string): string {
  return script.replace(/"wasm-rnn(\/inline)?"/g, (_, entry = "/index") => `"/node_modules/wasm-rnn/dist${entry}.js"`);
}

function writeFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** What is missing or older than the lock. */
function installPrograms(): void {
  const installed = join(MODULES, ".package-lock.json");
  const isNew = existsSync(installed) && statSync(installed).mtimeMs > statSync(join(PROGRAMS, "package-lock.json")).mtimeMs;
  if (!isNew) execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: PROGRAMS, stdio: "inherit" });
}

/** The page's code blocks that a comment `<!-- file: path -->` marks. */
function examples(): [string, string][] {
  const page = readFileSync(join(ROOT, "docs/hosts.md"), "utf8");
  return [...page.matchAll(/<!-- file: (\S+) -->\s*```\w+\n([\s\S]*?)```/g)].map(([, path, code]) => [path as string, code as string]);
}
