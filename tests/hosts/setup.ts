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
const MODULES = join(HOSTS, "node_modules");

export default async function setup({ provide }: TestProject): Promise<() => void> {
  installHosts();
  const { folder, dispose } = installPackage();
  const scripts = ["smoke", "main", "web", "web-worker"].map((name) => join(HOSTS, `${name}.ts`));
  await esbuild.build({ entryPoints: scripts, outdir: folder, format: "esm", target: "es2022", logLevel: "warning" });
  for (const name of readdirSync(MODULES)) {
    // Node looks for what they need in their true place.
    if (!name.startsWith(".package")) symlinkSync(join(MODULES, name), join(folder, "node_modules", name));
  }
  for (const [path, text] of examples()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  provide("project", folder);
  return dispose;
}

/** What is missing or older than the lock. */
function installHosts(): void {
  const installed = join(MODULES, ".package-lock.json");
  const isNew = existsSync(installed) && statSync(installed).mtimeMs > statSync(join(HOSTS, "package-lock.json")).mtimeMs;
  if (!isNew) execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: HOSTS, stdio: "inherit" });
}

/** The page's code blocks that a comment `<!-- file: path -->` marks. */
function examples(): [string, string][] {
  const page = readFileSync(join(ROOT, "docs/hosts.md"), "utf8");
  return [...page.matchAll(/<!-- file: (\S+) -->\s*```\w+\n([\s\S]*?)```/g)].map(([, path, code]) => [path as string, code as string]);
}
