/** What a mote can know of a reading from those before it. */

/** A mean over so many of the last readings; to it no reading is farther away than the limit, so that steam itself moves it little. */
export interface RunningMean {
  readonly memory: number;
  readonly limit: number;
}

const MEANS: readonly RunningMean[] = [
  { memory: 5, limit: Number.POSITIVE_INFINITY },
  { memory: 50, limit: 2 },
];
/** Numbers of a reading: for temperature and humidity each, the change since the last reading and the distance from each mean. */
export const FEATURES = 2 * (1 + MEANS.length);
/** Degrees and per cent that count alike. */
const UNITS = [0.25, 0.5] as const;

/** @returns the distance of each value from the mean of those before it */
export function distances(values: readonly number[], { memory, limit }: RunningMean): Float64Array {
  let mean = values[0] ?? 0;
  return Float64Array.from(values, (value) => {
    const distance = value - mean;
    mean += Math.max(-limit, Math.min(limit, distance)) / memory;
    return distance;
  });
}

/** Follows one mote. */
export class Follower {
  #last: readonly [number, number] | undefined;
  readonly #means: number[] = [];

  /** @returns FEATURES numbers, great ones pressed together: asinh is a line near 0 and a logarithm far from it */
  next(temperature: number, humidity: number): number[] {
    const now = [temperature, humidity] as const;
    const last = this.#last ?? now;
    this.#last = now;
    return now.flatMap((value, i) => {
      const from = MEANS.map(({ memory, limit }, m) => {
        const at = MEANS.length * i + m;
        const distance = value - (this.#means[at] ?? value);
        this.#means[at] = value - distance + Math.max(-limit, Math.min(limit, distance)) / memory;
        return distance;
      });
      return [value - (last[i] as number), ...from].map((distance) => Math.asinh(distance / (UNITS[i] as number)));
    });
  }
}

/** Of all readings of one mote. */
export function featuresOf(mote: readonly { readonly temperature: number; readonly humidity: number }[]): number[][] {
  const follower = new Follower();
  return mote.map(({ temperature, humidity }) => follower.next(temperature, humidity));
}
