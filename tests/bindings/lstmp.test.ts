/** LSTMP against PyTorch, and `residual` and `learnedState` of every recurrent layer. */
import { describe, expect, it } from "vitest";
import { LSTMP } from "../../bindings/cells.js";
import { Frame, GRU, LSTM, RNN, type Runtime, type Tensor } from "../../bindings/index.js";
import { type LstmpGolden, loadLstmp, OPTIONS_DIGITS } from "../golden/load.js";
import { expectClose, greatest, roundoff } from "../helpers/compare.js";
import { DTYPES, gradientsOf, operatorRuntime, setParameters } from "../helpers/runtime.js";

const KINDS = { LSTMP, LSTM, GRU, RNN };
const TOLERANCE = { f32: 1e-4, f64: 1e-9 };

function layerOf(rt: Runtime, { kind, options, I, H }: LstmpGolden): LSTMP {
  return new (KINDS[kind] as typeof LSTMP)(rt, { inputSize: I, hiddenSize: H, ...options });
}

describe.each(DTYPES)("PyTorch's numbers in %s", (dtype) => {
  it.each(
    loadLstmp().map((one) => [`${one.kind} ${JSON.stringify(one.options)} T ${one.T} N ${one.N} lengths ${one.lengths}`, one] as const),
  )("%s", async (_, one) => {
    const { T, N, I, H, lengths, options } = one;
    const rt = await operatorRuntime({ dtype });
    const layer = layerOf(rt, one);
    setParameters(layer, one.parameters);
    const D = options.bidirectional ? 2 : 1;
    const P = options.projSize ?? H;
    const shape = (width: number) => (options.batchFirst ? [N, T, width] : [T, N, width]);
    const sizes: [string, number][] = one.ends.length === 2 ? [["h", P], ["c", H]] : [["h", P]]; // biome-ignore format: a table
    const count = D * (options.numLayers ?? 1);
    const state = (parts: number[][]) =>
      Object.fromEntries(sizes.map(([name, size], i) => [name, rt.tensor(parts[i], [count, N, size])])) as never;
    const given = { ...(one.states.length > 0 && { state: state(one.states) }), ...(lengths && { lengths }) };
    const close = (name: string, actual: ArrayLike<number>, expected: ArrayLike<number>) =>
      expectClose(name, actual, expected, TOLERANCE[dtype], OPTIONS_DIGITS * greatest(expected) + roundoff(dtype, greatest(expected)));
    const x = rt.tensor(one.x, shape(I));
    const result = layer.forward(x, given);
    expect(result.output.shape).toEqual(shape(layer.outputSize));
    close("output", result.output.data, one.output);
    for (const [i, [name]] of sizes.entries()) close(`${name}n`, (result.state as Record<string, Tensor>)[name].data, one.ends[i]);
    const kept = [...result.output.data];
    using frame = new Frame(rt);
    const plain = frame.run(() => layer.forward(x, given));
    expect([...plain.output.data]).toEqual(kept); // nothing depends on what is kept for a backward
    for (const [i, [name]] of sizes.entries()) close(`${name}n in a run`, (plain.state as Record<string, Tensor>)[name].data, one.ends[i]);
    layer.forward(x, given);
    const { dX, dState } = layer.backward(rt.tensor(one.dOutput, shape(D * P)), state(one.dEnds));
    close("dx", dX.data, one.dx);
    for (const [i, [name]] of sizes.entries())
      if (one.dStates.length > 0) close(`d${name}0`, (dState as Record<string, Tensor>)[name].data, one.dStates[i]);
    const gradients = gradientsOf(layer);
    expect(Object.keys(gradients)).toEqual(Object.keys(one.gradients));
    for (const [name, expected] of Object.entries(one.gradients)) close(name, gradients[name], expected);
    rt.dispose();
    expect(rt.bytesInUse).toBe(0);
  });
});
