/** From one rate of samples to another: a windowed sinc for each of the L phases that samples of the new rate have between those of the old. */

/** Zero crossings of the sinc on each side, at the lower of both rates. */
const CROSSINGS = 32;
/** Of the Kaiser window: 60 dB of what lies above the band is gone (Kaiser 1974: 0.1102 · (60 − 8.7)). */
const BETA = 5.65;
/** The middle of the slope, as a share of half the lower rate: 60 dB down at half of it, flat up to 0.88 of that (3.5 of 4 kHz). */
const CUTOFF = 0.94;

/** Samples in pieces of any size: what comes out has the same bits however they are cut. */
export class Resampler {
  readonly #up: number;
  readonly #down: number;
  readonly #half: number;
  readonly #phases: Float32Array;
  /** What is still needed of the samples that came, zeros before the first. */
  #waiting: Float32Array;
  /** The old sample that lies at #waiting[#half − 1], and where the next new one is: at old sample #at + #phase / #up. */
  #at = 0;
  #phase = 0;

  /** @param from samples a second, a whole number, as `to` */
  constructor(from: number, to: number) {
    const common = divisor(from, to);
    this.#up = to / common;
    this.#down = from / common;
    const band = CUTOFF * Math.min(1, to / from);
    this.#half = Math.ceil(CROSSINGS * Math.max(1, from / to));
    this.#phases = kernels(this.#up, this.#half, band);
    this.#waiting = new Float32Array(this.#half - 1);
  }

  push(samples: Float32Array): Float32Array {
    const [half, up] = [this.#half, this.#up];
    const all = new Float32Array(this.#waiting.length + samples.length);
    all.set(this.#waiting);
    all.set(samples, this.#waiting.length);
    const out = new Float32Array(Math.max(0, Math.ceil(((all.length - 2 * half + 1 - this.#at) * up - this.#phase) / this.#down)));
    for (let n = 0; n < out.length; n++) {
      out[n] = dot(all, this.#at, this.#phases, this.#phase * 2 * half, 2 * half);
      this.#phase += this.#down;
      this.#at += Math.floor(this.#phase / up);
      this.#phase %= up;
    }
    const done = Math.min(this.#at, all.length);
    this.#waiting = all.slice(done);
    this.#at -= done;
    return out;
  }

  /** What lies before the end, zeros after it. */
  end(): Float32Array {
    return this.push(new Float32Array(this.#half));
  }
}

/** All at once. */
export function resample(samples: Float32Array, from: number, to: number): Float32Array {
  if (from === to) return samples;
  const resampler = new Resampler(from, to);
  const [most, rest] = [resampler.push(samples), resampler.end()];
  const all = new Float32Array(most.length + rest.length);
  all.set(most);
  all.set(rest, most.length);
  return all;
}

function dot(samples: Float32Array, at: number, kernels: Float32Array, kernel: number, length: number): number {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += (samples[at + k] as number) * (kernels[kernel + k] as number);
  return sum;
}

/** [phases, 2 · half] of sinc(band · t) · Kaiser(t), each of sum 1: a constant stays what it is. */
function kernels(phases: number, half: number, band: number): Float32Array {
  const table = new Float32Array(phases * 2 * half);
  for (let phase = 0; phase < phases; phase++) {
    const row = table.subarray(phase * 2 * half, (phase + 1) * 2 * half);
    for (let k = 0; k < row.length; k++) {
      const t = k - half + 1 - phase / phases;
      const x = Math.PI * band * t;
      row[k] = (x === 0 ? 1 : Math.sin(x) / x) * bessel(BETA * Math.sqrt(Math.max(0, 1 - (t / half) ** 2)));
    }
    const sum = row.reduce((a, b) => a + b);
    for (let k = 0; k < row.length; k++) row[k] = (row[k] as number) / sum;
  }
  return table;
}

/** I₀, by its series. */
function bessel(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; term > 1e-9 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}
