/** The cells of operators in training: noise beside a twin and against differences, chains by hand, fit, resumed runs, files; what is refused. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CoupledLSTM, LayerNormLSTM, RecurrentDropoutLSTM, ScanLayer, ZoneoutLSTM } from "../../bindings/cells.js";
import {
  Adam,
  ArgumentError,
  Dense,
  DTypeError,
  Frame,
  fit,
  Generator,
  gradcheck,
  LastStep,
  LSTM,
  loadModel,
  Model,
  MSELoss,
  NonFiniteError,
  predict,
  type Runtime,
  Sequential,
  ShapeError,
  StaleError,
  type Tensor,
} from "../../bindings/index.js";
import { add, mul, sigmoid, split, sub, tanh } from "../../bindings/ops.js";
import { draws, expectBits, expectClose, expectEach, inner } from "../helpers/compare.js";
import { gradientsOf, operatorRuntime, testRuntime } from "../helpers/runtime.js";
import { makeScan, SCAN_CLASSES, SCAN_KINDS } from "../helpers/scan-cells.js";
import { dropoutFactors } from "../reference/dropout.js";
import { centralDifference } from "../reference/finite.js";
import { type NoisyWeights, noisyCell, type StepNoise } from "../reference/scan-cells.js";

const [T, N, I, H] = [4, 3, 2, 3];
const dims = { T, N, I, H };
let rt: Runtime;
beforeAll(async () => {
  rt = await operatorRuntime({ dtype: "f64", seed: 8 });
});
afterAll(() => rt.dispose());

/** The masks of a generator, in the order of its draws. */
const masksOf = (seed: number, p: number) => {
  const generator = new Generator(seed);
  return () => dropoutFactors(N * H, p, generator.bits(), generator.bits());
};
const stays = (factors: Float64Array) => Array.from(factors, (factor) => factor === 0);
const steps = (noise: () => StepNoise) => Array.from({ length: T }, noise);

const NOISY: [name: string, options: object, kind: "LSTM" | "GRU", noise: () => StepNoise[]][] = [
  [
    "ZoneoutLSTM",
    { zoneoutH: 0.4, zoneoutC: 0.4 },
    "LSTM",
    () => {
      const mask = masksOf(5, 0.4);
      return steps(() => ({ kh: stays(mask()), kc: stays(mask()) }));
    },
  ],
  [
    "ZoneoutGRU",
    { zoneoutH: 0.4 },
    "GRU",
    () => {
      const mask = masksOf(5, 0.4);
      return steps(() => ({ kh: stays(mask()) }));
    },
  ],
  ...(["LSTM", "GRU"] as const).flatMap((kind): (typeof NOISY)[number][] => [
    [
      `RecurrentDropout${kind}`,
      { recurrentDropout: 0.4 },
      kind,
      () => {
        const mask = masksOf(5, 0.4);
        return steps(() => ({ dg: mask() }));
      },
    ],
    [
      `RecurrentDropout${kind}`,
      { recurrentDropout: 0.4, dropped: "state" },
      kind,
      () => {
        const dh = masksOf(5, 0.4)();
        return steps(() => ({ dh }));
      },
    ],
  ]),
];

describe.each(NOISY)("%s %j, while training", (name, options, kind, noise) => {
  const make = () => makeScan(rt, name, { inputSize: I, hiddenSize: H, ...options, generator: new Generator(1) });

  test("the twin's outputs, from the seed's masks; another pass draws anew; in use there is none", () => {
    using layer = make();
    using x = rt.tensor(draws(1)(T * N * I), [T, N, I]);
    const weights = Object.fromEntries(
      layer.parameters().map((each) => [each.name.slice(0, -3), each.toArray()]),
    ) as unknown as NoisyWeights;
    layer.generator.state = new Generator(5).state;
    const first = layer.forward(x).output.toArray();
    expectClose("output", first, noisyCell(kind, dims, weights, x.toArray(), noise()), 1e-12);
    expect(layer.forward(x).output.toArray()).not.toEqual(first);
    layer.eval();
    const before = layer.generator.state;
    layer.forward(x);
    expect(layer.generator.state).toEqual(before);
  });

  test("gradients against differences, under the same masks", () => {
    using layer = make();
    const values = draws(2)(T * N * I);
    const weigh = draws(3)(T * N * H);
    const forward = (x: Tensor) => {
      layer.generator.state = new Generator(5).state;
      return layer.forward(x).output;
    };
    const loss = (at: ArrayLike<number>) => {
      using x = rt.tensor(at, [T, N, I]);
      return inner(forward(x).toArray(), weigh);
    };
    using x = rt.tensor(values, [T, N, I]);
    using d = rt.tensor(weigh, [T, N, H]);
    forward(x);
    expectEach("dX", layer.backward(d).dX.toArray(), centralDifference(loss, values).gradient, 1e-8, 1e-9);
    for (const parameter of layer.parameters()) {
      const own = parameter.toArray();
      const by = (w: Float64Array) => {
        parameter.set(w);
        return loss(values);
      };
      const { gradient } = centralDifference(by, own);
      parameter.set(own);
      expectEach(parameter.name, parameter.grad, gradient, 1e-8, 1e-9);
    }
  });
});

