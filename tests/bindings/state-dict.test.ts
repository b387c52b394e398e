/** State dicts: a layer's and a model's weights as plain arrays by name, and back, all or none. */
import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  Dense,
  DisposedError,
  DTypeError,
  Embedding,
  FormatError,
  GRU,
  LayerNorm,
  LSTM,
  loadSafetensors,
  type NamedArray,
  ParameterTensor,
  RNN,
  type Runtime,
  Sequential,
  ShapeError,
  saveSafetensors,
} from "../../bindings/index.js";
import { expectRefusal } from "../helpers/refusal.js";
import { testRuntime } from "../helpers/runtime.js";

const LAYERS: readonly [string, (rt: Runtime) => LSTM | GRU | RNN | Dense | Embedding | LayerNorm, string[]][] = [
  ["LSTM", (rt) => new LSTM(rt, { inputSize: 3, hiddenSize: 2 }), ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]],
  ["GRU", (rt) => new GRU(rt, { inputSize: 3, hiddenSize: 2, bias: false }), ["weight_ih_l0", "weight_hh_l0"]],
  ["RNN", (rt) => new RNN(rt, { inputSize: 3, hiddenSize: 2 }), ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]],
  ["Dense", (rt) => new Dense(rt, { inputSize: 3, outputSize: 2 }), ["weight", "bias"]],
  ["Embedding", (rt) => new Embedding(rt, { numEmbeddings: 4, embeddingDim: 3 } as never), ["weight"]],
  ["LayerNorm", (rt) => new LayerNorm(rt, { normalizedShape: 3 } as never), ["weight", "bias"]],
];

const modelOf = (rt: Runtime) =>
  new Sequential(rt, { rnn: new RNN(rt, { inputSize: 3, hiddenSize: 2 }), head: new Dense(rt, { inputSize: 2, outputSize: 4 }) });

describe("a bare layer", () => {
  test.each(LAYERS)("%s: PyTorch's names, copies, and back", async (_, make, names) => {
    const rt = await testRuntime({ dtype: "f32" });
    const [from, to] = [make(rt), make(rt)];
    const dict = from.stateDict();
    expect(Object.keys(dict)).toEqual(names);
    for (const parameter of from.parameters())
      expect(dict[parameter.name]).toEqual({ dtype: "f32", shape: [...parameter.shape], data: parameter.toArray() });
    expect(to.loadStateDict(loadSafetensors(saveSafetensors(dict)).tensors)).toEqual({ missing: [], unexpected: [] });
    expect(to.stateDict()).toEqual(dict);
    dict[names[0] as string]?.data.fill(7);
    expect(from.parameters()[0]?.toArray()).not.toContain(7);
    expect(to.parameters()[0]?.toArray()).not.toContain(7);
    to.dispose();
    expect(() => to.stateDict()).toThrow(DisposedError);
    expect(() => to.loadStateDict(dict)).toThrow(DisposedError);
    rt.dispose();
  });
});

