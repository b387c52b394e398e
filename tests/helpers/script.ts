/** Programs of tests that run in a process of their own. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

export interface Script {
  readonly path: string;
  dispose(): void;
}

/**
 * One of tests/helpers as JavaScript, which starts at once; inside the project, where it finds the package by its name.
 *
 * @param name without the ending
 */
export function compileScript(name: string): Script {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const path = join(root, `build/${name}.${process.pid}.mjs`);
  const entryPoints = [join(root, `tests/helpers/${name}.ts`)];
  esbuild.buildSync({ entryPoints, outfile: path, format: "esm", target: "es2022", logLevel: "warning" });
  return { path, dispose: () => rmSync(path, { force: true }) };
}
