import { describe, expect, it } from "vitest";
import { type FloatType, Frame, GRU, LSTM, RNN, type Runtime, type Tensor } from "../../bindings/index.js";
import { loadOptions, OPTIONS_DIGITS, type OptionsGolden } from "../golden/load.js";
import { expectClose, greatest, roundoff } from "../helpers/compare.js";
import { DTYPES, gradientsOf, setParameters, testRuntime } from "../helpers/runtime.js";

const cases = loadOptions();
const TOLERANCE: Record<FloatType, number> = { f32: 1e-4, f64: 1e-9 };

function layerOf(rt: Runtime, { kind, options, I, H }: OptionsGolden): LSTM {
  const { num_layers = 1, bias = true, bidirectional = false, batch_first = false, nonlinearity } = options;
  const common = { inputSize: I, hiddenSize: H, numLayers: num_layers, bias, bidirectional, batchFirst: batch_first };
  if (kind === "lstm") return new LSTM(rt, common);
  if (kind === "rnn") return new RNN(rt, { ...common, ...(nonlinearity ? { nonlinearity } : {}) }) as unknown as LSTM;
  return new GRU(rt, { ...common, resetAfter: kind === "gru" }) as unknown as LSTM;
}

describe.each(DTYPES)("PyTorch's numbers in %s", (dtype) => {
  it.each(
    cases.map((one) => [`${one.kind} ${JSON.stringify(one.options)} T ${one.T} N ${one.N} lengths ${one.lengths}`, one] as const),
  )("%s", async (_, one) => {
    const { T, N, I, H, lengths, options } = one;
    const rt = await testRuntime({ dtype });
    const layer = layerOf(rt, one);
    setParameters(layer, one.parameters);
    const D = options.bidirectional ? 2 : 1;
    const shape = (width: number) => (options.batch_first ? [N, T, width] : [T, N, width]);
    const names = one.kind === "lstm" ? ["h", "c"] : ["h"];
    const state = (parts: number[][]) =>
      Object.fromEntries(names.map((name, i) => [name, rt.tensor(parts[i], [one.states[0].length / (N * H), N, H])])) as never;
    const close = (name: string, actual: ArrayLike<number>, expected: ArrayLike<number>) =>
      expectClose(name, actual, expected, TOLERANCE[dtype], OPTIONS_DIGITS * greatest(expected) + roundoff(dtype, greatest(expected)));
    const x = rt.tensor(one.x, shape(I));
    const result = layer.forward(x, { state: state(one.states), ...(lengths ? { lengths } : {}) });
    expect(result.output.shape).toEqual(shape(D * H));
    close("output", result.output.data, one.output);
    names.forEach((name, i) => {
      close(`${name}n`, (result.state as Record<string, Tensor>)[name].data, one.ends[i]);
    });
    const kept = [...result.output.data];
    using frame = new Frame(rt);
    const plain = frame.run(() => layer.forward(x, { state: state(one.states), ...(lengths ? { lengths } : {}) }));
    expect([...plain.output.data]).toEqual(kept); // nothing depends on what is kept for a backward
    names.forEach((name, i) => {
      close(`${name}n in a run`, (plain.state as Record<string, Tensor>)[name].data, one.ends[i]);
    });
    layer.forward(x, { state: state(one.states), ...(lengths ? { lengths } : {}) });
    const { dX, dState } = layer.backward(rt.tensor(one.dOutput, shape(D * H)), state(one.dEnds));
    close("dx", dX.data, one.dx);
    names.forEach((name, i) => {
      close(`d${name}0`, (dState as Record<string, Tensor>)[name].data, one.dStates[i]);
    });
    const gradients = gradientsOf(layer);
    expect(Object.keys(gradients)).toEqual(Object.keys(one.gradients));
    for (const [name, expected] of Object.entries(one.gradients)) close(name, gradients[name], expected);
    rt.dispose();
    expect(rt.bytesInUse).toBe(0);
  });
});
