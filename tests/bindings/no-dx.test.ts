import { describe, expect, it } from "vitest";
import { ArgumentError, LSTM } from "../../bindings/index.js";
import { draws, expectBits } from "../helpers/compare.js";
import { DTYPES, gradientsOf, operatorRuntime } from "../helpers/runtime.js";
import { make, mapValues, RECURRENT_KINDS } from "../helpers/sequence.js";

describe.each(DTYPES)("a backward without dX in %s", (dtype) => {
  it.each(
    RECURRENT_KINDS.flatMap((kind) => [1, 2].map((numLayers) => [kind, numLayers] as const)),
  )("gives the same bits elsewhere: %s of %i layers", async (kind, numLayers) => {
    using rt = await operatorRuntime({ dtype });
    const [T, N, I, H] = [7, 3, 5, 9];
    const layer = make(rt, kind, { inputSize: I, hiddenSize: H, numLayers });
    const draw = draws(1);
    const x = rt.tensor(draw(T * N * I), [T, N, I]);
    const dOutput = rt.tensor(draw(T * N * H), [T, N, H]);
    layer.forward(x);
    const whole = layer.backward(dOutput);
    const wanted = { state: mapValues({ ...whole.dState }, (d) => d.toArray()), gradients: gradientsOf(layer) };
    layer.zeroGrad();
    layer.forward(x);
    const part = layer.backward(dOutput, undefined, { dX: false });
    expect(() => part.dX).toThrow("dX: expected a backward pass that computes it, got one with { dX: false }");
    expect(Object.keys(part.dState)).toEqual(Object.keys(wanted.state));
    for (const [name, d] of Object.entries(part.dState)) expectBits(`d${name}0`, d.toArray(), wanted.state[name]);
    for (const [name, gradient] of Object.entries(gradientsOf(layer))) expectBits(name, gradient, wanted.gradients[name]);
    // The next backward has a dX again.
    layer.forward(x);
    expect(layer.backward(dOutput).dX.shape).toEqual([T, N, I]);
  });
});

it("refuses a dX that is neither true nor false", async () => {
  using rt = await operatorRuntime();
  const layer = new LSTM(rt, { inputSize: 1, hiddenSize: 1 });
  const x = rt.zeros([1, 1, 1]);
  layer.forward(x);
  expect(() => layer.backward(x, {}, { dX: "no" as never })).toThrow(ArgumentError);
});