describe("a model", () => {
  test("full names, renamed; what is renamed to undefined is left out", async () => {
    const rt = await testRuntime({ dtype: "f32" });
    const [from, to] = [modelOf(rt), modelOf(rt)];
    const foreign: Record<string, NamedArray> = { num_batches_tracked: { shape: [], data: Int32Array.of(3) } };
    for (const [name, array] of Object.entries(from.stateDict())) foreign[`module.${name}`] = array;
    expectRefusal(() => to.loadStateDict(foreign), FormatError, "rnn.weight_ih_l0", "missing", "num_batches_tracked", "unexpected");
    to.loadStateDict(foreign, { rename: (name) => (name.startsWith("module.") ? name.slice(7) : undefined) });
    expect(to.stateDict()).toEqual(from.stateDict());
    rt.dispose();
  });

  test("all that is wrong in one error, and nothing is loaded", async () => {
    const rt = await testRuntime({ dtype: "f32" });
    const model = modelOf(rt);
    const before = model.stateDict();
    const { "rnn.bias_ih_l0": _, ...dict } = modelOf(rt).stateDict() as Record<string, NamedArray>;
    dict["head.weight"] = { ...(dict["head.weight"] as NamedArray), shape: [2, 4] }; // transposed: as many elements
    dict["head.bias"] = { shape: [4], data: Int32Array.of(1, 2, 3, 4) };
    dict.stranger = { shape: [1], data: Float32Array.of(1) };
    expectRefusal(
      () => model.loadStateDict(dict),
      FormatError,
      "rnn.bias_ih_l0 missing; stranger unexpected (option rename); head.weight of shape [2, 4] for [4, 2], head.bias in i32 for f32",
    );
    expectRefusal(() => model.loadStateDict(dict, { strict: false }), FormatError, "got head.weight of shape [2, 4] for [4, 2], head.bias");
    expect(model.stateDict()).toEqual(before);
    rt.dispose();
  });

  test("not strict: what is there", async () => {
    const rt = await testRuntime({ dtype: "f32" });
    const model = modelOf(rt);
    const before = model.stateDict();
    const bias = { shape: [4], data: Float64Array.of(1, 2, 3, 0.1) };
    const result = model.loadStateDict({ "head.bias": bias, other: { shape: [1], data: Float32Array.of(9) } }, { strict: false });
    expect(result).toEqual({
      missing: ["rnn.weight_ih_l0", "rnn.weight_hh_l0", "rnn.bias_ih_l0", "rnn.bias_hh_l0", "head.weight"],
      unexpected: ["other"],
    });
    expect(model.stateDict()).toEqual({ ...before, "head.bias": { dtype: "f32", shape: [4], data: Float32Array.of(1, 2, 3, 0.1) } });
    rt.dispose();
  });

  test("f64 beyond f32, data that do not fill their shape, and what is no dict", async () => {
    const rt = await testRuntime({ dtype: "f32" });
    const [model, dense] = [modelOf(rt), new Dense(rt, { inputSize: 2, outputSize: 1, bias: false })];
    const before = dense.stateDict();
    const take = (dict: unknown, options = {}) => dense.loadStateDict(dict as never, options);
    expectRefusal(() => take({ weight: { shape: [1, 2], data: Float64Array.of(0, 1e300) } }), DTypeError, "weight[1]", "1e+300");
    expectRefusal(() => take({ weight: { shape: [1, 2], data: Float32Array.of(1) } }), ShapeError, "weight: expected 2 elements, got 1");
    expectRefusal(() => take({ weight: { shape: "12", data: Float32Array.of(1, 2) } }), ShapeError, "weight");
    expectRefusal(() => take({ weight: { shape: [1, 2], data: "12" } }), ArgumentError, "weight");
    for (const wrong of [null, [], "a", new Map(), 7]) expectRefusal(() => take(wrong), ArgumentError, "dict: expected an object");
    expectRefusal(() => take({ weight: 7 }), ArgumentError, "weight: expected an object");
    const good = { weight: { shape: [1, 2], data: Float32Array.of(1, 2) } };
    expectRefusal(() => take({ a: good.weight, b: good.weight }, { rename: () => "weight" }), ArgumentError, "rename", "two by the name");
    expectRefusal(() => take(good, { rename: () => 7 }), ArgumentError, "rename");
    expectRefusal(() => take(good, { rename: "weight" }), ArgumentError, "rename: expected a function");
    expectRefusal(() => take(good, { strict: 0 }), ArgumentError, "strict");
    expectRefusal(() => take(good, { strikt: true }), ArgumentError, "strict");
    expect(dense.stateDict()).toEqual(before);
    take({ weight: { shape: [1, 2], data: [1, 2] } });
    expect(dense.stateDict()).toEqual({ weight: { dtype: "f32", shape: [1, 2], data: Float32Array.of(1, 2) } });
    const own = new ParameterTensor(rt, [2]);
    expect(own.stateDict()).toEqual({ value: { dtype: "f32", shape: [2], data: own.parameter.toArray() } });
    for (const each of [model, dense, own]) each.dispose();
    expect(rt.bytesInUse).toBe(0);
    rt.dispose();
  });
});
