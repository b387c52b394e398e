/** Builds what is missing or older than its sources; says nothing and takes milliseconds when nothing is. */
import { execFileSync } from "node:child_process";
import { readdirSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { OPERATOR_ENTRIES } from "./generate-kernels.js";

export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");

interface Stage {
  readonly script: string;
  readonly sources: readonly string[];
  readonly outputs: readonly string[];
}

/** The core and the operators, in two element types, and in f32 alone. */
const BINARIES = ["baseline", "relaxed"].flatMap((name) => [name, `${name}-ops`]).flatMap((name) => [name, `${name}-f32`]);

/** In build order. A folder stands for all in it, and for itself: its time moves when a file comes or goes. */
const STAGES: readonly Stage[] = [
  {
    script: "scripts/generate-kernels.ts",
    sources: ["index", "layout", ...OPERATOR_ENTRIES.map(({ entry }) => entry)].map((name) => `assembly/${name}.ts`),
    outputs: ["kernels", ...OPERATOR_ENTRIES.map(({ file }) => file)].map((name) => `bindings/generated/${name}.ts`),
  },
  {
    script: "scripts/build-wasm.ts",
    sources: [
      ...["fold-offsets", "pack-module", "with-exports", "generate-kernels"].map((name) => `scripts/${name}.ts`),
      "assembly",
      "asconfig.json",
      "package-lock.json",
    ],
    outputs: [
      ...["debug", ...BINARIES].map((name) => `build/${name}.wasm`),
      ...BINARIES.map((name) => `bindings/generated/binaries/${name}.ts`),
    ],
  },
  {
    script: "scripts/build-js.ts",
    sources: ["bindings", "tsconfig.json", "tsconfig.types.json", "package-lock.json"],
    outputs: [
      "dist/index.js",
      "dist/ops.js",
      "dist/sequence.js",
      "dist/cells.js",
      "dist/cli.js",
      "dist/onnx.js",
      "dist/pytorch.js",
      "dist/numpy.js",
      "dist/keras.js",
      "dist/inspect.js",
      "dist/int8.js",
      "dist/notebook.js",
      "dist/inline.js",
      "dist/worker.js",
      "dist/types/index.d.ts",
      "dist/types/notebook.d.ts",
    ],
  },
];

/** @throws when a build fails */
export function ensureBuild(): void {
  for (const { script, sources, outputs } of STAGES) {
    const newest = Math.max(...[script, ...sources].map(newestTime));
    const oldest = Math.min(...outputs.map(time));
    if (newest <= oldest) continue;
    console.error(`${script} …`);
    const start = new Date();
    execFileSync(process.execPath, ["--import", "@oxc-node/core/register", script], { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
    for (const path of outputs) utimesSync(join(root, path), start, start); // a source saved meanwhile is newer
  }
}

/** When a file changed, in milliseconds; −∞ for what does not exist. */
export function time(path: string): number {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY;
}

/** The same for a file, or a folder and all in it. */
export function newestTime(path: string): number {
  const stats = statSync(join(root, path), { throwIfNoEntry: false });
  if (!stats?.isDirectory()) return time(path);
  return Math.max(stats.mtimeMs, ...readdirSync(join(root, path)).map((name) => newestTime(join(path, name))));
}

/** The same for a program: a failed build ends it. */
export function ensureBuildOrExit(): void {
  try {
    ensureBuild();
  } catch (error) {
    const { status, message } = error as { status?: number; message: string };
    if (!status) console.error(message); // else the build has said what is wrong
    process.exit(status || 1);
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) ensureBuildOrExit();
