/**
 * npm run bench:vs [-- filter] [--quick] [--json FILE]: the same cases on this package and its peers, interleaved round
 * by round, so that the machine's moods hit all alike. Peers that take the same weights must give the same outputs first.
 */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { geomeans } from "../geomeans.js";
import { measurePeaks } from "../kernels/peak.js";
import { coldStart } from "./cold.js";
import type { Comparison, Contender, Data, Prepared, Result, Timed } from "./contender.js";
import { int8 } from "./int8.js";
import { type Memory, memoryLine, peakMemory } from "./memory.js";
import { brainJs } from "./peers/brain.js";
import { onnxruntime } from "./peers/onnxruntime.js";
import { pytorch } from "./peers/pytorch.js";
import { tfjs } from "./peers/tfjs.js";
import { wasmRnn } from "./peers/wasm-rnn.js";
import { ratios, table } from "./report.js";
import { detectors } from "./vad.js";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { quick: { type: "boolean" }, json: { type: "string" } } });
/** Stacked gates of a cell. */
const GATES = { lstm: 4, gru: 3, rnn: 1 };
/** Seconds a case and contender may take, and the least number of rounds. */
const [SECONDS, ROUNDS] = values.quick ? [0.06, 2] : [0.6, 5];
/** A contender whose one call takes longer than this is timed once a round, in few rounds. */
const SLOW_MS = 500;

const contenders: Contender[] = [];
for (const make of [
  () => wasmRnn("baseline"),
  () => wasmRnn("relaxed"),
  () => onnxruntime("onnxruntime-web"),
  () => onnxruntime("onnxruntime-node"),
  () => tfjs("wasm"),
  () => tfjs("cpu"),
  () => brainJs(),
  () => pytorch(),
]) {
  try {
    contenders.push(await make());
  } catch (error) {
    console.error(`left out: ${firstLine(error)}`);
  }
}

/** Of this package, what runs here. */
const builds = contenders.filter(({ name }) => name.startsWith("wasm-rnn/")).map(({ name }) => name.slice("wasm-rnn/".length));
const peaks = measurePeaks(builds, SECONDS);
/** What a peer's share is of: the greatest that WebAssembly reaches here. Native peers may exceed it. */
const greatest = Math.max(...Object.values(peaks));

const results: Result[] = [];
for (const one of cases()) results.push(await run(one));
if (positionals.every((word) => "int8-lstm".includes(word))) {
  try {
    results.push(...(await int8(builds, SECONDS)));
  } catch (error) {
    console.error(`int8-lstm: ${firstLine(error)}`);
  }
}
if (positionals.every((word) => "silero-vad".includes(word))) {
  try {
    results.push(await detectors(builds, SECONDS));
  } catch (error) {
    console.error(`silero-vad: ${firstLine(error)}`); // such as a network that cannot be fetched: the others' times stand
  }
}
console.log(table(results));
if (positionals.every((word) => "cold-start".includes(word))) {
  const cold = coldStart(values.quick ? 3 : 9);
  results.push(cold);
  const times = Object.entries(cold.contenders).map(([name, { minMs, medianMs }]) => {
    return `${name} ${minMs.toFixed(1)} ms (median ${medianMs.toFixed(1)})`;
  });
  console.log(`cold start: ${times.join(", ")}`);
}
const memories: Memory[] = [];
if (positionals.every((word) => "peak-memory".includes(word)) && contenders.some(({ name }) => name === "pytorch")) {
  for (const size of [
    { T: 100, N: 32, H: 128 },
    { T: 100, N: 64, H: 256 },
  ]) {
    const memory = await peakMemory(size);
    memories.push(memory);
    console.log(memoryLine(memory));
  }
}
const all = [...results, ...memories];
for (const [peer, means] of Object.entries(geomeans(all))) console.log(`${peer}: ${JSON.stringify(means)}`);
if (values.json) {
  const machine = { cpu: cpus()[0]?.model, host: `Node ${process.version}`, date: new Date().toISOString().slice(0, 10) };
  writeFileSync(values.json, `${JSON.stringify({ machine, cases: all, geomeans: geomeans(all) }, null, 1)}\n`);
}
for (const contender of contenders) contender.close?.();
process.exit(0); // peers leave workers and timers behind

/** A contender on its way through a case. */
interface Running {
  readonly contender: Contender;
  readonly prepared: Prepared;
  readonly samples: number[];
  /** Of one call, and calls of a sample. */
  ms: number;
  calls: number;
}

