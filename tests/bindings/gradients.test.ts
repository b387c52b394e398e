import { describe, expect, it } from "vitest";
import { CrossEntropyLoss, Dense, Embedding, LSTM, type Parameter, RNN, type Runtime, Softmax, type Tensor } from "../../bindings/index.js";
import { draws, expectBits, expectClose, expectGradient, inner } from "../helpers/compare.js";
import { recorded } from "../helpers/recorded.js";
import { gradientsOf, testRuntime, tokensOf } from "../helpers/runtime.js";

/** N = 0 is a sequence without a batch. */
type Shape = readonly [T: number, N: number, I: number, H: number, layers: number];
const SHAPES: readonly Shape[] = [
  [1, 1, 3, 1, 1],
  [1, 3, 2, 5, 1],
  [5, 1, 1, 5, 1],
  [4, 3, 3, 9, 1],
  [6, 0, 2, 5, 1],
  [3, 2, 4, 1, 2],
  [4, 3, 3, 5, 2],
  [2, 1, 10, 9, 2],
  [3, 0, 3, 9, 2],
];

type State = Record<string, Tensor>;

/** One recurrent layer with a loss Σ output·dOutput + Σ state·dState, by named tensors. */
function sequence(rt: Runtime, kind: "RNN" | "LSTM", [T, N, I, H, L]: Shape) {
  const draw = draws(T + 10 * N + 100 * I + 1000 * H);
  const options = { inputSize: I, hiddenSize: H, numLayers: L };
  const layer = (kind === "RNN" ? new RNN(rt, options) : new LSTM(rt, options)) as LSTM;
  const batch = N === 0 ? [] : [N];
  const states = kind === "RNN" ? ["h"] : ["h", "c"];
  const tensor = (shape: number[]) => rt.tensor(draw(shape.reduce((a, b) => a * b, 1)), shape);
  const all = () => Object.fromEntries(states.map((name) => [name, tensor([L, ...batch, H])]));
  const x = tensor([T, ...batch, I]);
  const dOutput = tensor([T, ...batch, H]);
  const [begin, dEnd]: [State, State] = [all(), all()];
  const run = () => layer.forward(x, { state: begin as never });
  const loss = (output: Tensor | null = dOutput, end: State = dEnd) => {
    const result = run();
    const seen = result.state as State;
    const parts = Object.entries(end).map(([name, d]) => inner(seen[name].data, d.data));
    return parts.reduce((a, b) => a + b, output ? inner(result.output.data, output.data) : 0);
  };
  return { layer, x, dOutput, begin, dEnd, run, loss };
}

/** The loss as a function of one tensor or parameter. */
const of = (place: Tensor | Parameter, loss: () => number) => (values: Float64Array) => {
  const before = place.toArray();
  place.set(values);
  const value = loss();
  place.set(before);
  return value;
};

