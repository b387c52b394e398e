/** What is measured, in plain words, and how much arithmetic it is. */

/** T steps of N sequences of H numbers, by an LSTM of H units. */
interface Recurrent {
  readonly kind: "step" | "forward" | "train";
  readonly T: number;
  readonly N: number;
  readonly H: number;
}

/** [M, K] times [K, N]. */
interface Product {
  readonly kind: "product";
  readonly M: number;
  readonly K: number;
  readonly N: number;
}

export type Work = Recurrent | Product;

export interface Case {
  readonly id: string;
  readonly title: string;
  /** As in the line to copy. */
  readonly short: string;
  /** What one call does, for people who have never built a network. */
  readonly what: string;
  readonly work: Work;
}

const STEP = "One sample comes in, one answer goes out, and the network remembers what it has seen: what a sensor or a microphone needs.";

function step(H: number, more: string): Case {
  return {
    ...{ id: `step-${H}`, title: `A step of an LSTM of ${H} units`, short: `step H${H}` },
    ...{ what: `${more} It reads ${(8 * H * H).toLocaleString("en")} weights.`, work: { kind: "step", T: 1, N: 1, H } },
  };
}

function square(size: number, more: string): Case {
  return {
    ...{ id: `product-${size}`, title: `A product of matrices, ${size} × ${size}`, short: `matmul ${size}` },
    ...{ what: more, work: { kind: "product", M: size, K: size, N: size } },
  };
}

/** In the order in which they are measured: the ceiling first, which the others are seen against. */
export const CASES: readonly Case[] = [
  square(256, "Two tables of numbers are multiplied: much arithmetic on few bytes, so that nothing but the arithmetic takes time."),
  square(512, "The same with tables four times as large. The faster of the two is taken as the ceiling."),
  step(64, STEP),
  step(128, "The same, with a network that is four times as large."),
  step(256, "And once more four times as large: 2 MB that may no longer lie in the nearest cache."),
  {
    ...{ id: "forward-1", title: "100 steps of one sequence, 128 units", short: "forward T100 N1 H128" },
    what: "A whole sequence in one call: a sentence, say, or a second of speech. Its steps have to wait for each other.",
    work: { kind: "forward", T: 100, N: 1, H: 128 },
  },
  {
    ...{ id: "forward-32", title: "100 steps of 32 sequences, 128 units", short: "forward T100 N32 H128" },
    what: "32 sequences side by side: each weight, once it is read, serves all of them.",
    work: { kind: "forward", T: 100, N: 32, H: 128 },
  },
  {
    ...{ id: "train-32", title: "A training step on 32 sequences, 128 units", short: "train T100 N32 H128" },
    what: "Forward through 100 steps, back through all of them for the gradients, and Adam's change of every weight: what learning does again and again.",
    work: { kind: "train", T: 100, N: 32, H: 128 },
  },
];

/** Multiplications and additions of one call: those of its matrix products, which are nearly all. */
export function flopsOf(work: Work): number {
  if (work.kind === "product") return 2 * work.M * work.K * work.N;
  const { T, N, H } = work;
  return 2 * T * N * 4 * H * H * (work.kind === "train" ? 5 : 2); // back: two products for the weights, one for the state before
}
