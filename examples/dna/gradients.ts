/** Which bases count: how the logit of a class changes with each, by the gradient with respect to the codes. */
import { Frame } from "wasm-rnn";
import { codesOf } from "./codes.js";
import { BASES, CLASSES, WINDOW, type Window } from "./data.js";
import type { Ensemble } from "./model.js";

const BATCH = 64;

export interface Place {
  /** How much the logit depends on what is here: the length of the gradient over the four bases, their mean taken out; the mean of windows. */
  readonly weight: number;
  /** The base that raises the logit most, in the mean. */
  readonly base: string;
}

/** Of each class its windows' 60 places. The logit is that of the class against the mean of all three. */
export function placesThatCount(model: Ensemble, windows: readonly Window[]): Place[][] {
  model.freeze();
  const places = CLASSES.map((_, label) =>
    placesOf(
      model,
      windows.filter((window) => window.label === label),
      label,
    ),
  );
  model.unfreeze();
  return places;
}

function placesOf(model: Ensemble, windows: readonly Window[], label: number): Place[] {
  const weights = new Float64Array(WINDOW);
  const sums = new Float64Array(WINDOW * BASES.length);
  for (let from = 0; from < windows.length; from += BATCH) {
    const batch = windows.slice(from, from + BATCH);
    const gradient = gradientOf(model, batch, label);
    for (let place = 0; place < WINDOW; place++) {
      for (let n = 0; n < batch.length; n++) {
        const at = (place * batch.length + n) * BASES.length;
        const own = gradient.subarray(at, at + BASES.length);
        const mean = own.reduce((a, b) => a + b) / BASES.length;
        weights[place] = (weights[place] as number) + Math.hypot(...own.map((value) => value - mean)) / windows.length;
        for (const [b, value] of own.entries()) sums[place * BASES.length + b] = (sums[place * BASES.length + b] as number) + value - mean;
      }
    }
  }
  return Array.from(weights, (weight, place) => {
    const own = [...sums.subarray(place * BASES.length, (place + 1) * BASES.length)];
    return { weight, base: BASES[own.indexOf(Math.max(...own))] as string };
  });
}

/** [60, N, 4] */
function gradientOf(model: Ensemble, windows: readonly Window[], label: number): Float32Array {
  const { runtime } = model;
  using frame = new Frame(runtime);
  const N = windows.length;
  const codes = new Float32Array(WINDOW * N * BASES.length);
  for (const [n, { bases }] of windows.entries()) {
    const own = codesOf(bases);
    for (let i = 0; i < WINDOW; i++) codes.set(own.subarray(BASES.length * i, BASES.length * (i + 1)), BASES.length * (i * N + n));
  }
  using x = runtime.tensor(codes, [WINDOW, N, BASES.length]);
  using toward = runtime.tensor(
    Float32Array.from({ length: N * CLASSES.length }, (_, i) => Number(i % CLASSES.length === label) - 1 / CLASSES.length),
    [N, CLASSES.length],
  );
  const logits = frame.record(() => model.forward(x));
  frame.backward(logits, { gradient: toward, inputs: [x] });
  return Float32Array.from(frame.gradient(x).toArray());
}