describe.each(["RNN", "LSTM"] as const)("%s gradients against central differences", (kind) => {
  it.each(SHAPES)("T=%i N=%i I=%i H=%i, %i layers", async (...shape) => {
    const rt = await testRuntime({ dtype: "f64" });
    const { layer, x, dOutput, begin, dEnd, run, loss } = sequence(rt, kind, shape);
    run();
    const { dX, dState } = layer.backward(dOutput, dEnd as never);
    const seen = dState as unknown as State;
    expect(dX.shape).toEqual(x.shape);
    expectGradient("dX", dX.toArray(), of(x, loss), x.data);
    for (const name of Object.keys(begin)) {
      expect(seen[name].shape).toEqual(begin[name].shape);
      expectGradient(`d${name}0`, seen[name].toArray(), of(begin[name], loss), begin[name].data);
    }
    for (const parameter of layer.parameters()) expectGradient(parameter.name, parameter.grad, of(parameter, loss), parameter.toArray());
    rt.dispose();
  });

  it.each([
    ["the outputs alone", true, false],
    ["the final state alone", false, true],
    ["nothing", false, false],
  ] as const)("a loss of %s", async (_, output, state) => {
    const rt = await testRuntime({ dtype: "f64" });
    const { layer, x, dOutput, begin, dEnd, run, loss } = sequence(rt, kind, [4, 3, 3, 5, 2]);
    const parts = { output: output ? dOutput : null, state: state ? dEnd : {} };
    const part = () => loss(parts.output, parts.state);
    run();
    const { dX, dState } = layer.backward(parts.output, parts.state as never);
    expectGradient("dX", dX.toArray(), of(x, part), x.data);
    expectGradient("dh0", dState.h.toArray(), of(begin.h, part), begin.h.data);
    for (const parameter of layer.parameters()) expectGradient(parameter.name, parameter.grad, of(parameter, part), parameter.toArray());
    rt.dispose();
  });

  it("one part of the state alone, where there are two", async () => {
    const rt = await testRuntime({ dtype: "f64" });
    const { layer, x, dEnd, run, loss } = sequence(rt, kind, [4, 3, 3, 5, 2]);
    for (const [name, d] of Object.entries(dEnd)) {
      run();
      const { dX } = layer.backward(null, { [name]: d } as never);
      expectGradient(
        `dX of ${name}`,
        dX.toArray(),
        of(x, () => loss(null, { [name]: d })),
        x.data,
      );
    }
    rt.dispose();
  });

  it("add up over backward passes; dX and the state's are assigned", async () => {
    const rt = await testRuntime({ dtype: "f64" });
    const { layer, dOutput, dEnd, run } = sequence(rt, kind, [4, 3, 3, 9, 2]);
    const pass = () => {
      run();
      const { dX, dState } = layer.backward(dOutput, dEnd as never);
      return [...dX.toArray(), ...dState.h.toArray()];
    };
    const once = pass();
    const first = gradientsOf(layer);
    expectBits("dX, dh0", pass(), once);
    const second = gradientsOf(layer);
    for (const [name, values] of Object.entries(first)) {
      expectClose(
        name,
        second[name],
        Array.from(values, (v) => 2 * v),
        1e-15,
      );
    }
    layer.zeroGrad();
    for (const parameter of layer.parameters()) expect(parameter.grad.every((v) => v === 0)).toBe(true);
    pass();
    for (const [name, values] of Object.entries(first)) expectBits(name, gradientsOf(layer)[name], values);
    rt.dispose();
  });
});

