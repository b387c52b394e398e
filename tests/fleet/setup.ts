/** What the example is made of: the package as it was built, its own packages, and a redis-server, which no registry of npm has. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ensureBuild, root } from "../../scripts/ensure-build.js";

export default function setup(): void {
  ensureBuild();
  const folder = join(root, "examples/fleet");
  if (!existsSync(join(folder, "node_modules"))) execFileSync("npm", ["ci", "--ignore-scripts"], { cwd: folder, stdio: "pipe" });
  if (spawnSync("redis-server", ["--version"]).status !== 0)
    throw new Error("tests/fleet needs a redis-server in the PATH: apt-get install redis-server");
}
