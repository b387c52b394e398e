/** Attention: goldens, the naive twin, differences, bits, padding, what is refused. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as lib from "../../bindings/index.js";
import {
  Adam,
  ArgumentError,
  DTypeError,
  type FloatType,
  fit,
  gradcheck,
  loadModel,
  MSELoss,
  type Runtime,
  ShapeError,
  StaleError,
  type Tensor,
} from "../../bindings/index.js";
import * as ops from "../../bindings/ops.js";
import { type Attending, Attention, MultiHeadAttention } from "../../bindings/sequence.js";
import { draws, expectBits, expectClose, expectEach } from "../helpers/compare.js";
import { operatorFrame } from "../helpers/operator-frame.js";
import { DTYPES, tensorOf } from "../helpers/runtime.js";
import { printedSeed } from "../helpers/seed.js";
import { attention as twin } from "../reference/attention.js";

interface Plain {
  shape: number[];
  data: number[];
}
interface Golden {
  layer: "MultiHeadAttention" | "Attention";
  options: never;
  lengths: number[] | null;
  causal: boolean;
  inputs: Record<string, Plain>;
  parameters: Record<string, Plain>;
  output: Plain;
  weights: Plain;
  dOutput: number[];
  dWeights: number[];
  dInputs: Record<string, number[]>;
  gradients: Record<string, number[]>;
}
const { cases } = JSON.parse(readFileSync(new URL("../golden/attention.json", import.meta.url), "utf8")) as { cases: Golden[] };
const seed = printedSeed("attention");

function layerOf(rt: Runtime, { layer, options }: Golden, dtype: FloatType): Attending {
  const given = { ...(options as object), dtype } as never;
  return layer === "Attention" ? new Attention(rt, given) : new MultiHeadAttention(rt, given);
}

describe.each(DTYPES)("PyTorch's, %s", (dtype) => {
  const title = ({ layer, options, lengths, causal, inputs }: Golden) =>
    `${layer} ${JSON.stringify(options)} ${JSON.stringify(lengths)}${causal ? " causal" : ""} of ${Object.keys(inputs)}`;
  test.each(cases.map((golden) => [title(golden), golden] as const))("%s", async (_, golden) => {
    const { rt, frame } = await operatorFrame();
    const layer = layerOf(rt, golden, dtype);
    const named = Object.fromEntries(layer.namedParameters());
    expect(Object.keys(named)).toEqual(Object.keys(golden.parameters));
    for (const [name, { shape, data }] of Object.entries(golden.parameters)) {
      expect(named[name]?.shape).toEqual(shape);
      named[name]?.set(data);
    }
    const inputs = Object.fromEntries(Object.entries(golden.inputs).map(([name, x]) => [name, tensorOf(rt, dtype, x.data, x.shape)]));
    const { query, key } = inputs as { query: Tensor; key?: Tensor };
    const lengths = golden.lengths ?? undefined;
    const x = { query, key: key ?? query }; // the golden masks keys alone, in self-attention too
    const { output, weights } = frame.record(() => layer.forward(x, { lengths: { key: lengths }, causal: golden.causal }));
    expect([output.shape, weights.shape]).toEqual([golden.output.shape, golden.weights.shape]);
    const tolerance = dtype === "f32" ? 1e-4 : 1e-9; // as of all goldens, which have 12 digits, of inputs too
    const near = (name: string, got: ArrayLike<number>, want: ArrayLike<number>) => expectEach(name, got, want, tolerance, tolerance);
    near("output", output.toArray(), golden.output.data);
    near("weights", weights.toArray(), golden.weights.data);
    const gradient = [golden.dOutput, golden.dWeights].map((d, i) => tensorOf(rt, dtype, d, (i ? weights : output).shape));
    frame.backward([output, weights], { gradient, inputs: Object.values(inputs) });
    for (const [name, tensor] of Object.entries(inputs))
      near(`d ${name}`, frame.gradient(tensor).toArray(), golden.dInputs[name] as number[]);
    for (const [name, want] of Object.entries(golden.gradients)) near(`d ${name}`, named[name]?.grad ?? [], want);
    for (const each of [layer, ...Object.values(inputs), ...gradient]) each.dispose();
  });
});

const rowsOf = (x: Tensor, n: number) => {
  const [T, N, D] = x.shape as [number, number, number];
  const data = x.toArray();
  return Array.from({ length: T }, (_, t) => Array.from({ length: D }, (_, d) => data[(t * N + n) * D + d] as number));
};

test("the naive twin, several rows reading one of the memory", async () => {
  const { rt, frame } = await operatorFrame();
  const draw = draws(seed);
  for (const score of ["dot", "general", "additive"] as const) {
    const attention = new Attention(rt, { querySize: 6, keySize: 6, valueSize: 5, score, dtype: "f64" });
    const [source, value] = [
      rt.tensor(draw(4 * 3 * 6), [4, 3, 6], { dtype: "f64" }),
      rt.tensor(draw(4 * 3 * 5), [4, 3, 5], { dtype: "f64" }),
    ];
    const query = rt.tensor(draw(4 * 6), [4, 6], { dtype: "f64" });
    const [rows, lengths] = [
      [2, 0, 2, 1],
      [3, 4, 1],
    ];
    frame.run(() => {
      const { layers } = attention as unknown as {
        layers: Record<string, { forward(x: Tensor): Tensor; parameter: { toArray(): Float64Array } }>;
      };
      const memory = attention.memory(source, { lengths, value });
      const { output, weights } = attention.step(query, memory, { rows });
      const keys = layers.key?.forward(source) ?? source;
      const queries = layers.query?.forward(query) ?? query;
      const vector = layers.score && Array.from(layers.score.parameter.toArray());
      const want = rows.map((m, n) => {
        const q = Array.from(queries.toArray()).slice(6 * n, 6 * n + 6);
        return twin([q], rowsOf(keys, m), rowsOf(value, m), () => lengths[m] as number, vector ? { vector } : {});
      });
      expectClose(
        `${score} weights`,
        weights.toArray(),
        want.flatMap((each) => each.flatMap(({ weights }) => weights)),
        1e-13,
      );
      expectClose(
        `${score} output`,
        output.toArray(),
        want.flatMap((each) => each.flatMap(({ context }) => context)),
        1e-13,
      );
    });
    for (const each of [attention, source, value, query]) each.dispose();
  }
});

test("differences: of queries, keys, values and all parameters, through outputs and weights", async () => {
  const { rt } = await operatorFrame();
  const draw = draws(seed + 1);
  const x = (...shape: number[]) => rt.tensor(draw(shape.reduce((a, b) => a * b)), shape, { dtype: "f64" });
  /** Looked at through its weights, too. */
  const weighed = (layer: Attending, options: object) => ({
    parameters: () => layer.parameters(),
    namedParameters: () => layer.namedParameters(),
    zeroGrad: () => layer.zeroGrad(),
    forward(given: never) {
      const { output, weights } = layer.forward(given, options);
      return { first: output, second: weights };
    },
  });
  const common = { querySize: 3, keySize: 3, valueSize: 5, dtype: "f64" } as const;
  const layers = [
    ...(["dot", "general", "additive"] as const).map((score) => new Attention(rt, { ...common, score })),
    new Attention(rt, { ...common, score: "additive", hiddenSize: 5, batchFirst: true }),
  ];
  for (const layer of layers) {
    const inputs = layer.batchFirst
      ? { query: x(2, 3, 3), key: x(2, 4, 3), value: x(2, 4, 5) }
      : { query: x(3, 2, 3), key: x(4, 2, 3), value: x(4, 2, 5) };
    expect(gradcheck(weighed(layer, { lengths: { key: [2, 4] } }), inputs)).toMatchObject({ passed: true });
    for (const each of Object.values(inputs)) each.dispose();
  }
  const mha = new MultiHeadAttention(rt, { embedDim: 4, numHeads: 2, dtype: "f64" });
  const own = x(4, 2, 4);
  expect(gradcheck(weighed(mha, { lengths: [3, 4], causal: true }), own)).toMatchObject({ passed: true });
  for (const each of [own, mha, ...layers]) each.dispose();
});

