/** LSTMP, residual and learnedState: the twin, differences, equality of bits, files, and what is refused. */
import { describe, expect, test } from "vitest";
import { LSTMP } from "../../bindings/cells.js";
import {
  ArgumentError,
  createRuntime,
  Frame,
  GRU,
  gradcheck,
  LastStep,
  LSTM,
  loadModel,
  type Parameter,
  RNN,
  type Runtime,
  Sequential,
  type Tensor,
} from "../../bindings/index.js";
import { draws, expectBits, expectClose } from "../helpers/compare.js";
import { DTYPES, operatorRuntime, setParameters, valuesOf } from "../helpers/runtime.js";
import { rowsOf } from "../helpers/sequence.js";
import { lstmpForward } from "../reference/lstmp.js";

const OPTIONS: [string, object][] = [
  ["projSize", { projSize: 3 }],
  ["peepholes", { peepholes: true }],
  ["cellClip", { cellClip: 0.3 }],
  ["all three", { projSize: 5, peepholes: true, cellClip: 0.3 }],
  ["all three, two layers, residual, learnedState", { projSize: 9, peepholes: true, cellClip: 0.3, numLayers: 2, residual: true, learnedState: true }],
]; // biome-ignore format: a table

/** Weights large enough for the bound to act. */
function filled<L extends LSTMP>(layer: L, seed: number): L {
  const draw = draws(seed);
  setParameters(layer, Object.fromEntries(layer.parameters().map(({ name, shape }) => [name, draw(shape.reduce((a, b) => a * b))])));
  return layer;
}

function example(rt: Runtime, options: object, [T, N, I, H]: readonly number[], seed: number) {
  const layer = filled(new LSTMP(rt, { inputSize: I, hiddenSize: H, ...options }), seed);
  const draw = draws(seed + 1);
  const P = layer.projSize ?? H;
  const L = layer.numLayers;
  const x = draw(T * N * I, 2);
  return { layer, x, h: draw(L * N * P), c: draw(L * N * H), dOutput: draw(T * N * P), P, L };
}

