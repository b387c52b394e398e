/** `npm run size`: the binaries and the bundles, raw and gzipped. Fails when the baseline outgrows its budget. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { ensureBuild } from "./ensure-build.js";

const LIMIT = { file: "build/baseline.wasm", bytes: 40 * 1024 };

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
ensureBuild();
const rows = [
  ...readdirSync("build")
    .filter((name) => name.endsWith(".wasm"))
    .sort()
    .map((name) => `build/${name}`),
  ...readdirSync("dist")
    .filter((name) => name.endsWith(".js"))
    .sort()
    .map((name) => `dist/${name}`),
].map((file) => {
  const bytes = readFileSync(join(file));
  return { file: file.replace(/-[A-Z0-9]{8}\.js$/, "-*.js"), raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
});

const width = Math.max(...rows.map(({ file }) => file.length));
const cells = (file: string, raw: string, gzip: string) => console.log(`${file.padEnd(width)}  ${raw.padStart(10)}  ${gzip.padStart(10)}`);
const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;
cells("", "raw", "gzipped");
for (const { file, raw, gzip } of rows) cells(file, kilobytes(raw), kilobytes(gzip));

const gzip = rows.find(({ file }) => file === LIMIT.file)?.gzip;
if (gzip === undefined) throw new Error(`no ${LIMIT.file}`);
if (gzip > LIMIT.bytes) {
  console.error(`${LIMIT.file}: expected at most ${kilobytes(LIMIT.bytes)} gzipped, got ${kilobytes(gzip)}`);
  process.exitCode = 1;
}
