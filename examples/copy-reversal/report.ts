/** With attention beside without, and beside guessing. */
import pc from "picocolors";
import { pairedInterval, sumOver } from "../shared/interval.js";
import type { Baseline, Measure, Result } from "../shared/results.js";
import { scoreOf, type Task } from "./data.js";
import type { Kind } from "./model.js";
import type { Options } from "./options.js";

export interface Row {
  readonly task: Task;
  readonly kind: Kind;
  readonly seed: number;
  readonly said: readonly (readonly number[])[];
  readonly wanted: readonly (readonly number[])[];
}

export const percent = (share: number) => `${(100 * share).toFixed(1).padStart(5)} %`;

/** The table: one line for each task and network, all seeds side by side. @param batch what a step learns from */
export function table(rows: readonly Row[], { symbols, steps, seeds }: Options, batch: string): string[] {
  const lines = [
    `  ${pc.bold(`after ${steps} steps of ${batch}`)} ${pc.dim(`on ${rows[0]?.wanted.length} that were not learned`)}`,
    pc.dim(`  ${"".padEnd(24)}${"tokens right".padEnd(10 * seeds.length + 4)}whole sequences right`),
  ];
  for (const { task, kind } of rows.filter((row) => row.seed === seeds[0])) {
    const scores = rows.filter((row) => row.task === task && row.kind === kind).map(({ said, wanted }) => scoreOf(said, wanted));
    const columns = (name: "tokens" | "sequences") => scores.map((score) => percent(score[name]).padEnd(10)).join("");
    lines.push(
      `  ${task.padEnd(8)} ${kind.padEnd(14)} ${columns("tokens").padEnd(10 * seeds.length + 4)}${columns("sequences").trimEnd()}`,
    );
  }
  return [...lines, pc.dim(`  guessing: ${percent(1 / symbols).trim()} of the tokens`)];
}

/** Of one seed: both tasks, whole sequences and tokens, with attention and without. */
export function resultOf(rows: readonly Row[], { seed, seconds }: { seed: number; seconds: number }): Result {
  const measures = rows
    .filter(({ kind }) => kind === "with attention")
    .flatMap((ours) => {
      const other = rows.find(({ task, kind }) => task === ours.task && kind === "without") as Row;
      return [measureOf(ours, other, "sequences", seed), measureOf(ours, other, "tokens", seed)];
    });
  const tokens = rows[0]?.wanted[0]?.length;
  return { example: "copy-reversal", data: `made: ${tokens} random tokens of ten`, split: "sequences drawn anew", seed, seconds, measures };
}

function measureOf(ours: Row, other: Row, name: "sequences" | "tokens", seed: number): Measure {
  const [own, without] = [ours, other].map(({ said, wanted }) =>
    wanted.map((target, i) => 100 * scoreOf([said[i] as readonly number[]], [target])[name]),
  ) as [number[], number[]];
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const better = (drawn: Int32Array) => (sumOver(drawn, own) - sumOver(drawn, without)) / drawn.length;
  const baselines: Baseline[] = [{ name: "without", value: mean(without), interval: pairedInterval(own.length, better, seed) }];
  const guessing = name === "tokens" ? [{ name: "guessing", value: 10 }] : [];
  const what = name === "sequences" ? "whole sequences right" : "tokens right";
  return {
    ...{ name: `${ours.task}: ${what}`, unit: "%", digits: 1, better: "higher", value: mean(own) },
    baselines: [...baselines, ...guessing],
  };
}