/** Layers of every kind, of one size. */
const kinds = (rt: Runtime, size: number, batchFirst = false): Attending[] => [
  new Attention(rt, { querySize: size, keySize: size, score: "dot", batchFirst }),
  new Attention(rt, { querySize: size, keySize: size, batchFirst }),
  new Attention(rt, { querySize: size, keySize: size, score: "additive", hiddenSize: 5, batchFirst }),
  new MultiHeadAttention(rt, { embedDim: size, numHeads: 2, batchFirst }),
];

test("bits: steps together or one by one, a row alone or in a batch, and either layout", async () => {
  const { rt, frame } = await operatorFrame();
  const draw = draws(seed + 2);
  const [T, S, N, D] = [5, 7, 3, 10];
  const [q, k] = [draw(T * N * D), draw(S * N * D)];
  const [query, key] = [rt.tensor(q, [T, N, D]), rt.tensor(k, [S, N, D])];
  const lengths = [7, 2, 5];
  const turned = (x: Float64Array, steps: number) =>
    rt.tensor(
      Float64Array.from(x, (_, i) => x[((Math.floor(i / D) % steps) * N + Math.floor(i / D / steps)) * D + (i % D)] as number),
      [N, steps, D],
    );
  const [queryFirst, keyFirst] = [turned(q, T), turned(k, S)];
  const others = kinds(rt, D, true);
  for (const [i, layer] of kinds(rt, D).entries()) {
    const other = others[i] as Attending;
    for (const [j, [, parameter]] of layer.namedParameters().entries()) other.parameters()[j]?.set(parameter.toArray());
    const whole = frame.run(() => {
      const { output, weights } = layer.forward({ query, key }, { lengths: { key: lengths } });
      const { output: first, weights: ofFirst } = other.forward({ query: queryFirst, key: keyFirst }, { lengths: { key: lengths } });
      expect(first.shape).toEqual([N, T, D]);
      const back = ops.permute(first, [1, 0, 2]).toArray();
      expectBits("batch-first", back, output.toArray());
      expectBits("its weights", ofFirst.toArray(), weights.toArray());
      return { output: output.toArray(), weights: weights.toArray(), H: weights.size / (N * T * S) };
    });
    frame.run(() => {
      const memory = layer.memory(key, { lengths });
      expectBits("several steps", layer.step(query, memory).output.toArray(), whole.output);
      for (let t = 0; t < T; t++) {
        const { output, weights } = layer.step(ops.squeeze(ops.slice(query, [[t, t + 1]]), 0), memory);
        expectBits(`step ${t}`, output.toArray(), whole.output.subarray(t * N * D, (t + 1) * N * D));
        const { H } = whole;
        const own = Array.from({ length: N * H * S }, (_, at) => whole.weights[(Math.floor(at / S) * T + t) * S + (at % S)] as number);
        expectBits(`weights of step ${t}`, weights.toArray(), own);
      }
    });
    for (let n = 0; n < N; n++) {
      const alone = frame.run(() => {
        const range = [null, [n, n + 1]] as never;
        const cut = [
          [0, lengths[n]],
          [n, n + 1],
        ] as never;
        return layer.forward({ query: ops.slice(query, range), key: ops.slice(key, cut) }).output.toArray();
      });
      const own = Array.from({ length: T * D }, (_, at) => whole.output[(Math.floor(at / D) * N + n) * D + (at % D)] as number);
      expectBits(`row ${n}`, alone, own);
    }
    layer.dispose();
  }
  for (const each of [query, key, queryFirst, keyFirst, ...others]) each.dispose();
});

