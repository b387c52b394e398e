/** Filters of two poles and two zeros. Source: Bristow-Johnson, Cookbook formulae for audio equalizer biquad filter coefficients. */
import { RATE } from "./rate.js";

type Kind = "low-pass" | "high-pass" | "peak" | "low-shelf" | "high-shelf";

export interface Filter {
  readonly kind: Kind;
  readonly hertz: number;
  readonly q?: number;
  /** Decibels, of a peak or a shelf. */
  readonly gain?: number;
}

/** One after another. */
export function filtered(samples: Float32Array, ...filters: readonly Filter[]): Float32Array {
  const out = samples.slice();
  for (const filter of filters) {
    const [b0, b1, b2, a1, a2] = coefficients(filter);
    let [x1, x2, y1, y2] = [0, 0, 0, 0];
    for (let i = 0; i < out.length; i++) {
      const x = out[i] as number;
      const y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
      x2 = x1;
      x1 = x;
      y2 = y1;
      y1 = y;
      out[i] = y;
    }
  }
  return out;
}

type Coefficients = readonly [b0: number, b1: number, b2: number, a1: number, a2: number];

function coefficients({ kind, hertz, q = Math.SQRT1_2, gain = 0 }: Filter): Coefficients {
  const w = (2 * Math.PI * hertz) / RATE;
  const [cos, alpha, a] = [Math.cos(w), Math.sin(w) / (2 * q), 10 ** (gain / 40)];
  const over = (b0: number, b1: number, b2: number, a0: number, a1: number, a2: number): Coefficients => [
    b0 / a0,
    b1 / a0,
    b2 / a0,
    a1 / a0,
    a2 / a0,
  ];
  if (kind === "low-pass") return over((1 - cos) / 2, 1 - cos, (1 - cos) / 2, 1 + alpha, -2 * cos, 1 - alpha);
  if (kind === "high-pass") return over((1 + cos) / 2, -1 - cos, (1 + cos) / 2, 1 + alpha, -2 * cos, 1 - alpha);
  if (kind === "peak") return over(1 + alpha * a, -2 * cos, 1 - alpha * a, 1 + alpha / a, -2 * cos, 1 - alpha / a);
  // The high shelf is the low one with the sign of the cosine changed, and of b1 and a1.
  const sign = kind === "low-shelf" ? 1 : -1;
  const [c, root] = [sign * cos, 2 * Math.sqrt(a) * alpha];
  return over(
    a * (a + 1 - (a - 1) * c + root),
    sign * 2 * a * (a - 1 - (a + 1) * c),
    a * (a + 1 - (a - 1) * c - root),
    a + 1 + (a - 1) * c + root,
    sign * -2 * (a - 1 + (a + 1) * c),
    a + 1 + (a - 1) * c - root,
  );
}
