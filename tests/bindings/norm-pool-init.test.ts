/** LayerNorm, pooling, Dropout, the padding index and initial weights. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  Dense,
  Dropout,
  Embedding,
  type FloatType,
  Generator,
  GRU,
  gradcheck,
  init,
  LastStep,
  LayerNorm,
  LSTM,
  MaxPool,
  MeanPool,
  type Parameter,
  ParameterTensor,
  type Runtime,
  ShapeError,
  type Tensor,
} from "../../bindings/index.js";
import { loadNormPool } from "../golden/load.js";
import { expectClose } from "../helpers/compare.js";
import { DTYPES, gradientsOf, setParameters, tensorOf, testRuntime } from "../helpers/runtime.js";

const g = loadNormPool();
const POOLS = { LastStep, MeanPool, MaxPool } as const;
const TOLERANCE: Record<FloatType, number> = { f64: 1e-9, f32: 1e-4 };

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime({ seed: 5 });
});
afterEach(() => rt.dispose());

describe.each(DTYPES)("in %s, against PyTorch", (dtype) => {
  const tolerance = TOLERANCE[dtype];

  test.each(g.norms)("LayerNorm of $M rows of $D, bias $bias", (golden) => {
    const { M, D, bias } = golden;
    const layer = new LayerNorm(rt, { normalizedShape: D, eps: 1e-3, dtype, elementwiseAffine: bias !== null, bias: bias !== false });
    setParameters(layer, golden.parameters);
    const [x, dy] = [tensorOf(rt, dtype, golden.x, [M, D]), tensorOf(rt, dtype, golden.dy, [M, D])];
    const y = layer.forward(x);
    expectClose("y", y.data, golden.y, tolerance);
    using stream = layer.stream({ batch: M });
    stream.input.set(golden.x);
    stream.step();
    expect([...stream.output]).toEqual([...y.data]);
    expectClose("dX", layer.backward(dy).data, golden.dX, tolerance);
    for (const [name, gradient] of Object.entries(gradientsOf(layer)))
      expectClose(name, gradient, golden.gradients[name] as number[], tolerance);
    if (M > 1) {
      const row = layer.forward(tensorOf(rt, dtype, golden.x.slice(D, 2 * D), [D])).toArray();
      expect([...row]).toEqual([...stream.output].slice(D, 2 * D)); // the same bits alone
    }
  });

  test.each(g.pools)("$name of $T×$N×$H, lengths $lengths", ({ name, T, N, H, lengths, ...golden }) => {
    const pool = new POOLS[name](rt, { dtype });
    const poisoned = golden.x.map((value, i) =>
      Math.floor(i / (N * H)) < (lengths[Math.floor(i / H) % N] as number) ? value : Number.NaN,
    );
    const y = pool.forward(tensorOf(rt, dtype, poisoned, [T, N, H]), { lengths });
    expect(y.shape).toEqual([N, H]);
    expectClose("y", y.data, golden.y, tolerance);
    const dX = pool.backward(tensorOf(rt, dtype, golden.dy, [N, H]));
    expectClose("dX", dX.data, golden.dX, tolerance);
    const padding = [...dX.data].filter((_, i) => Math.floor(i / (N * H)) >= (lengths[Math.floor(i / H) % N] as number));
    expect(padding.every((value) => Object.is(value, 0))).toBe(true);
  });
});

describe("differences", () => {
  test.each([
    ["LayerNorm", (r: Runtime) => new LayerNorm(r, { normalizedShape: 3 })],
    ["LastStep", (r: Runtime) => new LastStep(r)],
    ["MeanPool", (r: Runtime) => new MeanPool(r)],
    ["MaxPool", (r: Runtime) => new MaxPool(r)],
    ["Dropout", (r: Runtime) => new Dropout(r, { p: 0 })],
  ] as const)("%s", async (_, make) => {
    const r = await testRuntime({ dtype: "f64" });
    const layer = make(r);
    const x = r.tensor(
      Float64Array.from({ length: 24 }, (_, i) => Math.sin(3 * i)),
      [4, 2, 3],
    );
    expect(gradcheck(layer, x)).toMatchObject({ passed: true });
    layer.dispose();
    x.dispose();
    expect(r.bytesInUse).toBe(0);
    r.dispose();
  });
});

describe("Dropout", () => {
  test("drops its share, scales the rest, and goes back by the same mask", () => {
    const layer = new Dropout(rt, { p: 0.3 });
    const x = rt.tensor(new Float32Array(20000).fill(7), [200, 100]);
    const y = layer.forward(x).toArray();
    const dropped = y.filter((value) => value === 0).length / y.length;
    expect(Math.abs(dropped - 0.3)).toBeLessThan(0.012);
    expect(new Set(y)).toEqual(new Set([0, Math.fround(7 * Math.fround(1 / 0.7))]));
    expect([...layer.backward(x).data]).toEqual([...y]);
    expect([...layer.forward(x).data]).not.toEqual([...y]); // another mask
    layer.eval();
    expect([...layer.forward(x).data]).toEqual([...x.data]);
    expect([...layer.backward(x).data]).toEqual([...x.data]);
    expect(() => new Dropout(rt, { p: 1 })).toThrow("p: expected a number in [0, 1)");
  });

  test("the same seed, the same mask", () => {
    const x = rt.tensor(new Float32Array(64).fill(1), [64]);
    const run = (seed: number) => [...new Dropout(rt, { generator: new Generator(seed) }).forward(x).data];
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
  });
});

describe("Embedding's padding index", () => {
  test.each([2, -3])("%i: zeros, and no gradient", (paddingIdx) => {
    const layer = new Embedding(rt, { numEmbeddings: 5, embeddingDim: 3, paddingIdx });
    expect(layer.paddingIdx).toBe(2);
    const weight = layer.parameters()[0] as Parameter;
    expect([...weight.toArray().slice(6, 9)]).toEqual([0, 0, 0]);
    const y = layer.forward(rt.tensor(Int32Array.of(2, 1, 2), [3]));
    expect([...y.data.slice(0, 3)]).toEqual([0, 0, 0]);
    layer.backward(rt.tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 3]));
    expect([...weight.grad]).toEqual([0, 0, 0, 4, 5, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  test("out of range is refused", () => {
    for (const paddingIdx of [5, -6, 0.5]) {
      expect(() => new Embedding(rt, { numEmbeddings: 5, embeddingDim: 3, paddingIdx })).toThrow(
        "paddingIdx: expected an integer in -5 … 4",
      );
    }
  });
});

describe("initial weights", () => {
  const matrix = (rows: number, columns: number) =>
    new Dense(rt, { inputSize: columns, outputSize: rows, dtype: "f64" }).parameters()[0] as Parameter;
  const farFromUnit = (values: ArrayLike<number>, rows: number, columns: number, gain: number) => {
    const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
    const at = (q: number, i: number) => values[rows <= columns ? q * columns + i : i * columns + q] as number;
    let most = 0;
    for (let a = 0; a < count; a++) {
      for (let b = 0; b <= a; b++) {
        let dot = 0;
        for (let i = 0; i < length; i++) dot += at(a, i) * at(b, i);
        most = Math.max(most, Math.abs(dot / gain ** 2 - Number(a === b)));
      }
    }
    return most;
  };

  test.each([
    [1, 1],
    [7, 7],
    [3, 20],
    [20, 3],
    [64, 64],
  ])("orthogonal %i×%i", (rows, columns) => {
    const parameter = matrix(rows, columns);
    init.orthogonal(parameter, { gain: 1.5 });
    expect(farFromUnit(parameter.toArray(), rows, columns, 1.5)).toBeLessThan(1e-13);
  });

  test("orthogonal, gate by gate, and 512×512", () => {
    const lstm = new LSTM(rt, { inputSize: 2, hiddenSize: 6, dtype: "f64" });
    const recurrent = lstm.parameters()[1] as Parameter;
    init.orthogonal(recurrent, { blocks: 4 });
    for (let k = 0; k < 4; k++) expect(farFromUnit(recurrent.toArray().slice(36 * k, 36 * (k + 1)), 6, 6, 1)).toBeLessThan(1e-13);
    expect(() => init.orthogonal(recurrent, { blocks: 5 })).toThrow(ShapeError);
    const large = matrix(512, 512);
    init.orthogonal(large);
    expect(farFromUnit(large.toArray(), 512, 512, 1)).toBeLessThan(1e-12);
  });

  test("their spread, and the same bits from the same seed", () => {
    const parameter = matrix(200, 100);
    const spread = () => Math.sqrt(Float64Array.from(parameter.toArray()).reduce((sum, w) => sum + w * w, 0) / 20000);
    init.xavierUniform(parameter, { gain: 2 });
    expect(spread()).toBeCloseTo(2 * Math.sqrt(2 / 300), 2);
    expect(Math.max(...parameter.toArray())).toBeLessThanOrEqual(2 * Math.sqrt(6 / 300));
    init.xavierNormal(parameter, { blocks: 2 });
    expect(spread()).toBeCloseTo(Math.sqrt(2 / 200), 2);
    init.normal(parameter, 1, 0.5);
    expect(spread()).toBeCloseTo(Math.sqrt(1.25), 1);
    init.uniform(parameter, -1, 3, { generator: new Generator(8) });
    const first = parameter.toArray();
    init.uniform(parameter, -1, 3, { generator: new Generator(8) });
    expect(parameter.toArray()).toEqual(first);
    init.constant(parameter, 4);
    expect(new Set(parameter.toArray())).toEqual(new Set([4]));
    expect(() => init.normal({} as never)).toThrow("parameter: expected a parameter");
  });

  test("filters [O, C, KH, KW]: fan-in counts the taps, as in PyTorch", async () => {
    const spread = (values: ArrayLike<number>) => Math.sqrt(Array.from(values).reduce((sum, w) => sum + w * w, 0) / values.length);
    const filters = new ParameterTensor(rt, [40, 30, 3, 5], { dtype: "f64" });
    const { parameter } = filters;
    expect(Math.max(...parameter.toArray().map(Math.abs))).toBeCloseTo(1 / Math.sqrt(450), 3); // its default, as torch.nn.Conv2d's
    init.kaimingNormal(parameter);
    expect(spread(parameter.toArray()) / Math.sqrt(2 / 450)).toBeCloseTo(1, 1);
    init.xavierNormal(parameter);
    expect(spread(parameter.toArray()) / Math.sqrt(2 / (450 + 600))).toBeCloseTo(1, 1);
    init.xavierUniform(parameter, { gain: 3 });
    const bound = 3 * Math.sqrt(6 / (450 + 600));
    expect(Math.max(...parameter.toArray().map(Math.abs))).toBeLessThanOrEqual(bound);
    expect(spread(parameter.toArray()) / (bound / Math.sqrt(3))).toBeCloseTo(1, 1);
    init.orthogonal(parameter);
    expect(farFromUnit(parameter.toArray(), 40, 450, 1)).toBeLessThan(1e-12);
    init.kaimingNormal(matrix(200, 100), { gain: 2 });
    const line = new ParameterTensor(rt, [7], { dtype: "f64" });
    expect(() => init.kaimingNormal(line.parameter)).toThrow(ShapeError);
    expect(() => init.kaimingNormal(parameter, { gain: -1 })).toThrow("gain");
    for (const each of [filters, line]) each.dispose();
  });

  test("the forget gate's bias", () => {
    const lstm = new LSTM(rt, { inputSize: 2, hiddenSize: 3, numLayers: 2, bidirectional: true });
    const before = Object.fromEntries(lstm.parameters().map((p) => [p.name, p.toArray()]));
    init.forgetGateBias(lstm, 2);
    let biases = 0;
    for (const p of lstm.parameters()) {
      const expected = (before[p.name] as Float32Array).slice();
      if (p.name.startsWith("bias")) {
        expected.fill(p.name.startsWith("bias_ih") ? 2 : 0, 3, 6);
        biases++;
      }
      expect(p.toArray(), p.name).toEqual(expected);
    }
    expect(biases).toBe(8);
    expect(() => init.forgetGateBias(new LSTM(rt, { inputSize: 1, hiddenSize: 1, bias: false }))).toThrow(
      "lstm: expected an LSTM with biases",
    );
  });

  test.each([
    ["LSTM", LSTM],
    ["GRU", GRU],
  ] as const)("chrono of %s: biases by the draws, the others as they were", (name, Kind) => {
    const layer = new Kind(rt, { inputSize: 2, hiddenSize: 3, numLayers: 2, bidirectional: true, dtype: "f64" });
    const expected = Object.fromEntries(layer.parameters().map((p) => [p.name, p.toArray()]));
    const draws = new Generator(8);
    init.chrono(layer, 50, { generator: new Generator(8) });
    for (const cell of ["l0", "l0_reverse", "l1", "l1_reverse"]) {
      const [ih, hh] = [expected[`bias_ih_${cell}`], expected[`bias_hh_${cell}`]] as [Float64Array, Float64Array];
      hh.fill(0, name === "LSTM" ? 0 : 3, 6);
      for (let h = 0; h < 3; h++) {
        ih[3 + h] = Math.log(1 + 48 * draws.uniform());
        if (name === "LSTM") ih[h] = -(ih[3 + h] as number);
      }
    }
    for (const p of layer.parameters()) expect(p.toArray(), p.name).toEqual(expected[p.name]);
    layer.dispose();
  });

  test.each([
    ["LSTM", LSTM],
    ["GRU", GRU],
  ] as const)("chrono of %s: what a unit holds fades by u/(1 + u) a step, u uniform up to the longest", (name, Kind) => {
    const [H, T, longest] = [500, 20, 100];
    const layer = new Kind(rt, { inputSize: 1, hiddenSize: H, dtype: "f64" });
    for (const parameter of layer.parameters()) init.constant(parameter, 0);
    init.chrono(layer, longest, { generator: new Generator(3) });
    const ones = () => rt.tensor(new Float64Array(H).fill(1), [1, 1, H], { dtype: "f64" });
    const state = name === "LSTM" ? { h: ones(), c: ones() } : { h: ones() };
    const end = (layer as LSTM).forward(rt.zeros([T, 1, 1], { dtype: "f64" }), { state: state as { h: Tensor; c: Tensor } }).state;
    const kept = [...(name === "LSTM" ? end.c : end.h).toArray()].map((held) => held ** (1 / T)); // nothing is taken in
    const u = kept.map((keep) => keep / (1 - keep)).sort((a, b) => a - b);
    expect(u[0]).toBeGreaterThanOrEqual(1 - 1e-9);
    expect(u.at(-1)).toBeLessThan(longest - 1 + 1e-6);
    const farthest = u.map((value, k) => Math.abs((value - 1) / (longest - 2) - (k + 0.5) / H));
    expect(Math.max(...farthest)).toBeLessThan(1.63 / Math.sqrt(H)); // Kolmogorov and Smirnov's bound at 1 %
    layer.dispose();
  });
});