test("padding: NaN behind the ends changes no bit, and gets gradients of +0", async () => {
  const { rt, frame } = await operatorFrame();
  const draw = draws(seed + 3);
  const [T, N, D] = [6, 3, 4];
  const clean = draw(T * N * D);
  const lengths = [2, 6, 4];
  const isPadding = (i: number) => Math.floor(i / D / N) >= (lengths[Math.floor(i / D) % N] as number);
  const spoiled = clean.map((value, i) => (isPadding(i) ? Number.NaN : value));
  for (const layer of kinds(rt, D)) {
    const passes = [clean, spoiled].map((data) => {
      const x = rt.tensor(data, [T, N, D]);
      const { output } = frame.record(() => layer.forward(x, { lengths }));
      // What comes of padding is for nobody: it gets no gradient.
      const gradient = rt.tensor(
        Float64Array.from({ length: T * N * D }, (_, i) => (isPadding(i) ? 0 : Math.sin(i))),
        [T, N, D],
      );
      const result = output.toArray().map((value, i) => (isPadding(i) ? 0 : value));
      layer.zeroGrad();
      frame.backward(output, { gradient, inputs: [x] });
      const dx = frame.gradient(x).toArray();
      const gradients = layer.parameters().map((parameter) => parameter.grad.slice());
      for (const each of [x, gradient]) each.dispose();
      return { result, dx, gradients };
    });
    const [first, second] = passes as [(typeof passes)[0], (typeof passes)[0]];
    expectBits("output", second.result, first.result);
    expectBits("dx", second.dx, first.dx);
    for (const [i, value] of second.dx.entries()) if (isPadding(i)) expect(Object.is(value, 0), `dx[${i}] is ${value}`).toBe(true);
    for (const [i, gradient] of second.gradients.entries()) expect(gradient.every(Number.isFinite), layer.parameters()[i]?.name).toBe(true);
    layer.dispose();
  }
});

