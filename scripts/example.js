/** `npm run example NAME [-- options]`: builds what is missing, then runs examples/NAME/main.js. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ensureBuild } from "./ensure-build.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const [name = "", ...args] = process.argv.slice(2);
const main = `${root}examples/${name}/main.js`;
if (!/^[\w-]+$/.test(name) || !existsSync(main)) {
  const names = readdirSync(`${root}examples`).filter((folder) => existsSync(`${root}examples/${folder}/main.js`));
  console.error(`usage: npm run example NAME [-- options], NAME one of ${names.join(", ")}`);
  process.exit(1);
}
process.chdir(root);
ensureBuild();
const { status } = spawnSync(process.execPath, [main, ...args], { stdio: "inherit" });
process.exit(status ?? 1);
