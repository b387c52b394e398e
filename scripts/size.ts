/** `npm run size`: what a page loads, by what it does, and the files that are packed, raw and gzipped. Fails when a row outgrows its limit. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { ensureBuild } from "./ensure-build.js";

interface App {
  readonly name: string;
  readonly source: string;
  /** The binaries that it loads; relaxed and baseline differ by a few bytes. */
  readonly binaries: readonly string[];
  /** Bytes, gzipped: JavaScript, minified, and the binaries. */
  readonly limit: number;
}

const KB = 1024;

const APPS: readonly App[] = [
  {
    name: "run one recurrent model",
    source: `
      import { createRuntime, LSTM } from "wasm-rnn";
      const rt = await createRuntime();
      const lstm = new LSTM(rt, { inputSize: 3, hiddenSize: 64 });
      lstm.stream().step();
      console.log(lstm.forward(rt.zeros([5, 1, 3])).output.toArray());`,
    binaries: ["relaxed-f32"],
    limit: 40 * KB,
  },
  {
    name: "train one with fit",
    source: `
      import { Adam, createRuntime, Dense, fit, LastStep, LSTM, MSELoss, Sequential } from "wasm-rnn";
      const rt = await createRuntime();
      const [lstm, head] = [new LSTM(rt, { inputSize: 1, hiddenSize: 64 }), new Dense(rt, { inputSize: 64, outputSize: 1 })];
      const model = new Sequential(rt, { lstm, last: new LastStep(rt), head });
      await fit(model, { data: globalThis.samples, loss: new MSELoss(rt), optimizer: new Adam(model.parameters()), epochs: 9 });
      console.log(model.save());`,
    binaries: ["relaxed-f32"],
    limit: 78 * KB,
  },
  {
    name: "run one with int8",
    source: `
      import { createRuntime, LSTM } from "wasm-rnn";
      import { loadInt8 } from "wasm-rnn/int8";
      const rt = await createRuntime();
      await loadInt8(rt);
      const lstm = new LSTM(rt, { inputSize: 3, hiddenSize: 64, weights: "int8" });
      lstm.stream().step();`,
    binaries: ["relaxed-f32", "relaxed-int8"],
    limit: 52 * KB,
  },
  {
    name: "run one of ONNX",
    source: `
      import { createRuntime } from "wasm-rnn";
      import { loadOnnx } from "wasm-rnn/onnx";
      const rt = await createRuntime();
      const session = await loadOnnx(rt, globalThis.bytes);
      console.log(session.stream().step({ input: rt.zeros([1, 576]) }));`,
    binaries: ["relaxed-f32", "relaxed-ops-f32"],
    limit: 125 * KB,
  },
  {
    name: "f64, everything",
    source: `
      import * as everything from "wasm-rnn";
      import * as notebook from "wasm-rnn/notebook";
      console.log(everything, notebook);`,
    binaries: ["relaxed"],
    limit: 110 * KB,
  },
];

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
ensureBuild();
const zipped = (bytes: Uint8Array) => gzipSync(bytes, { level: 9 }).length;
const kilobytes = (bytes: number) => `${(bytes / KB).toFixed(1)} KB`;
const cells = (...texts: string[]) => console.log(texts.map((text, i) => (i === 0 ? text.padEnd(26) : text.padStart(11))).join(""));

cells("what a page loads, gzipped", "JavaScript", "binaries", "together", "limit");
for (const app of APPS) {
  const [code, binary] = await loadedBy(app);
  cells(app.name, kilobytes(code), kilobytes(binary), kilobytes(code + binary), kilobytes(app.limit));
  if (code + binary <= app.limit) continue;
  console.error(`${app.name}: expected at most ${kilobytes(app.limit)}, got ${kilobytes(code + binary)}`);
  process.exitCode = 1;
}

console.log();
cells("the package's files", "raw", "gzipped");
for (const file of filesOf("build", ".wasm").concat(filesOf("dist", ".js"))) {
  const bytes = readFileSync(file);
  cells(file, kilobytes(bytes.length), kilobytes(zipped(bytes)));
}

/** Gzipped bytes of an app as a bundler makes it: what is loaded at the start, and the binaries that are then. */
async function loadedBy({ source, binaries }: App): Promise<[number, number]> {
  const { outputFiles, metafile } = await esbuild.build({
    stdin: { contents: source, resolveDir: process.cwd() },
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    outdir: "out",
    write: false,
    metafile: true,
    logLevel: "error",
  });
  const outputs = Object.entries(metafile.outputs);
  const sizes = new Map(outputFiles.map(({ contents }, i) => [outputs[i]?.[0], zipped(contents)]));
  const entry = outputs.find(([, { entryPoint }]) => entryPoint === "<stdin>")?.[0];
  if (!entry) throw new Error("no output for the app");
  const wanted = new Set([entry]);
  for (const path of wanted) {
    for (const { path: next, kind } of metafile.outputs[path]?.imports ?? []) if (kind === "import-statement") wanted.add(next);
  }
  const sumOf = (paths: Iterable<string>) => [...paths].reduce((sum, path) => sum + (sizes.get(path) as number), 0);
  const chunkOf = (binary: string) => {
    const chunk = outputs.find(([, { entryPoint }]) => entryPoint?.endsWith(`/${binary}.js`))?.[0];
    if (!chunk) throw new Error(`no output for ${binary}`);
    return chunk;
  };
  return [sumOf(wanted), sumOf(binaries.map(chunkOf))];
}

function filesOf(folder: string, ending: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => `${folder}/${name}`);
}
