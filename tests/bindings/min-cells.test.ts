/** MinGRU and MinLSTM: PyTorch's numbers, ends of the range, and everything that layers of another entry must do. What all recurrent layers promise is tested with them. */
import { afterAll, describe, expect, it, test } from "vitest";
import { MinGRU, MinLSTM } from "../../bindings/cells.js";
import {
  Adam,
  ArgumentError,
  Dense,
  DTypeError,
  FormatError,
  Frame,
  fit,
  GRU,
  LastStep,
  LayerNorm,
  loadModel,
  MSELoss,
  Sequential,
  ShapeError,
} from "../../bindings/index.js";
import { loadMinCells, OPTIONS_DIGITS } from "../golden/load.js";
import { expectBits, expectClose, expectEach, greatest, roundoff } from "../helpers/compare.js";
import { expectRefusal, guarded } from "../helpers/refusal.js";
import { DTYPES, gradientsOf, operatorRuntime, parameterOf, setParameters } from "../helpers/runtime.js";

const LAYERS = [MinGRU, MinLSTM] as const;
const TOLERANCE = { f32: 1e-4, f64: 1e-9 };

describe.each(DTYPES)("PyTorch's numbers in %s", (dtype) => {
  const cases = loadMinCells().map(
    (one) => [`${one.kind}, ${one.activation} ${JSON.stringify(one.options)} lengths ${one.lengths}`, one] as const,
  );
  it.each(cases)("%s", async (_, one) => {
    const { T, N, I, H, lengths, options, activation } = one;
    const { num_layers: numLayers = 1, bias = true, bidirectional = false, batch_first: batchFirst = false } = options;
    using rt = await operatorRuntime({ dtype });
    const Layer = one.kind === "gru" ? MinGRU : MinLSTM;
    const layer = new Layer(rt, { inputSize: I, hiddenSize: H, numLayers, bias, bidirectional, batchFirst, activation });
    setParameters(layer, one.parameters);
    const D = bidirectional ? 2 : 1;
    const shape = (width: number) => (batchFirst ? [N, T, width] : [T, N, width]);
    const h = (data: number[]) => ({ h: rt.tensor(data, [D * numLayers, N, H]) });
    const close = (name: string, actual: ArrayLike<number>, expected: ArrayLike<number>) =>
      expectClose(name, actual, expected, TOLERANCE[dtype], OPTIONS_DIGITS * greatest(expected) + roundoff(dtype, greatest(expected)));
    const how = { state: h(one.states[0]), ...(lengths ? { lengths } : {}) };
    const { output, state } = layer.forward(rt.tensor(one.x, shape(I)), how);
    expect(output.shape).toEqual(shape(D * H));
    close("output", output.data, one.output);
    close("h", state.h.data, one.ends[0]);
    const { dX, dState } = layer.backward(rt.tensor(one.dOutput, shape(D * H)), h(one.dEnds[0]));
    close("dx", dX.data, one.dx);
    close("dh", dState.h.data, one.dStates[0]);
    const gradients = gradientsOf(layer);
    expect(Object.keys(gradients)).toEqual(Object.keys(one.gradients));
    for (const [name, expected] of Object.entries(one.gradients)) close(name, gradients[name], expected);
  });
});

