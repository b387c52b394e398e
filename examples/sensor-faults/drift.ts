/** Other weather: slow waves under a mote's readings, so that what is learned does not take a warm or damp afternoon for steam. */
import type { Generator } from "wasm-rnn";
import type { Reading } from "./data.js";

const WAVES = 3;
/** Of one wave at most: degrees and per cent. */
const HEIGHTS = [2, 8] as const;
/** A wave lasts so many readings, from 25 minutes, and up to 16 times as many. */
const SHORTEST = 300;
const DOUBLINGS = 4;

/** The same labels, other readings. */
export function drifted(mote: readonly Reading[], random: Generator): Reading[] {
  const [warmth, damp] = HEIGHTS.map((height) =>
    Array.from({ length: WAVES }, () => ({
      height: height * (2 * random.uniform() - 1),
      readings: SHORTEST * 2 ** (DOUBLINGS * random.uniform()),
      phase: 2 * Math.PI * random.uniform(),
    })),
  ) as [Wave[], Wave[]];
  return mote.map(({ temperature, humidity, label }, t) => ({
    temperature: temperature + sumAt(warmth, t),
    humidity: humidity + sumAt(damp, t),
    label,
  }));
}

interface Wave {
  readonly height: number;
  readonly readings: number;
  readonly phase: number;
}

function sumAt(waves: readonly Wave[], t: number): number {
  return waves.reduce((sum, { height, readings, phase }) => sum + height * Math.sin((2 * Math.PI * t) / readings + phase), 0);
}
