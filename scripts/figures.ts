/** `npm run figures`: the figures of README and of "How it is fast", drawn from the newest results of the bench as docs/pictures/*.svg. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { drawProducts } from "./figure-products.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const RESULTS = v.object({
  machine: v.object({ cpu: v.string(), host: v.string(), date: v.string() }),
  cases: v.array(
    v.object({
      id: v.string(),
      contenders: v.record(v.string(), v.looseObject({ minMs: v.optional(v.number()), gflops: v.optional(v.number()) })),
    }),
  ),
});
export type Results = v.InferOutput<typeof RESULTS>;

/** Contenders of a case; lengths are logarithms. */
interface Figure {
  readonly file: string;
  readonly id: string;
  readonly title: string;
  /** What gave the results. */
  readonly command: string;
}

const VS = "npm run bench:vs";
const FIGURES: Readonly<Record<"vs" | "cold", readonly Figure[]>> = {
  vs: [
    { file: "step.svg", id: "lstm-step/N1-I64-H64", title: "A step of an LSTM of 64 units", command: VS },
    {
      file: "training.svg",
      id: "lstm-train/T100-N32-I128-H128",
      title: "A training step: 32 sequences of 100 steps, 128 units",
      command: VS,
    },
  ],
  cold: [
    {
      ...{ file: "start.svg", id: "cold-start/20Mbit-40ms", title: "From a click to the first prediction, over 20 Mbit/s" },
      command: "npm run bench:browser -- cold",
    },
  ],
};

/** As they are named in the figures; ours is the faster build. */
const NAMES: Readonly<Record<string, string>> = {
  "wasm-rnn/relaxed": "wasm-rnn",
  "onnxruntime-web": "ONNX Runtime Web",
  "onnxruntime-node": "ONNX Runtime, native",
  "tfjs-wasm": "TensorFlow.js, wasm",
  "tfjs-cpu": "TensorFlow.js, cpu",
  pytorch: "PyTorch, native",
  "brain.js": "brain.js",
  empty: "an empty page",
};

const [WIDTH, ROW, TOP, LEFT, RIGHT] = [640, 26, 44, 170, 90] as const;

function inWords(ms: number): string {
  if (ms < 0.1) return `${(1000 * ms).toPrecision(2)} µs`;
  if (ms < 10) return `${ms.toPrecision(2)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toPrecision(2)} s`;
}

/** Contenders by name, the fastest first; where the relaxed build was not timed, the baseline stands for ours. */
function rowsOf({ cases }: Results, id: string): { name: string; ms: number }[] {
  const contenders = cases.find((each) => each.id === id)?.contenders ?? {};
  const ours = ["wasm-rnn/relaxed", "wasm-rnn/baseline", "wasm-rnn"].map((name) => contenders[name]?.minMs).find((ms) => ms !== undefined);
  const all = Object.entries(NAMES).map(([key, name]) => ({ name, ms: name === "wasm-rnn" ? ours : contenders[key]?.minMs }));
  const rows = all.flatMap(({ name, ms }) => (ms === undefined ? [] : [{ name, ms }])).sort((a, b) => a.ms - b.ms);
  if (rows.length < 2) throw new Error(`${id}: not in the results`);
  return rows;
}

export function draw(results: Results, { id, title, command }: Figure): string {
  const rows = rowsOf(results, id);
  const [least, most] = [rows[0]?.ms as number, rows.at(-1)?.ms as number];
  const lengthOf = (ms: number) => 8 + ((WIDTH - LEFT - RIGHT - 8) * Math.log(ms / least)) / Math.log(most / least);
  const bars = rows.map(({ name, ms }, i) => {
    const y = TOP + i * ROW;
    const own = name === "wasm-rnn" ? ' class="own"' : "";
    return [
      `<text x="${LEFT - 8}" y="${y + 14}" text-anchor="end"${own}>${name}</text>`,
      `<rect x="${LEFT}" y="${y}" width="${lengthOf(ms).toFixed(1)}" height="${ROW - 7}" rx="3"${own}/>`,
      `<text x="${(LEFT + lengthOf(ms) + 6).toFixed(1)}" y="${y + 14}"${own}>${inWords(ms)}</text>`,
    ].join("\n  ");
  });
  const { cpu, host, date } = results.machine;
  const height = TOP + rows.length * ROW + 22;
  const said = rows.map(({ name, ms }) => `${name} ${inWords(ms)}`).join(", ");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${title}: ${said}">
  <style>
    text { font: 13px system-ui, sans-serif; fill: #444c56 } .title { font-weight: 600; font-size: 15px } .note { font-size: 11px }
    rect { fill: #a3adb8 } rect.own { fill: #0b68cb } text.own { font-weight: 600; fill: #0b68cb }
    @media (prefers-color-scheme: dark) { text { fill: #c3cbd4 } rect { fill: #57606a } rect.own { fill: #5eb0ef } text.own { fill: #5eb0ef } }
  </style>
  <text x="0" y="18" class="title">${title}</text>
  <text x="0" y="34" class="note">less is better; lengths are logarithms</text>
  ${bars.join("\n  ")}
  <text x="0" y="${height - 4}" class="note">${date}, ${host}, ${cpu}, one thread; ${command}</text>
</svg>
`;
}

/** Of a suffix, as "vs". */
function newest(kind: string): Results {
  const name = readdirSync(join(root, "bench/results"))
    .filter((each) => each.endsWith(`-${kind}.json`))
    .sort()
    .at(-1) as string;
  return v.parse(RESULTS, JSON.parse(readFileSync(join(root, "bench/results", name), "utf8")));
}

/** Every figure by its file. */
export function figures(): Map<string, string> {
  const compared = (["vs", "cold"] as const).flatMap((kind) => {
    const results = newest(kind);
    return FIGURES[kind].map((figure) => [figure.file, draw(results, figure)] as const);
  });
  return new Map([...compared, ["roofline.svg", drawProducts(newest("kernels"))]]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = join(root, "docs/pictures");
  mkdirSync(folder, { recursive: true });
  for (const [file, svg] of figures()) writeFileSync(join(folder, file), svg);
}