test.each(SCAN_KINDS)("%s: gradcheck of a model, both directions, lengths", (name, options) => {
  using layer = makeScan(rt, name, { inputSize: I, hiddenSize: H, bidirectional: true, ...options });
  using x = rt.tensor(draws(1)(T * N * I), [T, N, I]);
  const model = {
    forward: (x: Tensor) => layer.eval().forward(x, { lengths: [4, 1, 3] }).output,
    parameters: () => layer.parameters(),
    zeroGrad: () => layer.zeroGrad(),
  };
  expect(gradcheck(model, x)).toMatchObject({ passed: true });
});

describe.each(SCAN_KINDS)("%s in a chain", (name, options) => {
  const chain = (more = {}) =>
    new Sequential(rt, {
      cell: makeScan(rt, name, { inputSize: I, hiddenSize: H, ...options, ...more, generator: new Generator(2) }),
      last: new LastStep(rt),
      head: new Dense(rt, { inputSize: H, outputSize: 1, generator: new Generator(3) }),
    });
  const data = Array.from({ length: 9 }, (_, i) => ({
    x: Array.from({ length: 2 + (i % 3) }, (_, t) => [Math.sin(i + t), 1]),
    y: Math.sin(i),
  }));

  test("back by hand as in a frame; saved and loaded, streamed", () => {
    const model = chain();
    model.eval();
    const { cell, last, head } = model.layers as { cell: ScanLayer; last: LastStep; head: Dense };
    using x = rt.tensor(draws(1)(T * N * I), [T, N, I]);
    using d = rt.tensor(draws(2)(N), [N, 1]);
    const y = model.forward(x).toArray();
    const dX = cell.backward(last.backward(head.backward(d))).dX.toArray();
    const byHand = gradientsOf(cell);
    cell.zeroGrad();
    using frame = new Frame(rt);
    const framed = frame.record(() => model.forward(x));
    expectBits("y", framed.toArray(), y);
    frame.backward(framed, { gradient: d, inputs: [x] });
    expectBits("dX", frame.gradient(x).toArray(), dX);
    for (const [each, gradient] of Object.entries(gradientsOf(cell))) expectBits(each, gradient, byHand[each] as Float64Array);
    const loaded = loadModel(rt, model.save(), { classes: SCAN_CLASSES });
    expectBits("loaded", (loaded.forward(x) as Tensor).toArray(), y);
    const streamed = new Sequential(rt, { cell, head });
    const stream = streamed.stream({ batch: N });
    for (let t = 0; t < T; t++) {
      stream.input.set(x.toArray().slice(t * N * I, (t + 1) * N * I));
      stream.step();
    }
    expectBits("stream", stream.output, y);
    for (const each of [stream, loaded, model]) each.dispose();
  });

  test("trained by fit, and a run that was resumed has the bits of one that was not", async () => {
    const run = async (epochs: number, resume?: Uint8Array) => {
      const model = chain();
      const loss = new MSELoss(rt);
      const optimizer = new Adam(model.parameters(), { lr: 0.02 });
      let checkpoint: Uint8Array | undefined;
      const save = (bytes: Uint8Array) => {
        checkpoint = bytes;
      };
      const how = { data, loss, optimizer, epochs, batchSize: 4, seed: 4, checkpoint: { save } };
      const done = await fit(model, resume ? { ...how, resume } : how);
      const weights = model.parameters().map((parameter) => parameter.toArray());
      for (const each of [model, loss, optimizer]) each.dispose();
      return { epochs: done.epochs, checkpoint, weights };
    };
    const whole = await run(4);
    const half = await run(2);
    const resumed = await run(4, half.checkpoint);
    for (const [i, values] of resumed.weights.entries()) expectBits(`parameter ${i}`, values, whole.weights[i] as Float64Array);
    expect(whole.epochs.at(-1)?.loss).toBeLessThan(whole.epochs[0]?.loss as number);
  });

  test("a prediction does not depend on its batch", async () => {
    const model = chain({ batchFirst: true });
    const [together, alone] = [await predict(model, data), await predict(model, data, { batchSize: 1 })];
    for (const [i, each] of together.entries()) expectBits(`sample ${i}`, each.data, alone[i]?.data as Float64Array);
    model.dispose();
  });
});

