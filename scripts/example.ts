/** `npm run example NAME [-- options]`: builds what is missing, then runs examples/NAME/main.ts in this process, which signals reach. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
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
process.argv = [process.execPath, mainOf(name), ...args];
await import(pathToFileURL(mainOf(name)).href);
