/**
 * `npm run examples:models [-- FILE …]`: models as they are shipped with a page: the weights as F16, half the bytes. They load as they are.
 * Without files, all that full runs have saved in models/; written to models/f16/. Optimizers' states are not models: checkpoints are refused.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import pc from "picocolors";
import { halved } from "./halved.js";

const FOLDER = "models";
const files = process.argv.length > 2 ? process.argv.slice(2) : saved();
const out = join(FOLDER, "f16");
mkdirSync(out, { recursive: true });
for (const file of files) {
  const bytes = readFileSync(file);
  const half = halved(bytes);
  writeFileSync(join(out, basename(file)), half);
  const [before, after, gzipped] = [bytes, half, gzipSync(half)].map(({ length }) => `${(length / 1000).toFixed(0)} KB`);
  console.log(`${basename(file)}  ${pc.dim(`${before} →`)} ${pc.bold(after)} ${pc.dim(`(${gzipped} gzipped)`)}`);
}

function saved(): string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".safetensors"))
    .map((name) => join(FOLDER, name));
}
