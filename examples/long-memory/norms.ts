/** How much of the loss's gradient reaches back to each step. */
import asciichart from "asciichart";
import pc from "picocolors";
import { Frame, type LSTM, type Sample, type Tensor } from "wasm-rnn";
import type { Kind, Network } from "./model.js";

/** Pieces that a sequence is cut into: the gradient is seen at each cut. Lengths are multiples of it. */
export const PIECES = 20;
const COLOURS = { RNN: "red", LSTM: "green", GRU: "blue" } as const;
/** Powers of ten below which the chart ends, and its size. */
const LEAST = -40;
const [COLUMNS, ROWS] = [61, 10];

export interface Norms {
  readonly T: number;
  readonly kind: Kind;
  /** From the first cut to the last step. */
  readonly values: readonly number[];
}

/**
 * ‖∂L/∂a⟨t⟩‖ at equidistant t, for the squared error at the last step: the sequence goes forward piece by piece, the state handed on, and a
 * frame goes back over all of it.
 *
 * @param network as it is before it has learned anything
 * @param samples of the adding problem, T steps each
 */
export function gradientNorms({ model, layer, head }: Network, samples: readonly Sample[], T: number): number[] {
  const { runtime: rt } = model;
  const lstm = layer as LSTM; // what is used of it the others have too
  const [N, length] = [samples.length, T / PIECES];
  const steps = samples.map(({ x }) => x as [number, number][]);
  const pieces = Array.from({ length: PIECES }, (_, p) => {
    const rows = Array.from({ length }, (_, t) => steps.flatMap((x) => x[p * length + t] as [number, number]));
    return rt.tensor(rows.flat(), [length, N, 2]);
  });
  using frame = new Frame(rt);
  const { states, prediction } = frame.record(() => {
    const states = [{ h: rt.zeros([1, N, layer.hiddenSize]), c: rt.zeros([1, N, layer.hiddenSize]) }];
    for (const x of pieces) states.push(lstm.forward(x, { state: states.at(-1) }).state);
    return { states, prediction: head.forward((states.at(-1) as { h: Tensor }).h) }; // [1, N, 1]
  });
  const errors = Array.from(prediction.toArray(), (y, n) => (2 * (y - (samples[n]?.y as number))) / N);
  using gradient = rt.tensor(errors, prediction.shape);
  const inputs = states.map(({ h }) => h);
  frame.backward(prediction, { gradient, inputs });
  const norms = inputs.map((h) => norm(frame.gradient(h)));
  for (const each of [...pieces, ...Object.values(states[0] ?? {})]) each.dispose();
  model.zeroGrad();
  return norms;
}

function norm(tensor: Tensor): number {
  return Math.hypot(...tensor.toArray());
}

/** One chart of all kinds at one T. */
export function drawNorms(T: number, entries: readonly Norms[]): void {
  const logs = entries.map(({ values }) => {
    const decades = values.map((value) => Math.max(LEAST, Math.log10(value / (values.at(-1) as number))));
    return Array.from({ length: COLUMNS }, (_, i) => decades[Math.round((i / (COLUMNS - 1)) * (decades.length - 1))] as number);
  });
  console.log(`\n  ${pc.bold(`‖∂L/∂a⟨t⟩‖ relative to t = ${T}, powers of ten`)} ${pc.dim("before training, adding problem")}`);
  console.log(`  ${entries.map(({ kind }) => pc[COLOURS[kind]](`━ ${kind}`)).join("   ")}`);
  const colors = pc.isColorSupported ? entries.map(({ kind }) => asciichart[COLOURS[kind]]) : undefined;
  console.log(asciichart.plot(logs, { height: ROWS, colors, format: (value) => value.toFixed(1).padStart(8) }));
  console.log(pc.dim(`${" ".repeat(10)}t = 0${`t = ${T}`.padStart(COLUMNS - 5)}`));
  for (const { kind, values } of entries) {
    const share = (values[0] as number) / (values.at(-1) as number);
    console.log(`  ${kind.padEnd(5)} ${share.toExponential(1)} of it reaches t = 0`);
  }
}
