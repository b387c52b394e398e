/** How much of the loss's gradient reaches back to each step. */
import asciichart from "asciichart";
import pc from "picocolors";

/** Pieces that a sequence is cut into: the gradient is seen at each cut. */
const PIECES = 20;
const COLOURS = /** @type {const} */ ({ RNN: ["red", asciichart.red], LSTM: ["green", asciichart.green], GRU: ["blue", asciichart.blue] });

/**
 * ‖∂L/∂a⟨t⟩‖ at PIECES equidistant t, for the error at the last step: the sequence goes forward piece by piece, each on a tape of its
 * own with the state handed on, and back the same way.
 *
 * @param {import("wasm-rnn").Sequential} model layer, last, head; as it is before it has learned anything
 * @param {readonly import("wasm-rnn").Sample[]} samples
 * @param {number} T
 * @returns {number[]} from the first cut to the last step
 */
export function gradientNorms(model, samples, T) {
  const { runtime: rt } = model;
  const { layer, head } = /** @type {any} */ (model.layers);
  const [N, length] = [samples.length, T / PIECES];
  const pieces = [];
  let state;
  for (let p = 0; p < PIECES; p++) {
    const x = rt.zeros([length, N, 2]);
    for (let t = 0; t < length; t++) {
      for (let n = 0; n < N; n++) for (let i = 0; i < 2; i++) x.data[(t * N + n) * 2 + i] = samples[n].x[(p * length + t) * 2 + i];
    }
    const tape = layer.tape();
    ({ state } = layer.forward(x, state ? { state, tape } : { tape }));
    pieces.push({ x, tape });
  }
  const prediction = head.forward(state.h); // [1, N, 1]
  const dPrediction = rt.tensor(
    prediction.data.map((y, n) => (2 * (y - samples[n].y[0])) / N),
    prediction.shape,
  );
  let dState = { h: head.backward(dPrediction) };
  const norms = [norm(dState.h)];
  for (const { tape } of pieces.reverse()) {
    ({ dState } = layer.backward(null, dState, { tape, dX: false }));
    norms.unshift(norm(dState.h));
  }
  for (const { x, tape } of pieces) {
    x.dispose();
    tape.dispose();
  }
  dPrediction.dispose();
  model.zeroGrad();
  return norms;
}

/** @param {import("wasm-rnn").Tensor} tensor */
function norm(tensor) {
  return Math.hypot(...tensor.data);
}

/**
 * @param {number} T
 * @param {{ kind: keyof typeof COLOURS, values: number[] }[]} entries
 */
export function drawNorms(T, entries) {
  const least = -40;
  const logs = entries.map(({ values }) => {
    const last = values[values.length - 1];
    const decades = values.map((value) => Math.max(least, Math.log10(value / last)));
    return Array.from({ length: 61 }, (_, i) => decades[Math.round((i / 60) * (decades.length - 1))]);
  });
  console.log(`\n  ${pc.bold(`‖∂L/∂a⟨t⟩‖ relative to t = ${T}, powers of ten`)} ${pc.dim("before training, adding problem")}`);
  console.log(`  ${entries.map(({ kind }) => pc[COLOURS[kind][0]](`━ ${kind}`)).join("   ")}`);
  const colors = entries.map(({ kind }) => COLOURS[kind][1]);
  console.log(
    asciichart.plot(logs, { height: 10, colors: pc.isColorSupported ? colors : undefined, format: (v) => v.toFixed(1).padStart(8) }),
  );
  console.log(pc.dim(`${" ".repeat(10)}t = 0${`t = ${T}`.padStart(56)}`));
  for (const { kind, values } of entries)
    console.log(`  ${kind.padEnd(5)} ${(values[0] / values[values.length - 1]).toExponential(1)} of it reaches t = 0`);
}
