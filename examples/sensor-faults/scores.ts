/** How good alarms are. */
import { pairedInterval, sumOver } from "../shared/interval.js";
import type { Place } from "./data.js";

/** Readings of one mote that are drawn together, 20 minutes: faults last. */
const BLOCK = 240;

/** One number for each reading of each mote: beyond a threshold it is an alarm. */
export type Levels = readonly ArrayLike<number>[];

/** Alarms that are right, all alarms, all faulty readings; of each block. */
export interface Counts {
  readonly hits: number[];
  readonly alarms: number[];
  readonly faults: number[];
}

export function countsOf({ motes }: Pick<Place, "motes">, levels: Levels, threshold: number): Counts {
  const counts: Counts = { hits: [], alarms: [], faults: [] };
  for (const [m, mote] of motes.entries()) {
    for (let from = 0; from < mote.length; from += BLOCK) {
      let [hits, alarms, faults] = [0, 0, 0];
      for (let i = from; i < Math.min(from + BLOCK, mote.length); i++) {
        const { label } = mote[i] as { label: number };
        const isAlarm = (levels[m]?.[i] as number) > threshold;
        faults += label;
        alarms += Number(isAlarm);
        hits += Number(isAlarm && label === 1);
      }
      counts.hits.push(hits);
      counts.alarms.push(alarms);
      counts.faults.push(faults);
    }
  }
  return counts;
}

export function together(all: readonly Counts[]): Counts {
  const joined = (name: keyof Counts) => all.flatMap((counts) => counts[name]);
  return { hits: joined("hits"), alarms: joined("alarms"), faults: joined("faults") };
}

export function f1Of({ hits, alarms, faults }: Counts, drawn?: Int32Array): number {
  const sum = (values: number[]) => (drawn ? sumOver(drawn, values) : values.reduce((a, b) => a + b, 0));
  return (2 * sum(hits)) / Math.max(1, sum(alarms) + sum(faults));
}

export function precisionOf({ hits, alarms }: Counts): number {
  return sum(hits) / Math.max(1, sum(alarms));
}

export function recallOf({ hits, faults }: Counts): number {
  return sum(hits) / Math.max(1, sum(faults));
}

/** By how much the F1 of ours is greater, over readings drawn anew in blocks. */
export function intervalOf(ours: Counts, other: Counts, seed: number): [number, number] {
  return pairedInterval(ours.hits.length, (drawn) => f1Of(ours, drawn) - f1Of(other, drawn), seed);
}

/** The threshold with the best F1 over some places; of those that are as good, the middle one. */
export function bestThreshold(
  places: readonly Place[],
  levels: readonly Levels[],
  thresholds: readonly number[],
): { threshold: number; f1: number } {
  const f1s = thresholds.map((threshold) => f1Of(together(places.map((place, p) => countsOf(place, levels[p] as Levels, threshold)))));
  const f1 = Math.max(...f1s);
  const best = thresholds.filter((_, i) => f1s[i] === f1);
  return { threshold: best[Math.floor(best.length / 2)] as number, f1 };
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
