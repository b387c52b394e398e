/** Mel-frequency cepstral coefficients with their slopes: what speech was told apart by before networks, and what the baseline compares. */
import { BANDS, logMel } from "./features.js";

const COEFFICIENTS = 13;
/** Numbers of a frame: the coefficients, and how they change. */
export const CEPSTRA = 2 * COEFFICIENTS;
/** Frames to each side that a slope is taken over. */
const REACH = 2;
/** Of these 10 ms frames one in two is kept: half the frames are a quarter of the comparisons. */
const EVERY = 2;
/** Liftering (HTK's 22): higher coefficients are smaller, and would count for nothing in a distance. */
const LIFTER = 22;
/** A slope is some tenths of what it is the slope of. */
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

/** Orthonormal DCT-II, liftered. */
const COSINES = Float64Array.from({ length: COEFFICIENTS * BANDS }, (_, i) => {
  const [k, band] = [Math.floor(i / BANDS), i % BANDS];
  const lift = k === 0 ? Math.SQRT1_2 : 1 + (LIFTER / 2) * Math.sin((Math.PI * k) / LIFTER);
  return lift * Math.sqrt(2 / BANDS) * Math.cos((Math.PI * k * (band + 0.5)) / BANDS);
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
