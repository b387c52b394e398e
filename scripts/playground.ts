/**
 * `npm run playground [-- build]`: the page in examples/playground, served while one works on it, or built to static files in its dist/. Before that its
 * own packages are installed where they are not, and its data and models put beside it.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadBook } from "../examples/char-lstm/data.js";
import { UserError } from "../examples/shared/program.js";
import { modelBytes } from "../examples/vad/models.js";
import { ensureBuildOrExit, root } from "./ensure-build.js";

const page = join(root, "examples/playground");

/** What comes along: a table, and the book as plain text. */
function putData(): void {
  const folder = join(page, "public/data");
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(root, "node_modules/vega-datasets/data/seattle-weather.csv"), join(folder, "seattle-weather.csv"));
  const { training, heldOut } = loadBook();
  writeFileSync(join(folder, "moby-dick.txt"), `${training}\n\n${heldOut}`);
  copyFileSync(join(root, "docs/weights.md"), join(folder, "weights.txt")); // to read: of the tab Your model
}

/** Of full runs, halved by `npm run examples:models`: of the tabs Attention and Voice. */
const TRAINED = ["translate.safetensors", "speech.safetensors"];
/** Published by others: of the tab Voice. */
const DETECTOR = "silero-vad.onnx";

/** A tab whose model is not there says so. */
function putModels(): void {
  const [from, to] = [join(root, "models/f16"), join(page, "public/models")];
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  const models = TRAINED.filter((file) => existsSync(join(from, file)));
  for (const file of models) copyFileSync(join(from, file), join(to, file));
  const detector = detectorBytes();
  if (detector) writeFileSync(join(to, DETECTOR), detector);
  writeFileSync(join(to, "index.json"), JSON.stringify([...models, ...(detector ? [DETECTOR] : [])]));
}

/** @returns nothing where it cannot be had, as without a network at the first time */
function detectorBytes(): Uint8Array | undefined {
  try {
    return modelBytes("v6");
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error(`The page comes without the detector of speech: ${error.message}`);
    return undefined;
  }
}

/** All that the page is built of. @param quiet as in tests */
export function preparePlayground(quiet = false): string {
  if (!existsSync(join(page, "node_modules/vite")))
    execFileSync("npm", ["ci", "--ignore-scripts"], { cwd: page, stdio: quiet ? "pipe" : "inherit" });
  putData();
  putModels();
  return page;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensureBuildOrExit();
  preparePlayground();
  const [command = "dev", ...args] = process.argv.slice(2);
  process.exitCode = spawnSync("npm", ["run", command, "--", ...args], { cwd: page, stdio: "inherit" }).status ?? 1;
}