describe.each(DTYPES)("gates at their ends, in %s", async (dtype) => {
  const rt = await operatorRuntime({ dtype });
  afterAll(() => rt.dispose());

  /** One unit over one step from h = 2: the state, and the gradients at the gates (bias), of dh = 1. */
  function step(Layer: (typeof LAYERS)[number], gates: number[], activation: "linear" | "positive" = "linear") {
    const layer = new Layer(rt, { inputSize: 1, hiddenSize: 1, activation });
    parameterOf(layer, "weight_ih_l0").set(gates.map(() => 0));
    parameterOf(layer, "bias_ih_l0").set(gates);
    const { output } = layer.forward(rt.tensor([0], [1, 1, 1]), { state: { h: rt.tensor([2], [1, 1, 1]) } });
    const h = output.toArray()[0];
    const { dState } = layer.backward(rt.tensor([1], [1, 1, 1]));
    const result = { h, gates: [...parameterOf(layer, "bias_ih_l0").grad], dh: dState.h.toArray()[0] };
    layer.dispose();
    return result;
  }

  test("MinGRU: all old, all new, and no gradient through a gate that is shut", () => {
    expect(step(MinGRU, [-1e4, 3])).toEqual({ h: 2, gates: [0, 0], dh: 1 });
    expect(step(MinGRU, [1e4, 3])).toEqual({ h: 3, gates: [0, 1], dh: 0 });
    expect(step(MinGRU, [1e4, -1e4], "positive")).toMatchObject({ h: 0, gates: [0, 0] });
    expect(step(MinGRU, [1e4, -0], "positive")).toEqual({ h: 0.5, gates: [0, 1], dh: 0 });
  });

  test("MinLSTM: two shut gates share as their difference says, where σ of both is zero", () => {
    expect(step(MinLSTM, [-1e4, -1e4, 3])).toEqual({ h: 2.5, gates: [-0.25, 0.25, 0.5], dh: 0.5 });
    expect(step(MinLSTM, [1e4, 1e4, 3])).toMatchObject({ h: 2.5, dh: 0.5 });
    expect(step(MinLSTM, [-1e4, -2e4, 3])).toMatchObject({ h: 2, dh: 1 });
    expect(step(MinLSTM, [-2e4, -1e4, 3])).toMatchObject({ h: 3, dh: 0 });
    const z = 1 / (1 + Math.exp(-1.5));
    const { h, gates } = step(MinLSTM, [-3000, -2998.5, 3]);
    expectEach("h", [h], [2 + z], TOLERANCE[dtype] / 10, 0);
    expectEach("gates", gates, [-z * (1 - z), z * (1 - z), z], TOLERANCE[dtype] / 10, 0);
  });

  test("NaN in a sequence stays in it, and comes out as NaN", () => {
    for (const Layer of LAYERS) {
      const layer = new Layer(rt, { inputSize: 2, hiddenSize: 3 });
      const x = rt.tensor([0, 1, 0, 1, Number.NaN, 1, 0, 1, 0, 1, 0, 1], [3, 2, 2]); // the first sequence's second step
      const rows = [...layer.forward(x).output.toArray()];
      expect(rows.map(Number.isNaN)).toEqual(rows.map((_, i) => i >= 6 && i % 6 < 3));
      layer.dispose();
    }
  });

  test("positive candidates keep a state of zero or more there", () => {
    for (const Layer of LAYERS) {
      const layer = new Layer(rt, { inputSize: 2, hiddenSize: 9, activation: "positive" });
      const x = rt.tensor(
        Array.from({ length: 80 }, (_, i) => 50 * Math.sin(i * i)),
        [20, 2, 2],
      );
      expect(
        layer
          .forward(x)
          .output.toArray()
          .every((h) => h >= 0),
      ).toBe(true);
      layer.dispose();
    }
  });

  test("a state that grew large leaves nothing behind when it is forgotten", () => {
    for (const [Layer, gates] of [
      [MinGRU, [1e4, 3]],
      [MinLSTM, [-1e4, 1e4, 3]],
    ] as const) {
      const layer = new Layer(rt, { inputSize: 1, hiddenSize: 1 });
      parameterOf(layer, "weight_ih_l0").set(gates.map(() => 0));
      parameterOf(layer, "bias_ih_l0").set(gates);
      const { output } = layer.forward(rt.tensor([0], [1, 1, 1]), { state: { h: rt.tensor([1e30], [1, 1, 1]) } });
      expect(output.toArray()[0]).toBe(3);
      layer.dispose();
    }
  });
});