function firstLine(error: unknown): string {
  return String((error as Error).message).split("\n")[0] as string;
}

function cases(): Comparison[] {
  const list: Comparison[] = [];
  for (const kind of ["lstm", "gru", "rnn"] as const) {
    const sizes = values.quick ? (kind === "lstm" ? [64, 128] : [64]) : [64, 128, 256, 512];
    for (const H of sizes) list.push({ id: `${kind}-step/N1-I${H}-H${H}`, kind, mode: "step", T: 1, N: 1, I: H, H });
    for (const mode of ["forward", "train"] as const) {
      for (const N of values.quick || kind !== "lstm" ? [1] : [1, 32, 64]) {
        for (const H of sizes) list.push({ id: `${kind}-${mode}/T100-N${N}-I${H}-H${H}`, kind, mode, T: 100, N, I: H, H });
      }
    }
  }
  return list.filter(({ id }) => positionals.every((word) => id.includes(word)));
}

async function run(one: Comparison): Promise<Result> {
  const data = inputs(one);
  const running: Running[] = [];
  for (const contender of contenders.filter((c) => c.supports(one))) {
    try {
      running.push({ contender, prepared: await contender.prepare(one, data), samples: [], ms: 0, calls: 1 });
    } catch (error) {
      console.error(`${one.id}: ${contender.name}: ${firstLine(error)}`);
    }
  }
  const wanted = (await running[0]?.prepared.output?.()) ?? [];
  for (const { contender, prepared } of running) {
    if (prepared.output) compare(`${one.id} ${contender.name}`, await prepared.output(), wanted);
  }
  for (const each of running) await warmUp(each);
  const deadline = performance.now() + running.length * SECONDS * 1000;
  for (let round = 0; round < ROUNDS || performance.now() < deadline; round++) {
    for (const each of running) {
      if (each.ms > SLOW_MS && each.samples.length >= 2) continue;
      each.samples.push(await each.prepared.time(each.calls));
    }
  }
  const multiplied = one.mode === "train" ? 2 * one.I + 3 * one.H : one.I + one.H; // no dX in training
  const flops = 2 * one.T * one.N * GATES[one.kind] * one.H * multiplied;
  const timed: Record<string, Timed> = {};
  for (const { contender, prepared, samples } of running) {
    const sorted = samples.sort((a, b) => a - b);
    const [minMs, medianMs] = [sorted[0] as number, sorted[sorted.length >> 1] as number];
    const gflops = flops / minMs / 1e6;
    timed[contender.name] = { minMs, medianMs, gflops, roofline: gflops / (peaks[contender.name] ?? greatest) };
    await prepared.dispose();
  }
  const line = Object.entries(timed).map(
    ([name, { minMs }]) => `${name} ${minMs < 1 ? `${(minMs * 1000).toFixed(1)} µs` : `${minMs.toFixed(2)} ms`}`,
  );
  console.error(`${one.id}: ${line.join(" · ")}`);
  return { id: one.id, contenders: timed, ratios: ratios(timed) };
}

/** Runs until V8 has optimised; how many calls make a sample of about 5 ms. */
async function warmUp(each: Running): Promise<void> {
  each.ms = await each.prepared.time(1);
  const until = performance.now() + Math.min(200, SECONDS * 500);
  while (performance.now() < until) each.ms = Math.min(each.ms, await each.prepared.time(Math.max(1, Math.round(2 / each.ms))));
  each.calls = Math.max(1, Math.round(5 / each.ms));
}

/** Numbers that are the same every time. */
function inputs({ kind, T, N, I, H }: Comparison): Data {
  const G = GATES[kind];
  let at = 0;
  const numbers = (length: number, scale: number) =>
    Float32Array.from({ length }, () => (((at++ * 2654435761) >>> 0) / 2 ** 32 - 0.5) * scale);
  const k = 2 / Math.sqrt(H);
  const weights = { wih: numbers(G * H * I, k), whh: numbers(G * H * H, k), bih: numbers(G * H, k), bhh: numbers(G * H, k) };
  return { weights, x: numbers(T * N * I, 2), dY: numbers(T * N * H, 0.01) };
}

function compare(what: string, got: ArrayLike<number>, wanted: ArrayLike<number>): void {
  let worst = 0;
  for (let i = 0; i < got.length; i++) worst = Math.max(worst, Math.abs((got[i] as number) - (wanted[i] as number)));
  if (!(worst < 1e-4)) throw new Error(`${what}: outputs differ by ${worst}`);
}