test("a memory that many steps read gets the gradients of all", async () => {
  const { rt, frame } = await operatorFrame();
  const draw = draws(seed + 4);
  const options = { dtype: "f64" } as const;
  const attention = new Attention(rt, { querySize: 4, keySize: 4, score: "additive", ...options });
  const [query, key] = [rt.tensor(draw(5 * 2 * 4), [5, 2, 4], options), rt.tensor(draw(6 * 2 * 4), [6, 2, 4], options)];
  const pass = (forward: () => Tensor) => {
    attention.zeroGrad();
    const output = frame.record(forward);
    const gradient = rt.tensor(
      Array.from({ length: output.size }, (_, i) => Math.cos(i)),
      output.shape,
      options,
    );
    frame.backward(output, { gradient, inputs: [query, key] });
    gradient.dispose();
    return [query, key].map((x) => frame.gradient(x).toArray()).concat(attention.parameters().map(({ grad }) => grad.slice() as never));
  };
  const together = pass(() => attention.forward({ query, key }, { lengths: { key: [3, 6] } }).output);
  const apart = pass(() => {
    const memory = attention.memory(key, { lengths: [3, 6] });
    return ops.stack(ops.split(query, 5).map((q) => attention.step(ops.squeeze(q, 0), memory).output));
  });
  expectBits("dQuery", apart[0] as Float64Array, together[0] as Float64Array);
  for (const [i, gradient] of together.entries()) expectClose(`gradient ${i}`, apart[i] as Float64Array, gradient, 1e-12);
  for (const each of [attention, query, key]) each.dispose();
});

test("fit trains it, save and loadModel keep it", async () => {
  const { rt, frame } = await operatorFrame();
  const layer = new MultiHeadAttention(rt, { embedDim: 4, numHeads: 2, batchFirst: true });
  class Out extends lib.Model {
    constructor() {
      super(rt, { attention: layer });
    }
    override get batchFirst() {
      return true;
    }
    override forward(x: never, options?: object) {
      return layer.forward(x, options).output;
    }
  }
  const draw = draws(seed + 5);
  const data = Array.from({ length: 12 }, (_, i) => {
    const x = Array.from({ length: 2 + (i % 3) }, () => Array.from(draw(4)));
    return { x, y: x.toReversed().flat() };
  });
  const model = new Out();
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const loss = new MSELoss(rt);
  const { epochs } = await fit(model, { data, loss, optimizer, epochs: 8, batchSize: 4 });
  expect(epochs[7]?.loss).toBeLessThan(0.9 * (epochs[0]?.loss as number));
  for (const each of [...kinds(rt, 4), layer]) {
    const bytes = each.save();
    const again = loadModel<Attending>(rt, bytes, { classes: { Attention, MultiHeadAttention } });
    const x = each.batchFirst ? rt.tensor(draw(12), [1, 3, 4]) : rt.tensor(draw(12), [3, 1, 4]);
    const [one, other] = [each, again].map((layer) => frame.run(() => layer.forward(x).output.toArray()));
    expectBits("loaded", other as Float32Array, one as Float32Array);
    for (const one of [again, x]) one.dispose();
    if (each !== layer) each.dispose();
  }
  for (const each of [optimizer, loss, model]) each.dispose();
});