describe.each(DTYPES)("in %s", (dtype) => {
  test("LSTMP is the naive layer, at every size of tails", async () => {
    const rt = await operatorRuntime({ dtype });
    for (const [T, N, I, H] of [
      [1, 1, 1, 2],
      [3, 2, 3, 7],
      [4, 5, 8, 8],
      [3, 1, 5, 13],
      [2, 6, 4, 17],
      [5, 3, 2, 33],
    ]) {
      // biome-ignore format: a table
      for (const projSize of [undefined, 1, Math.ceil(H / 2)]) {
        for (const own of [{}, { peepholes: true }, { cellClip: 0.25 }, { peepholes: true, cellClip: 0.25 }]) {
          const { layer, x, h, c, P } = example(rt, { ...own, ...(projSize && { projSize }) }, [T, N, I, H], H);
          const state = { h: rt.tensor(h, [1, N, P]), c: rt.tensor(c, [1, N, H]) };
          const input = rt.tensor(x, [T, N, I]);
          const { output, state: end } = layer.forward(input, { state });
          const weights = Object.fromEntries(Object.entries(valuesOf(layer)).map(([name, values]) => [name.slice(0, -3), values]));
          const naive = lstmpForward({ T, N, I, H, P }, x, h, c, weights, layer.cellClip);
          expectClose("output", output.toArray(), naive.output, dtype === "f32" ? 1e-4 : 1e-11);
          expectClose("c", end.c.toArray(), naive.c, dtype === "f32" ? 1e-4 : 1e-11);
          for (const each of [layer, input, state.h, state.c]) each.dispose();
        }
      }
    }
    rt.dispose();
  });

  test("without its options it is the LSTM, bit for bit", async () => {
    const rt = await operatorRuntime({ dtype });
    const sizes = { inputSize: 5, hiddenSize: 11, numLayers: 2, bidirectional: true };
    const [plain, lstm] = [new LSTMP(rt, sizes), new LSTM(rt, sizes)];
    setParameters(plain, valuesOf(lstm));
    const draw = draws(3);
    const [x, d] = [rt.tensor(draw(6 * 4 * 5), [6, 4, 5]), rt.tensor(draw(6 * 4 * 22), [6, 4, 22])];
    const lengths = [3, 6, 1, 4];
    const both = [plain, lstm].map((layer) => {
      const { output, state } = layer.forward(x, { lengths });
      const forth = [output, state.h, state.c].map((each) => each.toArray());
      const { dX, dState } = layer.backward(d);
      return [...forth, ...[dX, dState.h, dState.c].map((each) => each.toArray()), ...layer.parameters().map(({ grad }) => grad)];
    });
    both[0].forEach((values, i) => {
      expectBits(`${i}`, values, both[1][i]);
    });
    rt.dispose();
  });

  test.each(OPTIONS)("%s: cut, batched, streamed, streamed in any rows: the same bits", async (_name, options) => {
    const rt = await operatorRuntime({ dtype });
    for (const [T, N, I, H] of [
      [5, 4, 3, 12],
      [4, 1, 6, 17],
      [3, 9, 2, 25],
    ]) {
      // biome-ignore format: a table
      const { layer, x, h, c, P, L } = example(rt, options, [T, N, I, H], T);
      const pass = (from: number, to: number, begin: { h: ArrayLike<number>; c: ArrayLike<number> }, frame?: Frame) => {
        const state = { h: rt.tensor(begin.h, [L, N, P]), c: rt.tensor(begin.c, [L, N, H]) };
        const run = () => layer.forward(rt.tensor(x.slice(from * N * I, to * N * I), [to - from, N, I]), { state });
        const { output, state: end } = frame ? frame.run(run) : run();
        return { output: output.toArray(), h: end.h.toArray(), c: end.c.toArray() };
      };
      const whole = pass(0, T, { h, c });
      const first = pass(0, 1, { h, c }, new Frame(rt));
      const second = pass(1, T, first);
      expectBits("cut", [...first.output, ...second.output], whole.output);
      expectBits("cut, c", second.c, whole.c);
      const stream = layer.stream({ batch: N });
      stream.state = { h, c };
      const odd = layer.stream({ batch: N + 50 }); // more rows than are taken at once
      odd.leave();
      const rows = Array.from({ length: N }, (_, n) => odd.join({ h: rowsOf(h, N, P, n, 1), c: rowsOf(c, N, H, n, 1) }));
      for (let t = 0; t < T; t++) {
        const step = x.subarray(t * N * I, (t + 1) * N * I);
        stream.input.set(step);
        stream.step();
        const wanted = whole.output.subarray(t * N * P, (t + 1) * N * P);
        expectBits(`stream at ${t}`, stream.output, wanted);
        odd.input.set(step);
        for (const row of [...rows].reverse()) odd.step([row]);
        expectBits(`rows at ${t}`, odd.output.slice(0, N * P), wanted);
      }
      expectBits("stream, h", stream.state.h, whole.h);
      expectBits("stream, c", stream.state.c, whole.c);
      for (let n = 0; n < N; n++) {
        const state = { h: rt.tensor(rowsOf(h, N, P, n, 1), [L, 1, P]), c: rt.tensor(rowsOf(c, N, H, n, 1), [L, 1, H]) };
        const { output } = layer.forward(rt.tensor(rowsOf(x, N, I, n, 1), [T, 1, I]), { state });
        expectBits(`row ${n} alone`, output.toArray(), rowsOf(whole.output, N, P, n, 1));
      }
    }
    rt.dispose();
  });
});

