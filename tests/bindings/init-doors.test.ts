/** init and Generator at their doors: one typed error, nothing drawn, nothing changed. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ArgumentError,
  Dense,
  DisposedError,
  type FloatType,
  Generator,
  GRU,
  init,
  LSTM,
  type Parameter,
  RNN,
  type Runtime,
  ShapeError,
} from "../../bindings/index.js";
import { expectRefusal } from "../helpers/refusal.js";
import { testRuntime } from "../helpers/runtime.js";

const INF = Number.POSITIVE_INFINITY;
const bad = (value: unknown) => value as never;

describe.each(["f32", "f64"] as const)("init in %s", (dtype: FloatType) => {
  let rt: Runtime;
  let layer: Dense;
  let rnn: RNN;
  let gated: GRU;
  let unbiased: GRU;
  let weight: Parameter;
  let bias: Parameter;
  beforeAll(async () => {
    rt = await testRuntime({ dtype });
    layer = new Dense(rt, { inputSize: 2, outputSize: 4 });
    rnn = new RNN(rt, { inputSize: 2, hiddenSize: 3 });
    gated = new GRU(rt, { inputSize: 2, hiddenSize: 3 });
    unbiased = new GRU(rt, { inputSize: 2, hiddenSize: 3, bias: false });
    [weight, bias] = layer.parameters() as [Parameter, Parameter];
  });
  afterAll(() => {
    for (const each of [layer, rnn, gated, unbiased]) each.dispose();
    expect(rt.bytesInUse).toBe(0);
    rt.dispose();
  });

  const MOST = dtype === "f32" ? 3.4e38 : 1.7e308;
  const cases: [string, () => void, string][] = [
    ["no parameter", () => init.constant(bad(null), 1), "parameter: expected a parameter"],
    ["a list", () => init.uniform(bad(layer.parameters()), 0, 1), "parameter"],
    ["a string", () => init.constant(weight, bad("1")), "value"],
    ["NaN", () => init.constant(weight, Number.NaN), "value"],
    ["too great a value", () => init.constant(weight, dtype === "f32" ? 1e39 : INF), "value"],
    ["low over high", () => init.uniform(weight, 1, -1), "high: expected a number in [1, ∞), got -1"],
    ["low NaN", () => init.uniform(weight, Number.NaN, 1), "low"],
    ["no high", () => init.uniform(weight, 0, bad(undefined)), "high"],
    ["a range that overflows", () => init.uniform(weight, -MOST, MOST), "high"],
    ["std below 0", () => init.normal(weight, 0, -1), "std: expected a number in [0, ∞), got -1"],
    ["std that overflows", () => init.normal(weight, 0, MOST), `std: expected a number that stays finite in ${dtype}`],
    ["mean null", () => init.normal(weight, bad(null)), "mean"],
    ["gain NaN", () => init.xavierUniform(weight, { gain: Number.NaN }), "gain"],
    ["gain below 0", () => init.xavierNormal(weight, { gain: -1 }), "gain"],
    ["gain null", () => init.xavierUniform(weight, { gain: bad(null) }), "gain"],
    ["gain that overflows", () => init.xavierNormal(weight, { gain: MOST }), "gain"],
    ["gain ∞", () => init.orthogonal(weight, { gain: INF }), "gain"],
    ["blocks that do not divide", () => init.orthogonal(weight, { blocks: 3 }), "weight: expected a matrix of 3 blocks of rows"],
    ["more blocks than rows", () => init.orthogonal(weight, { blocks: 2 ** 31 }), "weight"],
    ["half blocks", () => init.xavierUniform(weight, { blocks: 0.5 }), "blocks"],
    ["a vector", () => init.orthogonal(bias), "bias: expected a matrix"],
    ["a seed for a generator", () => init.uniform(weight, 0, 1, { generator: bad(7) }), "generator: expected a Generator, got 7"],
    ["an unknown option", () => init.normal(weight, 0, 1, bad({ gain: 2 })), "options: expected only generator, got gain"],
    ["options null", () => init.orthogonal(weight, bad(null)), "options"],
    ["no LSTM", () => init.forgetGateBias(bad(null)), "lstm: expected an LSTM with biases"],
    ["a Dense", () => init.forgetGateBias(bad(layer)), "lstm"],
    ["strangers", () => init.forgetGateBias(bad({ parameters: () => [null], hiddenSize: 1 })), "lstm"],
    ["no list", () => init.forgetGateBias(bad({ parameters: () => 3 })), "lstm"],
    ["a Dense for a GRU", () => init.chrono(bad(layer), 10), "layer: expected an LSTM or a GRU with biases, got Dense"],
    ["an RNN for a GRU", () => init.chrono(bad(rnn), 10), "layer: expected an LSTM or a GRU with biases, got RNN"],
    ["a GRU without biases", () => init.chrono(unbiased, 10), "layer: expected an LSTM or a GRU with biases, got GRU"],
    ["a memory of one step", () => init.chrono(gated, 1), "longest: expected a number in [2, ∞), got 1"],
    ["a memory for ever", () => init.chrono(gated, INF), "longest"],
    ["no memory", () => init.chrono(gated, bad(undefined)), "longest"],
    ["a gain of gates", () => init.chrono(gated, 10, bad({ gain: 1 })), "options: expected only generator, got gain"],
  ];
  test.each(cases)("refuses %s", (_, act, text) => {
    const before = [weight.toArray(), bias.toArray(), rt.generator.state];
    expectRefusal(act, /^(weight|bias)/.test(text) ? ShapeError : ArgumentError, text);
    expect([weight.toArray(), bias.toArray(), rt.generator.state]).toEqual(before);
  });

  test("of layers that are gone: DisposedError, and no draw", () => {
    const lstm = new LSTM(rt, { inputSize: 1, hiddenSize: 2 });
    const gru = new GRU(rt, { inputSize: 1, hiddenSize: 2 });
    const [first] = lstm.parameters() as [Parameter];
    expectRefusal(() => init.forgetGateBias(gru), ArgumentError, "lstm: expected an LSTM with biases, got GRU");
    expectRefusal(() => init.forgetGateBias(lstm, dtype === "f32" ? 1e39 : INF), ArgumentError, "value");
    lstm.dispose();
    gru.dispose();
    const before = rt.generator.state;
    for (const act of [
      () => init.constant(first, 1),
      () => init.uniform(first, 0, 1),
      () => init.normal(first),
      () => init.xavierUniform(first),
      () => init.xavierNormal(first),
      () => init.orthogonal(first),
      () => init.forgetGateBias(lstm),
      () => init.chrono(lstm, 10),
      () => init.chrono(gru, 10),
    ])
      expectRefusal(act, DisposedError);
    expect(rt.generator.state).toEqual(before);
  });

  test("edges that are right", () => {
    init.uniform(weight, 2, 2);
    expect([...weight.toArray()]).toEqual(new Array(8).fill(2));
    init.normal(weight, 3, 0);
    expect([...weight.toArray()]).toEqual(new Array(8).fill(3));
    init.xavierUniform(weight, { gain: 0 });
    expect(weight.toArray().every((value) => value === 0)).toBe(true);
    init.normal(weight, 0, MOST / 7);
    expect(weight.toArray().every(Number.isFinite)).toBe(true);
    init.orthogonal(weight, { gain: -2, blocks: 4 });
    const [a = 0, b = 0] = weight.toArray();
    expect(a * a + b * b).toBeCloseTo(4, 5);
    expect(() => init.orthogonal(weight, { blocks: 8 })).toThrow(ShapeError);
  });
});

describe("Generator", () => {
  test.each([
    [[1, 2, 3]],
    [[1, 2, 3, 4, 5]],
    [[0, 0, 0, 0]],
    [[-0, -0, 0, 0]],
    [[1, 2, 3, Number.NaN]],
    [[1, 2, 3, 0.5]],
    [[1, 2, 3, 2 ** 31]],
    [[1, 2, 3, "4"]],
    [[1n, 2n, 3n, 4n]],
    [Object.assign([1], { length: 4 })],
    [{ length: 4, 0: 1, 1: 1, 2: 1, 3: 1 }],
    ["1234"],
    [null],
  ])("refuses the state %o and goes on as it would have", (state) => {
    const [generator, twin] = [new Generator(7), new Generator(7)];
    expectRefusal(() => (generator.state = bad(state)), ArgumentError, "state: expected four 32-bit integers");
    expect(generator.bits()).toBe(twin.bits());
  });

  test("a state's words are read once", () => {
    let reads = 0;
    const state = Object.defineProperty([1, 2, 3, 4], 2, { get: () => (reads++ === 0 ? 3 : "no") });
    const [generator, twin] = [new Generator(), new Generator()];
    generator.state = state;
    twin.state = [1, 2, 3, 4];
    expect([generator.bits(), generator.bits()]).toEqual([twin.bits(), twin.bits()]);
    twin.state = [1, -0, 3, 4];
    expect(Object.is(twin.state[1], 0)).toBe(true);
  });

  test.each([1.5, "1", null, Number.NaN, 2 ** 32, -(2 ** 31) - 1, 1n])("refuses the seed %o", (seed) =>
    expectRefusal(() => new Generator(bad(seed)), ArgumentError, "seed: expected a 32-bit integer"));

  test("the seed -0 is 0; −1 is 2³² − 1", () => {
    expect(new Generator(-0).state).toEqual(new Generator(0).state);
    expect(new Generator(-1).state).toEqual(new Generator(2 ** 32 - 1).state);
  });

  test("integer up to 2³²", () => {
    const generator = new Generator(1);
    const drawn = Array.from({ length: 200 }, () => generator.integer(2 ** 32));
    expect(drawn.every((value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32)).toBe(true);
    expect(Math.max(...drawn)).toBeGreaterThan(2 ** 31);
    expect(generator.integer(1)).toBe(0);
    for (const n of [0, -0, -1, 1.5, "6", null, Number.NaN, 2 ** 32 + 1, 2 ** 53])
      expectRefusal(() => generator.integer(bad(n)), ArgumentError, "n: expected");
  });
});
