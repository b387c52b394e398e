/** A run's figures, and what follows from them. */
import { CASES, type Case, flopsOf } from "./cases";

export type Build = "baseline" | "relaxed";

/** Microseconds of a call. */
export interface Timing {
  readonly min: number;
  readonly median: number;
}

export interface Row {
  readonly id: string;
  readonly times: Readonly<Partial<Record<Build, Timing>>>;
}

/** All that was measured, of the builds that this browser runs. */
export interface Figures {
  readonly builds: readonly Build[];
  readonly rows: readonly Row[];
}

/** While it is measured. */
export interface Progress {
  /** Of the whole, from 0 to 1. */
  readonly share: number;
  /** What is done now. */
  readonly now: string;
  /** Figures so far, of all cases or none. */
  readonly rows: readonly Row[];
}

export interface Result extends Figures {
  /** Milliseconds since 1970. */
  readonly date: number;
  /** "Firefox 140 on Windows" */
  readonly browser: string;
}

/** 10⁹ multiplications and additions a second, at the best. */
export function gflops(of: Case, { min }: Timing): number {
  return flopsOf(of.work) / min / 1000;
}

/** The greatest rate of a product of matrices, in whichever build; 0 where none was measured. */
export function ceilingOf(rows: readonly Row[]): number {
  const products = CASES.filter(({ work }) => work.kind === "product");
  const rates = products.flatMap((each) => Object.values(rowOf(rows, each)?.times ?? {}).map((timing) => gflops(each, timing)));
  return Math.max(0, ...rates);
}

export function rowOf(rows: readonly Row[], { id }: Case): Row | undefined {
  return rows.find((row) => row.id === id);
}

/** How many times faster relaxed is than baseline, where both were measured. */
export function ratioOf({ times: { baseline, relaxed } }: Row): number | undefined {
  return baseline && relaxed && baseline.min / relaxed.min;
}

/** Three digits that count, or all before the point. */
export function figure(value: number, useGrouping = true): string {
  const digits = Math.min(2, Math.max(0, 2 - Math.floor(Math.log10(value))));
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping });
}

/** All of it in a line, for an issue or a message. */
export function lineOf({ date, browser, builds, rows }: Result, version: string): string {
  const cases = CASES.flatMap((each) => {
    const row = rowOf(rows, each);
    const texts = builds
      .flatMap((build) => row?.times[build] ?? [])
      .map(({ min, median }) => `${figure(min, false)} (${figure(median, false)})`);
    return texts.length > 0 ? [`${each.short} ${texts.join(" | ")}`] : [];
  });
  const day = new Date(date).toISOString().slice(0, 10);
  const head = `wasm-rnn ${version}, ${browser}, ${day}, one thread, µs: minimum (median) of ${builds.join(" | ")}`;
  return `${head}: ${cases.join("; ")}; ceiling ${figure(ceilingOf(rows), false)} GFLOP/s`;
}
