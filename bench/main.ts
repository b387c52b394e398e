/** npm run bench [-- filter] [--quick] [--json FILE]: kernels and layers on every build this host runs. */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { createRuntime } from "wasm-rnn";
import { type Case, measure, type Timing } from "./harness.js";
import { activationCases } from "./kernels/activations.js";
import { gemmCases } from "./kernels/gemm.js";
import { rooflineCases } from "./kernels/roofline.js";
import { recurrentCases } from "./layers/recurrent.js";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { quick: { type: "boolean" }, json: { type: "string" } } });
const seconds = values.quick ? 0.1 : 0.6;

const builds = ["baseline", ...((await hasRelaxed()) ? ["relaxed"] : [])] as ("baseline" | "relaxed")[];
const roofline: Case[] = [];
const cases: Case[] = [];
/** GFLOP/s of the register-only loop, by contender. */
const peak = new Map<string, number>();
for (const build of builds) {
  const rt = await createRuntime({ build });
  roofline.push(...rooflineCases(build));
  cases.push(...gemmCases(build), ...activationCases(build), ...recurrentCases(rt, "f32"), ...recurrentCases(rt, "f64"));
}
const wanted = cases.filter(({ id, contender }) => positionals.every((word) => `${id} ${contender}`.includes(word)));
if (wanted.length === 0) {
  console.error(`no case matches "${positionals.join(" ")}"`);
  process.exit(1);
}

console.log(
  `Node ${process.version}, ${cpus()[0]?.model}. Minimum and median of interleaved rounds; one thread; % of the measured roofline.\n`,
);
const results: Record<string, unknown>[] = [];
const all = [...roofline, ...wanted];
for (const id of new Set(all.map((one) => one.id))) {
  const group = all.filter((one) => one.id === id);
  for (const one of group) one.validate();
  for (const [one, timing] of measure(group, seconds)) report(one, timing);
}
if (values.json) {
  const machine = { cpu: cpus()[0]?.model, node: process.version, date: new Date().toISOString().slice(0, 10) };
  writeFileSync(values.json, `${JSON.stringify({ machine, cases: results }, null, 1)}\n`);
}

function report(one: Case, { minMs, medianMs }: Timing): void {
  const gflops = one.flops / minMs / 1e6;
  if (one.id === "roofline/flops") peak.set(one.contender, gflops);
  const share = gflops / (peak.get(one.contender) ?? Number.NaN);
  const rate = one.elements
    ? `${(one.elements / minMs / 1e6).toFixed(2)} elements/ns`
    : one.bytes
      ? `${(one.bytes / minMs / 1e6).toFixed(0)} GB/s`
      : `${gflops.toFixed(1)} GFLOP/s ${`${Math.round(share * 100)}`.padStart(3)} %`;
  console.log(`${one.id.padEnd(44)} ${one.contender.padEnd(13)} min ${time(minMs)}  median ${time(medianMs)}  ${rate.padStart(20)}`);
  results.push({ id: one.id, contender: one.contender, minMs, medianMs, ...(one.flops ? { gflops, roofline: share } : {}) });
}

function time(ms: number): string {
  return ms < 1 ? `${(ms * 1000).toFixed(2).padStart(7)} µs` : `${ms.toFixed(3).padStart(7)} ms`;
}

async function hasRelaxed(): Promise<boolean> {
  try {
    (await createRuntime({ build: "relaxed" })).dispose();
    return true;
  } catch {
    return false;
  }
}