/** As in the docstring of ScanLayer. */
class MinimalGatedUnit extends ScanLayer {
  constructor(rt: Runtime, options: { inputSize: number; hiddenSize: number }) {
    const parameters = (I: number, H: number) => ({ weight_ih: [2 * H, I], weight_hh: [2 * H, H], bias_ih: [2 * H] });
    super(rt, options, { name: "MinimalGatedUnit", states: ["h"], parameters });
  }
  protected override cell(pass: Parameters<ScanLayer["cell"]>[0], x: Tensor) {
    const H = this.hiddenSize;
    const [gate, candidate] = [pass.linear("hh", [0, H]), pass.linear("hh", [H, H])];
    const step = (z: Tensor, { h }: { h: Tensor }) => {
      const [zf, zh] = split(z, 2, -1) as [Tensor, Tensor];
      const f = sigmoid(add(zf, gate(h)));
      return { h: add(mul(sub(1, f), h), mul(f, tanh(add(zh, candidate(mul(f, h)))))) };
    };
    return { x: pass.linear("ih")(x), step };
  }
}

test("a cell of one's own: gradients, file, stream", () => {
  const model = new Sequential(rt, [new MinimalGatedUnit(rt, { inputSize: I, hiddenSize: H })]);
  using x = rt.tensor(draws(1)(T * N * I), [T, N, I]);
  expect(gradcheck(model, x)).toMatchObject({ passed: true });
  const loaded = loadModel(rt, model.save(), { classes: { MinimalGatedUnit } });
  expectBits("loaded", (loaded.forward(x) as Tensor).toArray(), model.forward(x).toArray());
  for (const each of [model, loaded]) each.dispose();
});

test("a culprit is named: the layer whose number is not finite", async () => {
  class Own extends Model<{ first: Dense; cell: CoupledLSTM }> {
    constructor(rt: Runtime) {
      super(rt, { first: new Dense(rt, { inputSize: 1, outputSize: I }), cell: new CoupledLSTM(rt, { inputSize: I, hiddenSize: 1 }) });
    }
    forward(x: Tensor): Tensor {
      return this.layers.cell.forward(this.layers.first.forward(x)).output;
    }
  }
  const model = new Own(rt);
  model.layers.cell.parameters()[0]?.update((values) => void values.fill(Number.NaN));
  using loss = new MSELoss(rt);
  using optimizer = new Adam(model.parameters());
  const failed = fit(model, { data: [{ x: [[1], [2]], y: [1, 2] }], loss, optimizer, epochs: 1 });
  await expect(failed).rejects.toThrow(NonFiniteError);
  await expect(failed).rejects.toThrow(/cell/);
  model.dispose();
});

test("memory: forwards and backwards again take none; the end leaves none", async () => {
  const own = await operatorRuntime({ dtype: "f64" });
  const layer = new LayerNormLSTM(own, { inputSize: I, hiddenSize: H, bidirectional: true, numLayers: 2 });
  const x = own.tensor(draws(1)(T * N * I), [T, N, I]);
  const d = own.tensor(draws(1)(T * N * 2 * H), [T, N, 2 * H]);
  const round = () => {
    layer.forward(x, { lengths: [4, 2, 1] });
    layer.backward(d);
    return own.bytesInUse;
  };
  round();
  const after = round();
  for (let i = 0; i < 5; i++) expect(round()).toBe(after);
  const single = new CoupledLSTM(own, { inputSize: I, hiddenSize: H });
  const stream = single.stream({ batch: 3 });
  stream.step();
  const held = own.bytesInUse;
  for (let i = 0; i < 5; i++) stream.step();
  expect(own.bytesInUse).toBe(held);
  for (const each of [stream, single, layer, x, d]) each.dispose();
  expect(own.bytesInUse).toBe(0);
  own.dispose();
});

