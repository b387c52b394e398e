/**
 * The baseline: which templates a sound is nearest to when both may be stretched in time. Of one symbol by dynamic time warping (Sakoe & Chiba
 * 1978, symmetric steps), of strings by one pass over all templates at once (Ney 1984).
 */

export interface Template {
  readonly label: number;
  /** [frames, size] */
  readonly frames: Float32Array;
}

/** How far a path may be from the diagonal, as a share of either side. */
const BAND = 0.2;

/**
 * The least mean distance along a path that begins and ends with both: over n + m, a diagonal step counting twice.
 *
 * @param limit when no path is below, the rest is not looked at: the result is then ∞
 */
export function distance(a: Float32Array, b: Float32Array, size: number, limit = Number.POSITIVE_INFINITY): number {
  const [n, m] = [a.length / size, b.length / size];
  if (n === 0 || m === 0) return Number.POSITIVE_INFINITY;
  const reach = Math.max(BAND * m, m / n, 2); // from row to row the diagonal goes on by m/n
  const budget = limit * (n + m);
  let [before, now] = [new Float64Array(m + 1).fill(Number.POSITIVE_INFINITY), new Float64Array(m + 1)];
  before[0] = 0;
  for (let i = 1; i <= n; i++) {
    now.fill(Number.POSITIVE_INFINITY);
    const middle = (i * m) / n;
    let least = Number.POSITIVE_INFINITY;
    for (let j = Math.max(1, Math.floor(middle - reach)); j <= Math.min(m, Math.ceil(middle + reach)); j++) {
      const d = between(a, (i - 1) * size, b, (j - 1) * size, size);
      const cost = Math.min((before[j - 1] as number) + 2 * d, (before[j] as number) + d, (now[j - 1] as number) + d);
      now[j] = cost;
      if (cost < least) least = cost;
    }
    if (least >= budget) return Number.POSITIVE_INFINITY; // what follows costs nothing less
    [before, now] = [now, before];
  }
  return (before[m] as number) / (n + m);
}

/** The label of the nearest template, and how near it is. */
export function nearest(frames: Float32Array, templates: readonly Template[], size: number): { label: number; distance: number } {
  let best = { label: -1, distance: Number.POSITIVE_INFINITY };
  for (const { label, frames: template } of templates) {
    const d = distance(frames, template, size, best.distance);
    if (d < best.distance) best = { label, distance: d };
  }
  return best;
}

/** The label of what lies between symbols; no output has it. */
const PAUSE = -1;

/**
 * The labels of the templates that, one after another and each stretched as it likes, are nearest to the frames. Each frame is used once, so
 * that paths through any templates compare; in a template a path stays, goes on, or leaves one frame out. Of silence there is a template of one
 * frame, the sound's own quietest.
 *
 * @param penalty of each symbol, in distances of a frame: the higher, the fewer
 */
export function connected(frames: Float32Array, templates: readonly Template[], size: number, penalty: number): number[] {
  const length = frames.length / size;
  if (length === 0) return [];
  const all = [{ label: PAUSE, frames: quietest(frames, size) }, ...templates];
  const columns = all.map((template) => new Column(template, size));
  // The best path that ends a template at frame t: its cost, the template, and the frame before its first.
  const costs = new Float64Array(length + 1);
  const [last, from] = [new Int32Array(length + 1), new Int32Array(length + 1)];
  for (let t = 1; t <= length; t++) {
    let best = Number.POSITIVE_INFINITY;
    for (let k = 0; k < columns.length; k++) {
      const column = columns[k] as Column;
      const enter = (costs[t - 1] as number) + (k === 0 ? 0 : penalty);
      column.step(frames, t - 1, enter);
      if (column.cost >= best) continue;
      best = column.cost;
      last[t] = k;
      from[t] = column.from;
    }
    costs[t] = best;
  }
  const labels: number[] = [];
  for (let t = length; t > 0; t = from[t] as number) labels.push((all[last[t] as number] as Template).label);
  return labels.reverse().filter((label) => label !== PAUSE);
}

/** Paths through one template, as the frames come. */
class Column {
  readonly #template: Float32Array;
  readonly #size: number;
  readonly #states: number;
  readonly #costs: Float64Array;
  /** Frames of the sound that lie before each path. */
  readonly #from: Int32Array;

  constructor({ frames }: Template, size: number) {
    this.#template = frames;
    this.#size = size;
    this.#states = frames.length / size;
    this.#costs = new Float64Array(this.#states).fill(Number.POSITIVE_INFINITY);
    this.#from = new Int32Array(this.#states);
  }

  /** Of the path that has come to its end, or to the frame before. */
  get cost(): number {
    return this.#costs[this.#states - 1] as number;
  }
  get from(): number {
    return this.#from[this.#states - 1] as number;
  }

  /** From the last state to the first: each reads what was before. @param enter what a path costs that begins here */
  step(frames: Float32Array, t: number, enter: number): void {
    const costs = this.#costs;
    const from = this.#from;
    for (let j = this.#states - 1; j >= 0; j--) {
      let before = j; // the state that the path was in
      if (j > 0 && (costs[j - 1] as number) <= (costs[j] as number)) before = j - 1;
      if (j > 1 && (costs[j - 2] as number) < (costs[before] as number)) before = j - 2;
      const begins = j === 0 && enter < (costs[0] as number);
      from[j] = begins ? t : (from[before] as number);
      const cost = begins ? enter : (costs[before] as number);
      costs[j] =
        cost === Number.POSITIVE_INFINITY ? cost : cost + between(frames, t * this.#size, this.#template, j * this.#size, this.#size);
    }
  }
}

/** The frame of the least energy: of the smallest first coefficient. */
function quietest(frames: Float32Array, size: number): Float32Array {
  let least = 0;
  for (let at = size; at < frames.length; at += size) if ((frames[at] as number) < (frames[least] as number)) least = at;
  return frames.slice(least, least + size);
}

/** Euclid's. */
function between(a: Float32Array, i: number, b: Float32Array, j: number, size: number): number {
  let sum = 0;
  for (let k = 0; k < size; k++) {
    const d = (a[i + k] as number) - (b[j + k] as number);
    sum += d * d;
  }
  return Math.sqrt(sum);
}