const KINDS: [string, (rt: Runtime, options: object) => LSTMP][] = [
  ["RNN", (rt, options) => new RNN(rt, options as never) as unknown as LSTMP],
  ["LSTM", (rt, options) => new LSTM(rt, options as never) as unknown as LSTMP],
  ["GRU", (rt, options) => new GRU(rt, options as never) as unknown as LSTMP],
  ["LSTMP", (rt, options) => new LSTMP(rt, { ...options, projSize: 2, peepholes: true } as never)],
  ["LSTMP, bounded", (rt, options) => new LSTMP(rt, { ...options, cellClip: 0.11 } as never)],
];
const MORE: [string, object, number[] | undefined, boolean][] = [
  ["plain", {}, undefined, true],
  ["residual, lengths", { numLayers: 3, residual: true }, [2, 4, 1], true],
  ["learned state", { learnedState: true }, [3, 1, 4], false],
  [
    "everything",
    { numLayers: 2, bidirectional: true, dropout: 0.4, batchFirst: true, residual: true, learnedState: true },
    [1, 4, 2],
    false,
  ],
  ["everything, a state given", { numLayers: 2, residual: true, learnedState: true, bias: false }, undefined, true],
];

describe.each(KINDS)("%s", (_, make) => {
  test.each(MORE)("%s: differences of x, of parameters and of the initial state", async (_name, options, lengths, hasState) => {
    const rt = await operatorRuntime({ dtype: "f64", seed: 11 });
    const layer = make(rt, { inputSize: 2, hiddenSize: 3, ...options });
    const count = layer.numLayers * (layer.bidirectional ? 2 : 1);
    const wave = (shape: number[], k: number) =>
      rt.tensor(Float64Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => 0.4 * Math.sin(k * i + k)), shape); // biome-ignore format: one line
    for (const parameter of layer.parameters())
      if (/^.0/.test(parameter.name)) parameter.set(parameter.toArray().map((_, i) => 0.2 - 0.1 * i));
    const x = wave(layer.batchFirst ? [3, 4, 2] : [4, 3, 2], 2);
    const state = Object.fromEntries(layer.kind.states.map(({ name, size }, i) => [name, wave([count, 3, size], 3 + 2 * i)]));
    const seeds = rt.generator.state;
    const forward = (input: Tensor, start: object) => {
      rt.generator.state = seeds; // the same mask every time
      return layer.forward(input, { lengths, ...(hasState && { state: start as never }) });
    };
    const common = { parameters: () => layer.parameters() as Parameter[], zeroGrad: () => layer.zeroGrad() };
    const ofX = { ...common, forward: (input: Tensor) => forward(input, state), backward: (d: Tensor) => layer.backward(d) };
    expect(gradcheck(ofX, x)).toMatchObject({ passed: true });
    for (const part of hasState ? (Object.keys(state) as ("h" | "c")[]) : []) {
      const ofState = {
        ...{ ...common, parameters: () => [] },
        forward: (start: Tensor) => forward(x, { ...state, [part]: start }),
        backward: (d: Tensor) => layer.backward(d).dState[part],
      };
      expect(gradcheck(ofState, state[part])).toMatchObject({ passed: true });
    }
    rt.dispose();
    expect(rt.bytesInUse).toBe(0);
  });

  test("a stream begins, and joins, where the layer has learned to, and has the layer's bits", async () => {
    const rt = await operatorRuntime({ seed: 5 });
    const [T, N, I, H] = [4, 3, 2, 9];
    const layer = make(rt, { inputSize: I, hiddenSize: H, numLayers: 3, residual: true, learnedState: true });
    expect(layer.parameters().filter(({ name }) => /^[hc]0_/.test(name)).every((p) => p.toArray().every((v) => v === 0))).toBe(true); // biome-ignore format: one line
    filled(layer, 9);
    const x = draws(2)(T * N * I);
    const { output } = layer.forward(rt.tensor(x, [T, N, I]));
    const stream = layer.stream({ batch: N });
    stream.leave(1);
    stream.input.fill(7);
    stream.step();
    expect(stream.join()).toBe(1);
    stream.reset(0);
    stream.reset(2);
    const width = layer.outputSize;
    for (let t = 0; t < T; t++) {
      stream.input.set(x.subarray(t * N * I, (t + 1) * N * I));
      stream.step(t % 2 ? [2, 0, 1] : undefined);
      expectBits(`step ${t}`, stream.output, output.toArray().subarray(t * N * width, (t + 1) * N * width));
    }
    rt.dispose();
  });
});

