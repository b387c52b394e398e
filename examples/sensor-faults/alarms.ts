/** How good alarms are, and the threshold that a network must beat. */
import type { Place, Reading } from "./data.js";

export interface Scores {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly faults: number;
  readonly readings: number;
}

/** @param alarm asked reading after reading; `first` where another mote begins */
export function scoresOf({ motes }: Place, alarm: (reading: Reading, first: boolean) => boolean): Scores {
  let [hits, alarms] = [0, 0];
  for (const mote of motes) {
    for (const [i, reading] of mote.entries()) {
      if (!alarm(reading, i === 0)) continue;
      alarms++;
      hits += reading.label;
    }
  }
  const all = motes.flat();
  const faults = all.filter(({ label }) => label === 1).length;
  const f1 = (2 * hits) / (alarms + faults);
  return { precision: hits / Math.max(1, alarms), recall: hits / faults, f1, faults, readings: all.length };
}

/** An alarm where temperature and humidity lie far from their running means. */
export function beyond(threshold: number): (reading: Reading) => boolean {
  return ({ x: [temperature = 0, humidity = 0] }) => Math.hypot(temperature, humidity) > threshold;
}

/** The threshold with the best F1 in a place. */
export function bestThreshold(place: Place): number {
  const thresholds = Array.from({ length: 119 }, (_, i) => (i + 1) / 4);
  const f1s = thresholds.map((threshold) => scoresOf(place, beyond(threshold)).f1);
  return thresholds[f1s.indexOf(Math.max(...f1s))] as number;
}