test("what they cannot take is refused, and nothing has changed", async () => {
  using bare = await testRuntime();
  expect(() => new CoupledLSTM(bare, { inputSize: I, hiddenSize: H })).toThrow(/loadOperators/);
  expect(bare.bytesInUse).toBe(0);
  const size = { inputSize: I, hiddenSize: H };
  const made = (name: string, options: object) => () => makeScan(rt, name, { ...size, ...options });
  for (const [work, text] of [
    [made("CoupledLSTM", { gate: "output" }), "gate"],
    [made("CoupledLSTM", { hiddenSize: 0 }), "hiddenSize"],
    [made("CoupledLSTM", { weights: "bf16" }), "weights"],
    [made("LayerNormLSTM", { eps: -1 }), "eps"],
    [made("ZoneoutLSTM", { zoneoutC: 1 }), "zoneoutC"],
    [made("ZoneoutGRU", { zoneoutC: 0.5 }), "zoneoutC"],
    [made("RecurrentDropoutLSTM", { dropped: "weights" }), "dropped"],
    [made("ActivatedLSTM", { activations: ["Sigmoid", "Tanh"] }), "activations"],
    [made("ActivatedLSTM", { activations: ["Sigmoid", "Tanh", "Sine"] }), "activations[2]"],
    [made("ActivatedRNN", { activations: ["ScaledTanh"], activationAlpha: [1] }), "activationBeta: expected a value for ScaledTanh"],
    [made("ActivatedRNN", { activations: ["Tanh"], activationAlpha: [1] }), "activationAlpha: expected as many"],
    [made("ActivatedGRU", { resetAfter: 1 }), "resetAfter"],
  ] as const) {
    const before = rt.bytesInUse;
    expect(work, text).toThrow(ArgumentError);
    expect(work).toThrow(text);
    expect(rt.bytesInUse).toBe(before);
  }
  const layer = new ZoneoutLSTM(rt, { ...size, generator: new Generator(1) });
  const both = new CoupledLSTM(rt, { ...size, bidirectional: true });
  using x = rt.tensor(draws(1)(T * N * I), [T, N, I]);
  using first = rt.tensor(draws(1)(T * N * I), [N, T, I], { batchFirst: true });
  using single = rt.tensor(draws(1)(T * N * I), [T, N, I], { dtype: "f32" });
  using h = rt.tensor(draws(1)(N * H), [1, N, H]);
  using flat = rt.tensor(draws(1)(N * H), [N, H]);
  const { output } = layer.forward(x);
  const kept = output.toArray();
  const drawn = layer.generator.state;
  for (const [work, type, text] of [
    [() => layer.forward(flat), ShapeError, "x"],
    [() => layer.forward(first), ShapeError, "x"],
    [() => layer.forward(single), DTypeError, "x"],
    [() => layer.forward(x, { lengths: [5, 1, 1] }), ArgumentError, "lengths"],
    [() => layer.forward(x, { state: { h } }), ArgumentError, "state.c"],
    [() => layer.forward(x, { state: { h, c: flat } }), ShapeError, "state.c"],
    [() => layer.forward(x, { state: { h, c: h, d: h } }), ArgumentError, "state"],
    [() => layer.forward(x, { state: h as never }), ArgumentError, "state"],
    [() => layer.backward(flat), ShapeError, "dOutput"],
    [() => layer.backward(null, { c: flat }), ShapeError, "dState.c"],
    [() => layer.backward(output, {}, { dX: 1 as never }), ArgumentError, "dX"],
    [() => layer.backward(null, {}, { dX: false }).dX, ArgumentError, "dX"],
    [() => both.backward(output), StaleError, "backward"],
    [() => both.stream(), ArgumentError, "bidirectional"],
  ] as const) {
    expect(work, text).toThrow(type as unknown as ErrorConstructor);
    expect(work).toThrow(text);
  }
  expectBits("the last result", output.toArray(), kept);
  expect(layer.generator.state).toEqual(drawn);
  const stream = layer.stream({ batch: 2 });
  using frame = new Frame(rt);
  expect(() => frame.run(() => stream.step())).toThrow(/outside of frames/);
  expect(() => stream.step([0, 0])).toThrow(ArgumentError);
  expect(() => stream.setState(0, { h: [1], c: [1] })).toThrow(ShapeError);
  expect(() => {
    stream.state = { h: [] };
  }).toThrow(ShapeError);
  // A square layer's own result is no input; its weights' change makes the way back stale.
  using square = new RecurrentDropoutLSTM(rt, { inputSize: I, hiddenSize: I });
  const own = square.forward(x).output;
  expect(() => square.forward(own)).toThrow(StaleError);
  square.forward(x);
  square.parameters()[0]?.update((values) => void values.fill(0));
  using d = rt.tensor(draws(1)(T * N * I), [T, N, I]);
  expect(() => square.backward(d)).toThrow(StaleError);
  using other = new LSTM(rt, size);
  expect(() => new Sequential(rt, [layer]).load(new Sequential(rt, [other]).save())).toThrow(/ZoneoutLSTM/);
  for (const each of [stream, layer, both]) each.dispose();
  expect(() => stream.step()).toThrow(/dispose/);
});