test("a model of it is saved, made again and summed up; in a frame it has the gradients of its own backward", async () => {
  const rt = await operatorRuntime();
  const options = {
    inputSize: 3,
    hiddenSize: 8,
    projSize: 4,
    peepholes: true,
    cellClip: 2,
    residual: true,
    learnedState: true,
    numLayers: 2,
  };
  const lstm = filled(new LSTMP(rt, options), 4);
  const model = new Sequential(rt, { lstm, last: new LastStep(rt) });
  const x = rt.tensor(draws(1)(15), [5, 1, 3]);
  const again = loadModel<Sequential>(rt, model.save(), { classes: { LSTMP } });
  expectBits("made again", again.forward(x).toArray(), model.forward(x).toArray());
  expect(again.summary()).toBe(model.summary());
  expect(model.summary()).toContain("weight_hr_l0 [4, 8]  weight_ch_l0 [24]  h0_l0 [4]  c0_l0 [8]");
  const bounded = new LSTMP(rt, { ...options, cellClip: 3 });
  expect(() => new Sequential(rt, { lstm: bounded, last: new LastStep(rt) }).load(model.save())).toThrow(/cellClip/);
  const frame = new Frame(rt);
  const d = rt.tensor(draws(2)(20), [5, 1, 4]);
  lstm.forward(x);
  lstm.backward(d);
  const own = lstm.parameters().map(({ grad }) => grad);
  lstm.zeroGrad();
  frame.backward(frame.record(() => lstm.forward(x).output), { gradient: d }); // biome-ignore format: one line
  lstm.parameters().forEach(({ name, grad }, i) => {
    expectBits(name, grad, own[i]);
  });
  lstm.freeze();
  lstm.zeroGrad();
  lstm.forward(x);
  lstm.backward(d);
  expect(lstm.parameters().every(({ grad }) => grad.every((g) => g === 0))).toBe(true);
  rt.dispose();
});

test("what it cannot take is refused, and nothing is taken for it", async () => {
  const rt = await operatorRuntime();
  const sizes = { inputSize: 3, hiddenSize: 8 };
  const bytes = rt.bytesInUse;
  for (const [name, values] of Object.entries({
    projSize: [0, 8, 9, -1, 2.5, Number.NaN, "4", null],
    peepholes: [1, "yes", null],
    cellClip: [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e-60, 1e300, "1", null],
    residual: [1, "no", null],
    learnedState: [0, null],
    weights: ["bf16", "f32", null],
  })) {
    for (const value of values)
      expect(() => new LSTMP(rt, { ...sizes, [name]: value } as never), `${name} ${value}`).toThrow(ArgumentError);
  }
  expect(rt.bytesInUse).toBe(bytes);
  const layer = new LSTMP(rt, { ...sizes, projSize: 4 });
  const x = rt.zeros([2, 1, 3]);
  expect(() => layer.forward(x, { state: { h: rt.zeros([1, 1, 8]), c: rt.zeros([1, 1, 8]) } })).toThrow(/state.h: expected \[1, 1, 4\]/);
  expect(() => layer.forward(x, { state: { h: rt.zeros([1, 1, 4]) } as never })).toThrow(/state.c/);
  expect(() => {
    layer.stream().state = { h: new Float32Array(8), c: new Float32Array(8) };
  }).toThrow(/state.h/);
  using bare = await createRuntime();
  expect(() => new LSTMP(bare, sizes)).toThrow(/loadOperators/);
  rt.dispose();
});