describe.each(LAYERS.map((Layer) => [Layer.name, Layer] as const))("%s as a part of models", async (name, Layer) => {
  const rt = await operatorRuntime({ seed: 3 });
  afterAll(() => rt.dispose());
  const gates = Layer === MinGRU ? 2 : 3;
  const values = (n: number) => Float64Array.from({ length: n }, (_, i) => Math.sin(i * i));
  const chain = () => {
    const [inputSize, hiddenSize] = [2, 6];
    const layer = new Layer(rt, { inputSize, hiddenSize, numLayers: 2, bidirectional: true, dropout: 0.2, activation: "positive" });
    const norm = new LayerNorm(rt, { normalizedShape: 2 * hiddenSize });
    return new Sequential(rt, [layer, norm, new LastStep(rt), new Dense(rt, { inputSize: 2 * hiddenSize, outputSize: 1 })]);
  };

  test("parameters have the documented names, shapes and size", () => {
    const layer = new Layer(rt, { inputSize: 4, hiddenSize: 9, numLayers: 2, bidirectional: true });
    const [first, second] = [`[${gates * 9}, 4]`, `[${gates * 9}, 18]`];
    expect(layer.parameters().map((p) => `${p.name} [${p.shape.join(", ")}]`)).toEqual(
      ["l0", "l0_reverse", "l1", "l1_reverse"].flatMap((suffix) => [
        `weight_ih_${suffix} ${suffix.startsWith("l0") ? first : second}`,
        `bias_ih_${suffix} [${gates * 9}]`,
      ]),
    );
    for (const { name, ...parameter } of layer.parameters()) {
      const most = greatest(parameter.toArray());
      const bound = 1 / Math.sqrt(name.includes("_l0") ? 4 : 18);
      expect(most, name).toBeLessThanOrEqual(bound * (1 + 1e-6));
      if (name.startsWith("weight")) expect(most, name).toBeGreaterThan(bound * 0.8);
    }
    expect(new Layer(rt, { inputSize: 4, hiddenSize: 9, bias: false }).parameters()).toHaveLength(1);
    layer.dispose();
  });

  test("learns by fit, is saved, and made again with its class", async () => {
    const model = chain();
    const data = Array.from({ length: 16 }, (_, n) => {
      const steps = Array.from({ length: 3 + (n % 4) }, (_, t) => [Math.sin(n * n + t), Math.cos(n + t * t)]);
      return { x: steps, y: [steps.reduce((sum, [first]) => sum + first, 0)] };
    });
    const optimizer = new Adam(model.parameters(), { lr: 0.02 });
    const history = await fit(model, { data, loss: new MSELoss(rt), optimizer, epochs: 60, batchSize: 8 });
    const losses = history.epochs.map(({ loss }) => loss);
    expect(losses.at(-1)).toBeLessThan((losses[0] as number) / 10);
    model.eval();
    const x = rt.tensor(values(6 * 4 * 2), [6, 4, 2]);
    const bits = model.forward(x).toArray();
    const bytes = model.save();
    const again = loadModel(rt, bytes, { classes: { [name]: Layer } }) as Sequential;
    expectBits("the loaded model's output", again.forward(x).toArray(), bits);
    expect(again.summary()).toBe(model.summary());
    expect(again.summary()).toContain(`weight_ih_l0 [${gates * 6}, 2]`);
    expectRefusal(() => loadModel(rt, bytes), FormatError, "classes", name);
  });

  test("a recording has the bits of the passes by hand", () => {
    const layer = new Layer(rt, { inputSize: 3, hiddenSize: 5, numLayers: 2, bidirectional: true });
    const [x, start, d] = [rt.tensor(values(24), [4, 2, 3]), rt.tensor(values(40), [4, 2, 5]), rt.tensor(values(80), [4, 2, 10])];
    const byHand = layer.forward(x, { state: { h: start }, lengths: [2, 4] }).output.toArray();
    const { dX, dState } = layer.backward(d);
    const [dx, dh, wanted] = [dX.toArray(), dState.h.toArray(), gradientsOf(layer)];
    layer.zeroGrad();
    using frame = new Frame(rt);
    const output = frame.record(() => layer.forward(x, { state: { h: start }, lengths: [2, 4] }).output);
    expectBits("output", output.toArray(), byHand);
    frame.backward(output, { gradient: d, inputs: [x, start] });
    expectBits("dX", frame.gradient(x).toArray(), dx);
    expectBits("dState", frame.gradient(start).toArray(), dh);
    for (const [parameter, gradient] of Object.entries(gradientsOf(layer))) expectBits(parameter, gradient, wanted[parameter]);
    layer.dispose();
  });

  test("bad input gets a typed error before anything changes", async () => {
    const { rt: plain, refuse } = await guarded();
    refuse(() => new Layer(plain, { inputSize: 2, hiddenSize: 3 }), ArgumentError, "loadOperators(rt)");
    plain.dispose();
    const before = rt.bytesInUse;
    const make = (options: object) => () => new Layer(rt, { inputSize: 2, hiddenSize: 3, ...options });
    expectRefusal(make({ activation: "tanh" }), ArgumentError, "activation", "linear", "positive");
    expectRefusal(make({ activation: null }), ArgumentError, "activation");
    expectRefusal(make({ resetAfter: true }), ArgumentError, "resetAfter");
    expectRefusal(make({ hiddenSize: 0 }), ArgumentError, "hiddenSize");
    expectRefusal(make({ weights: "bf16", dtype: "f64" }), ArgumentError, "dtype");
    expectRefusal(() => new Layer(rt, undefined as never), ArgumentError);
    expect(rt.bytesInUse).toBe(before);
    const layer = make({})();
    expectRefusal(() => layer.forward(rt.zeros([4, 1, 3])), ShapeError, "x");
    expectRefusal(() => layer.forward(rt.zeros([4, 1, 2]), { state: { h: rt.zeros([1, 1, 4]) } }), ShapeError, "state.h");
    expectRefusal(() => layer.forward(rt.tensor(Int32Array.of(1, 2), [1, 1, 2])), DTypeError, "x");
    expectRefusal(() => layer.forward(rt.zeros([4, 1, 2]), { lengths: [5] }), ArgumentError, "lengths");
    layer.dispose();
  });

  test("weights of another cell, or of another activation, do not fit", () => {
    const file = new Sequential(rt, [new Layer(rt, { inputSize: 2, hiddenSize: 3, activation: "positive" })]).save();
    const others = [
      new Layer(rt, { inputSize: 2, hiddenSize: 3 }),
      new GRU(rt, { inputSize: 2, hiddenSize: 3 }),
      new (Layer === MinGRU ? MinLSTM : MinGRU)(rt, { inputSize: 2, hiddenSize: 3, activation: "positive" }),
    ];
    for (const other of others) expect(() => new Sequential(rt, [other]).load(file)).toThrow();
  });
});

test("a runtime that ends frees all", async () => {
  const rt = await operatorRuntime();
  for (const Layer of LAYERS) new Layer(rt, { inputSize: 2, hiddenSize: 3 }).stream().step();
  rt.dispose();
  expect(rt.bytesInUse).toBe(0);
});
