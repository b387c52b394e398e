/** The cases of every build a host runs, timed and reported: the same in Node and in a page. */
import { createRuntime } from "wasm-rnn";
import { type Case, measure, type Timing } from "./harness.js";
import { activationCases } from "./kernels/activations.js";
import { attentionCases } from "./kernels/attention.js";
import { gemmCases } from "./kernels/gemm.js";
import { pictureCases } from "./kernels/operators-pictures.js";
import { shapeCases } from "./kernels/operators-shape.js";
import { passCases } from "./kernels/passes.js";
import { LOOPS, type Loop, rooflineCase } from "./kernels/roofline.js";
import { lossCases } from "./layers/losses.js";
import { lstmpCases } from "./layers/lstmp.js";
import { recurrentCases } from "./layers/recurrent.js";

export type Build = "baseline" | "relaxed";

/** What one contender reached in one case. */
export interface Figures {
  readonly minMs: number;
  readonly medianMs: number;
  readonly gflops?: number;
  /** Share of the roofline of the same build and element type, measured in the same run. */
  readonly roofline?: number;
  readonly gigabytesPerSecond?: number;
  readonly elementsPerNs?: number;
}

export interface CaseResult {
  readonly id: string;
  readonly contenders: Record<string, Figures | Record<string, number>>;
  /** How many times faster the relaxed build is than the baseline. */
  readonly ratios: Record<string, number>;
}

/** Builds that this host runs. */
export async function runnableBuilds(): Promise<Build[]> {
  try {
    (await createRuntime({ build: "relaxed" })).dispose();
    return ["baseline", "relaxed"];
  } catch {
    return ["baseline"];
  }
}

export interface SuiteOptions {
  readonly builds: readonly Build[];
  /** The bytes of a build, and of its operators. */
  readonly binary: (name: Build | `${Build}-ops`) => Promise<Uint8Array>;
  /** The bytes of a loop of the roofline. */
  readonly loop: (build: Build, loop: Loop) => Promise<Uint8Array>;
  readonly quick: boolean;
  /** Every word must occur in "id contender". */
  readonly words: readonly string[];
  readonly print: (line: string) => void;
}

/** @returns nothing when no case matches @throws when a result is wrong */
export async function runSuite({ builds, binary, loop, quick, words, print }: SuiteOptions): Promise<CaseResult[]> {
  const roofline: Case[] = [];
  const cases: Case[] = [];
  for (const build of builds) {
    const bytes = await binary(build);
    for (const dtype of ["f32", "f64"] as const) cases.push(...(await lstmpCases(await createRuntime({ build, dtype }), dtype, quick)));
    for (const name of LOOPS) roofline.push(rooflineCase(build, name, await loop(build, name)));
    const operators = await binary(`${build}-ops`);
    cases.push(
      ...gemmCases(build, bytes),
      ...activationCases(build, bytes, operators),
      ...shapeCases(build, bytes, operators),
      ...pictureCases(build, operators),
      ...attentionCases(build, operators),
      ...passCases(build, bytes),
      ...(await lossCases(await createRuntime({ build }))),
    );
    for (const dtype of ["f32", "f64"] as const) cases.push(...(await recurrentCases(await createRuntime({ build, dtype }), dtype, quick)));
  }
  const wanted = cases.filter(({ id, contender }) => words.every((word) => `${id} ${contender}`.includes(word)));
  if (wanted.length === 0) return [];
  const peaks = new Map<string, number>();
  const results: CaseResult[] = [];
  for (const [id, group] of grouped([...roofline, ...wanted])) {
    for (const one of group) one.validate();
    const contenders: Record<string, Figures> = {};
    for (const [one, timing] of measure(group, quick ? 0.06 : 0.6)) {
      const figures = judge(one, timing, peaks);
      contenders[one.contender] = figures;
      print(line(one, figures));
    }
    const { "wasm-rnn/baseline": baseline, "wasm-rnn/relaxed": relaxed } = contenders;
    results.push({ id, contenders, ratios: baseline && relaxed ? { "relaxed over baseline": baseline.minMs / relaxed.minMs } : {} });
  }
  return results;
}

function grouped(cases: readonly Case[]): Map<string, Case[]> {
  const groups = new Map<string, Case[]>();
  for (const one of cases) groups.set(one.id, [...(groups.get(one.id) ?? []), one]);
  return groups;
}

function judge(one: Case, { minMs, medianMs }: Timing, peaks: Map<string, number>): Figures {
  const gflops = one.flops / minMs / 1e6;
  const key = `${one.contender} ${one.id.endsWith("-f64") ? "f64" : "f32"}`;
  if (one.id.startsWith("roofline/flops")) peaks.set(key, gflops);
  const peak = peaks.get(key);
  return {
    minMs,
    medianMs,
    ...(one.flops ? { gflops, ...(peak ? { roofline: gflops / peak } : {}) } : {}),
    ...(one.bytes ? { gigabytesPerSecond: one.bytes / minMs / 1e6 } : {}),
    ...(one.elements ? { elementsPerNs: one.elements / minMs / 1e6 } : {}),
  };
}

function line(one: Case, { minMs, medianMs, gflops, roofline, gigabytesPerSecond, elementsPerNs }: Figures): string {
  const rates = [
    gflops === undefined ? "" : `${gflops.toFixed(1)} GFLOP/s`,
    roofline === undefined ? "" : `${Math.round(100 * roofline)} %`.padStart(4),
    gigabytesPerSecond === undefined ? "" : `${gigabytesPerSecond.toFixed(0)} GB/s`,
    elementsPerNs === undefined ? "" : `${elementsPerNs.toFixed(2)} elements/ns`,
  ];
  const name = `${one.id.padEnd(36)} ${one.contender.padEnd(17)}`;
  return `${name} min ${time(minMs)}  median ${time(medianMs)}  ${rates.filter(Boolean).join("  ")}`;
}

export function time(ms: number): string {
  return ms < 1 ? `${(ms * 1000).toFixed(2).padStart(7)} µs` : `${ms.toFixed(3).padStart(7)} ms`;
}
