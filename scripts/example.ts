/** `npm run example NAME [-- options]`: builds what is missing, then runs examples/NAME/main.ts in this process, which signals reach. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { ensureBuildOrExit, root } from "./ensure-build.js";

const mainOf = (name: string) => join(root, "examples", name, "main.ts");
const [name = "", ...args] = process.argv.slice(2);
if (!/^[\w-]+$/.test(name) || !existsSync(mainOf(name))) {
  const names = readdirSync(join(root, "examples")).filter((folder) => existsSync(mainOf(folder)));
  console.error(`usage: npm run example NAME [-- options], NAME one of ${names.join(", ")}`);
  process.exit(1);
}
process.chdir(root);
ensureBuildOrExit();
const folder = dirname(mainOf(name));
// Packages of its own, which the others do not need.
if (existsSync(join(folder, "package.json")) && !existsSync(join(folder, "node_modules")))
  execFileSync("npm", ["ci", "--ignore-scripts"], { cwd: folder, stdio: "inherit" });
process.argv = [process.execPath, mainOf(name), ...args];
await import(pathToFileURL(mainOf(name)).href);
