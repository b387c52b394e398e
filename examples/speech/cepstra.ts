/** Mel-frequency cepstral coefficients with their slopes: what speech was told apart by before networks, and what the baseline compares. */
import { BANDS, HOP, logMel, WINDOW } from "./features.js";

const COEFFICIENTS = 13;
/** Numbers of a frame: the coefficients, and how they change. */
export const CEPSTRA = 2 * COEFFICIENTS;
/** Frames to each side that a slope is taken over. */
const REACH = 2;
/** Of these 10 ms frames one in two is kept: half the frames are a quarter of the comparisons. */
const EVERY = 2;
/** A slope is some tenths of what it is the slope of. (Without: 10 of those 52; with 1.5 instead of 3: 15.) */
const SLOPE_WEIGHT = 3;

/** Frames of a sound, [frames, CEPSTRA], each coefficient less its mean over the sound. */
export function cepstra(samples: Float32Array): Float32Array {
  const mels = logMel(samples);
  const frames = mels.length / BANDS;
  const static_ = new Float32Array(frames * COEFFICIENTS);
  for (let t = 0; t < frames; t++) {
    for (let k = 0; k < COEFFICIENTS; k++) {
      let sum = 0;
      for (let band = 0; band < BANDS; band++) sum += (mels[t * BANDS + band] as number) * (COSINES[k * BANDS + band] as number);
      static_[t * COEFFICIENTS + k] = sum;
    }
  }
  return withSlopes(withoutMean(static_), frames);
}

/** Orthonormal DCT-II. (Liftering as HTK does, 22, finds no more of the people's letters that are watched: 15 of 52, and 19 without it.) */
const COSINES = Float64Array.from({ length: COEFFICIENTS * BANDS }, (_, i) => {
  const [k, band] = [Math.floor(i / BANDS), i % BANDS];
  return (k === 0 ? Math.SQRT1_2 : 1) * Math.sqrt(2 / BANDS) * Math.cos((Math.PI * k * (band + 0.5)) / BANDS);
});

function withoutMean(values: Float32Array): Float32Array {
  const sums = new Float64Array(COEFFICIENTS);
  for (let i = 0; i < values.length; i++) sums[i % COEFFICIENTS] = (sums[i % COEFFICIENTS] as number) + (values[i] as number);
  const frames = values.length / COEFFICIENTS;
  return values.map((value, i) => value - (sums[i % COEFFICIENTS] as number) / frames);
}

/** Regression over the frames around; beyond the ends the last frame goes on. */
function withSlopes(values: Float32Array, frames: number): Float32Array {
  const kept = Math.ceil(frames / EVERY);
  const out = new Float32Array(kept * CEPSTRA);
  const at = (t: number, k: number) => values[Math.max(0, Math.min(frames - 1, t)) * COEFFICIENTS + k] as number;
  for (let n = 0; n < kept; n++) {
    for (let k = 0; k < COEFFICIENTS; k++) {
      let [slope, weight] = [0, 0];
      for (let d = 1; d <= REACH; d++) {
        slope += d * (at(n * EVERY + d, k) - at(n * EVERY - d, k));
        weight += 2 * d * d;
      }
      out[n * CEPSTRA + k] = at(n * EVERY, k);
      out[n * CEPSTRA + COEFFICIENTS + k] = (SLOPE_WEIGHT * slope) / weight;
    }
  }
  return out;
}

/** Of the way from the quietest frame to the loudest: what is above it is speech. */
const ABOVE = 0.35;
/** Frames that may be below it inside of a symbol, as before the t of "eight": 0.2 s. */
const GAP = 20;
/** Frames around that are kept. */
const MARGIN = 3;

/** The loudest stretch of a sound, without the noise before and behind: what the templates are of, and what is compared with them. */
export function speechOf(samples: Float32Array): Float32Array {
  const mels = logMel(samples);
  const levels = Float64Array.from({ length: mels.length / BANDS }, (_, t) =>
    mels.subarray(t * BANDS, (t + 1) * BANDS).reduce((a, b) => a + b),
  );
  const [least, most] = [Math.min(...levels), Math.max(...levels)];
  const threshold = least + ABOVE * (most - least);
  let best = { from: 0, to: levels.length, sum: 0 };
  let run = { from: 0, to: Number.NEGATIVE_INFINITY, sum: 0 };
  for (const [t, level] of levels.entries()) {
    if (level < threshold) continue;
    if (t - run.to > GAP) run = { from: t, to: t, sum: 0 };
    run.to = t + 1;
    run.sum += level - threshold;
    if (run.sum > best.sum) best = { ...run };
  }
  return samples.slice(Math.max(0, best.from - MARGIN) * HOP, (best.to + MARGIN) * HOP + WINDOW - HOP);
}