test("what does not fit is refused, and nothing is recorded", async () => {
  const { rt, frame } = await operatorFrame();
  const attention = new Attention(rt, { querySize: 3, keySize: 4, score: "additive" });
  const other = new Attention(rt, { querySize: 3, keySize: 3, score: "dot" });
  const [query, key, step, three] = [rt.zeros([2, 2, 3]), rt.zeros([5, 2, 4]), rt.zeros([2, 3]), rt.zeros([3, 3])];
  const run = (work: () => unknown) => () => frame.run(work);
  const x = { query, key };
  expect(() => attention.forward(x)).toThrow(/^Attention: expected a call inside of frame.run/);
  expect(() => attention.memory(key)).toThrow(/^Attention: expected a call inside of frame.run/);
  expect(run(() => attention.forward(query))).toThrow(new ShapeError("key", "[T, N, 4]", "[2, 2, 3]"));
  expect(run(() => attention.forward({ query: key, key }))).toThrow(new ShapeError("query", "[T, N, 3]", "[5, 2, 4]"));
  expect(run(() => attention.forward({ query: step, key }))).toThrow(ShapeError);
  expect(run(() => attention.forward(x, { causal: true }))).toThrow(new ShapeError("query", "5 steps, as the key, for causal", "2"));
  expect(run(() => attention.forward(x, { causal: 1 as never }))).toThrow(ArgumentError);
  expect(run(() => attention.forward(x, { lengths: [1, 2] }))).toThrow(/^lengths: expected \{ key \}/);
  expect(run(() => attention.forward(x, { lengths: { key: [0, 5] } }))).toThrow(/^lengths\[0\]: expected an integer in 1 … 5/);
  expect(run(() => attention.forward(x, { lengths: { key: [1] } }))).toThrow(ShapeError);
  expect(run(() => attention.forward(x, { lengths: { query: [3, 1] } }))).toThrow(/^lengths.query\[0\]: expected an integer in 1 … 2/);
  expect(run(() => attention.step(step, {} as never))).toThrow(/^memory: expected what memory\(\) of this layer gave/);
  expect(run(() => attention.step(step, other.memory(query)))).toThrow(/^memory: .*got that of another/);
  expect(run(() => attention.step(key, attention.memory(key)))).toThrow(new ShapeError("query", "[T, N, 3]", "[5, 2, 4]"));
  expect(run(() => attention.step(three, attention.memory(key)))).toThrow(new ShapeError("query", "2 rows, as the memory", "[3, 3]"));
  expect(run(() => attention.step(step, attention.memory(key), { rows: [0, 2] }))).toThrow(
    /^rows\[1\]: expected a row of the memory, 0 … 1, got 2/,
  );
  expect(run(() => attention.step(step, attention.memory(key), { rows: [0] }))).toThrow(ShapeError);
  using wide = rt.zeros([2, 2, 3], { dtype: "f64" });
  using whole = rt.zeros([2, 2, 3], { dtype: "i32" });
  expect(run(() => other.forward({ query, key: wide }))).toThrow(DTypeError);
  expect(run(() => other.forward({ query, key: whole }))).toThrow(new DTypeError("key", "f32 or f64", "i32"));
  const kept = frame.run(() => attention.memory(key));
  frame.run(() => undefined);
  expect(run(() => attention.step(step, kept))).toThrow(StaleError);
  for (const [Class, options, message] of [
    [Attention, { querySize: 3, keySize: 4, score: "dot" }, /^keySize: expected 3, as querySize/],
    [Attention, { querySize: 3, keySize: 4, score: "cosine" }, /^score: /],
    [Attention, { querySize: 3, keySize: 4, hiddenSize: 4 }, /^hiddenSize: expected none/],
    [Attention, { querySize: 0, keySize: 4 }, /^querySize: /],
    [Attention, { querySize: 3, keySize: 4, heads: 2 }, /heads/],
    [MultiHeadAttention, { embedDim: 6, numHeads: 4 }, /^numHeads: expected a divisor of embedDim, 6/],
    [MultiHeadAttention, { embedDim: 6, numHeads: 2, bias: 1 }, /^bias: /],
  ] as const)
    expect(() => new Class(rt, options as never)).toThrow(message);
  for (const each of [attention, other, query, key, step, three]) each.dispose();
});