describe("gradients of the heads against central differences", () => {
  it.each([
    [[1, 1], 1, true],
    [[3, 2], 5, true],
    [[9], 4, false],
    [[2, 3, 5], 9, true],
  ] as const)("Dense of %j to %i, bias %s", async (shape, O, bias) => {
    const rt = await testRuntime({ dtype: "f64" });
    const draw = draws(O);
    const I = shape[shape.length - 1];
    const size = shape.reduce<number>((a, b) => a * b, 1);
    const layer = new Dense(rt, { inputSize: I, outputSize: O, bias });
    const x = rt.tensor(draw(size), shape);
    const dOutput = rt.tensor(draw((size / I) * O), [...shape.slice(0, -1), O]);
    const loss = () => inner(layer.forward(x).data, dOutput.data);
    layer.forward(x);
    const dX = layer.backward(dOutput);
    expect(dX.shape).toEqual(x.shape);
    expectGradient("dX", dX.toArray(), of(x, loss), x.data);
    const first = gradientsOf(layer);
    for (const parameter of layer.parameters()) expectGradient(parameter.name, parameter.grad, of(parameter, loss), parameter.toArray());
    layer.forward(x);
    layer.backward(dOutput);
    for (const parameter of layer.parameters())
      expectClose(
        parameter.name,
        parameter.grad,
        Array.from(first[parameter.name], (v) => 2 * v),
        1e-15,
      );
    rt.dispose();
  });

  it.each([[[1, 1]], [[3, 5]], [[2, 3, 9]], [[7]]])("Softmax and CrossEntropyLoss of %j", async (shape) => {
    const rt = await testRuntime({ dtype: "f64" });
    const draw = draws(shape.length);
    const size = shape.reduce((a, b) => a * b, 1);
    const C = shape[shape.length - 1];
    const softmax = new Softmax(rt);
    const z = rt.tensor(draw(size, 3), shape);
    const dOutput = rt.tensor(draw(size), shape);
    softmax.forward(z);
    const dz = softmax.backward(dOutput).toArray();
    expectGradient(
      "softmax",
      dz,
      of(z, () => inner(softmax.forward(z).data, dOutput.data)),
      z.data,
    );

    const loss = new CrossEntropyLoss(rt);
    const targets = tokensOf(
      rt,
      draw(size / C).map((v) => Math.floor(((v + 1) / 2) * C)),
      shape.length === 1 ? [1] : shape.slice(0, -1),
    );
    const { dLogits } = loss.forward(z, targets);
    expectGradient(
      "cross-entropy",
      dLogits.toArray(),
      of(z, () => loss.forward(z, targets).loss),
      z.data,
    );
    rt.dispose();
  });

  it("Embedding: rows of tokens that repeat add up", async () => {
    const rt = await testRuntime({ dtype: "f64" });
    const draw = draws(1);
    const layer = new Embedding(rt, { numEmbeddings: 4, embeddingDim: 5 });
    const tokens = tokensOf(rt, [2, 0, 2, 3, 2, 0], [3, 2]);
    const dOutput = rt.tensor(draw(30), [3, 2, 5]);
    const [weight] = layer.parameters();
    const loss = () => inner(layer.forward(tokens).data, dOutput.data);
    layer.forward(tokens);
    layer.backward(dOutput);
    expectGradient("weight", weight.grad, of(weight, loss), weight.toArray());
    const first = weight.grad;
    layer.forward(tokens);
    layer.backward(dOutput);
    expectClose(
      "twice",
      weight.grad,
      first.map((v) => 2 * v),
      1e-15,
    );
    expect(first.subarray(5, 10).every((v) => v === 0)).toBe(true); // token 1 does not occur
    rt.dispose();
  });
});

describe("a layer that is used twice before it is gone back over", () => {
  it.each(["Dense", "RNN", "LSTM"] as const)("%s: the gradient that it gave may be given back to it", async (kind) => {
    const rt = await testRuntime({ dtype: "f64" });
    const draw = draws(5);
    const S = 9;
    const square = { inputSize: S, hiddenSize: S };
    const layer =
      kind === "Dense" ? new Dense(rt, { inputSize: S, outputSize: S }) : kind === "RNN" ? new RNN(rt, square) : new LSTM(rt, square);
    const [x, dOutput] = [rt.tensor(draw(7 * 2 * S), [7, 2, S]), rt.tensor(draw(7 * 2 * S), [7, 2, S])];
    const forward = (input: Tensor) => (layer instanceof Dense ? layer.forward(input) : (layer as LSTM).forward(input).output);
    const backward = (d: Tensor) => (layer instanceof Dense ? layer.backward(d) : (layer as LSTM).backward(d).dX);
    const middle = forward(x).clone();
    forward(middle);
    const dMiddle = backward(dOutput).clone();
    forward(x);
    const copied = backward(dMiddle).toArray();
    const grads = gradientsOf(layer);
    layer.zeroGrad();
    forward(middle);
    const lying = backward(dOutput);
    forward(x);
    expectBits("dX", backward(lying).toArray(), copied);
    for (const [name, values] of Object.entries(gradientsOf(layer))) expectBits(name, values, grads[name]);
    layer.zeroGrad();
    expectBits("dX in a frame", recorded((x) => forward(forward(x)), x, dOutput).dX as Float64Array, copied);
    for (const [name, values] of Object.entries(gradientsOf(layer))) expectBits(name, values, grads[name]);
    rt.dispose();
  });
});
