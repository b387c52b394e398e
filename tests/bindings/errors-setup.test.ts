import { afterAll, describe, expect, it } from "vitest";
import {
  Adam,
  ArgumentError,
  CrossEntropyLoss,
  clipGradNorm,
  createRuntime,
  Dense,
  DisposedError,
  FormatError,
  LSTM,
  MemoryError,
  type Parameter,
  type Runtime,
  SGD,
  ShapeError,
  Softmax,
} from "../../bindings/index.js";
import type { LstmCache, RnnCache } from "../../bindings/notebook.js";
import { draws } from "../helpers/compare.js";
import { testNotebook } from "../helpers/notebook.js";
import { BUILD } from "../helpers/raw.js";
import { expectRefusal, guarded } from "../helpers/refusal.js";
import { testRuntime } from "../helpers/runtime.js";

/** Whatever JavaScript may pass where TypeScript would object. */
// biome-ignore lint/suspicious/noExplicitAny: bad input is the subject
const bad = (value: unknown): any => value;

type Act = (rt: Runtime) => unknown;

const { rt, refuse } = await guarded({ dtype: "f64" });
afterAll(() => rt.dispose());

const dense = new Dense(rt, { inputSize: 3, outputSize: 2 });

describe("optimizers", () => {
  const own = dense.parameters();
  it.each<[string, Act, string]>([
    ["no parameters", () => new SGD([], { lr: 1 }), "parameters: expected an array of parameters (of layer.parameters()), got []"],
    ["a layer", () => new SGD(bad(dense), { lr: 1 }), "parameters: expected an array of parameters"],
    [
      "a stranger",
      () => new Adam([own[0], bad({ name: "bias" })]),
      "parameters[1]: expected a parameter (spread the lists: [...a.parameters(), ...b.parameters()]), got Object",
    ],
    ["one twice", () => new Adam([own[0], own[0]] as Parameter[]), "parameters: expected each parameter once"],
    ["lr", () => new SGD(own, { lr: -1 }), "lr: expected a number in [0, ∞), got -1"],
    ["no options", () => new SGD(own, bad(undefined)), "options: expected an object, got undefined"],
    ["lr", () => new Adam(own, { lr: Number.NaN }), "lr: expected a number in [0, ∞), got NaN"],
    ["momentum", () => new SGD(own, { lr: 1, momentum: 1 }), "momentum: expected a number in [0, 1), got 1"],
    ["betas", () => new Adam(own, { betas: [0.9, 1] }), "betas[1]: expected a number in [0, 1), got 1"],
    ["betas", () => new Adam(own, { betas: bad([-0.1]) }), "betas[0]: expected a number in [0, 1), got -0.1"],
    ["eps", () => new Adam(own, { eps: bad("1") }), 'eps: expected a number in [0, ∞), got "1"'],
    ["maxNorm", () => clipGradNorm(own, 0), "maxNorm: expected a number"],
    ["maxNorm", () => clipGradNorm(own, Number.NaN), "got NaN"],
    ["parameters to clip", () => clipGradNorm([], 1), "parameters: expected an array of parameters"],
  ])("%s", (_, act, text) => {
    dense.zeroGrad();
    refuse(act, ArgumentError, text);
  });

  it("states of other parameters", () => {
    const adam = new Adam(own);
    const state = adam.state();
    const short = { ...state, tensors: { ...state.tensors, "v.0": [1] } };
    refuse(() => adam.load(short), ShapeError, "state.tensors.v.0: expected 6 elements, got 1");
    refuse(() => adam.load({ ...state, step: -1 }), ArgumentError, "state.step: expected a count of steps, got -1");
    refuse(() => adam.load({ ...state, tensors: {} }), ArgumentError, "state.tensors.m.0: expected an array of numbers, got undefined");
    refuse(() => adam.load(bad(undefined)), ArgumentError, 'state.kind: expected "Adam", got undefined');
    expect(adam.state()).toEqual(state);
  });
});

describe("runtimes", () => {
  it.each([
    [{ dtype: "f16" }, ArgumentError, 'dtype: expected "f32" or "f64", got "f16"'],
    [{ dtype: "i32" }, ArgumentError, 'dtype: expected "f32" or "f64", got "i32"'],
    [{ build: "fast" }, ArgumentError, 'build: expected "baseline" or "relaxed" or "debug", got "fast"'],
    [{ seed: 0.5 }, ArgumentError, "seed: expected a 32-bit integer, got 0.5"],
    [{ maximumMemory: -1 }, ArgumentError, "maximumMemory: expected a number in [0, ∞), got -1"],
    [{ maximumMemory: Number.NaN }, ArgumentError, "maximumMemory: expected a number in [0, ∞), got NaN"],
    [{ maximumMemory: 1000 }, MemoryError, "maximumMemory: expected at least 65536 bytes, got 1000"],
  ])("%j", async (options, type, text) => {
    const error = await testRuntime(bad(options)).then(
      () => expect.fail("expected a refusal"),
      (e: unknown) => e as Error,
    );
    expect(error).toBeInstanceOf(type);
    expect(error.message).toContain(text);
  });

  it("relaxed where the host has no relaxed SIMD", async () => {
    const attempt = createRuntime({ build: "relaxed" });
    if (BUILD === "relaxed") expect((await attempt).build).toBe("relaxed");
    else await attempt.catch((error) => expect(error).toBeInstanceOf(FormatError));
  });

  it("something else in the place of one", () => {
    for (const Layer of [Softmax, CrossEntropyLoss])
      refuse(() => new Layer(bad({})), ArgumentError, "runtime: expected a Runtime of createRuntime() (of the same entry), got Object");
    refuse(() => new Dense(bad(undefined), { inputSize: 1, outputSize: 1 }), ArgumentError, "runtime: expected a Runtime");
    refuse(
      (r) => new Dense(r, { inputSize: 1, outputSize: 1, dtype: bad("i32") }),
      ArgumentError,
      'dtype: expected "f32" or "f64", got "i32"',
    );
    refuse(
      (r) => new LSTM(r, { inputSize: 1, hiddenSize: 1, generator: bad({}) }),
      ArgumentError,
      "generator: expected a Generator, got Object",
    );
  });
});

describe("the notebook", async () => {
  const nb = await testNotebook();
  const array = (...shape: number[]) => nb.array(shape, draws(1)(shape.reduce((a, b) => a * b, 1)));
  const p = { Wax: array(5, 3), Waa: array(5, 5), Wya: array(2, 5), ba: array(5, 1), by: array(2, 1) };
  const gate = { Wf: array(5, 8), Wi: array(5, 8), Wc: array(5, 8), Wo: array(5, 8) };
  const l = { ...gate, bf: array(5, 1), bi: array(5, 1), bc: array(5, 1), bo: array(5, 1), Wy: array(2, 5), by: array(2, 1) };
  const [xt, aPrev, x] = [array(3, 4), array(5, 4), array(3, 4, 2)];
  const { caches } = nb.rnnForward(x, aPrev, p);
  const known = nb.rnnBackward(array(5, 4, 2), caches);
  const cache = (i: number, value: unknown) => caches[0][0].map((part, k) => (k === i ? value : part)) as RnnCache;

  it.each<[string, () => unknown, typeof ArgumentError, string]>([
    ["no data", () => nb.array([2], []), ShapeError, "data: expected 2 elements, got 0"],
    ["no shape", () => nb.array([], []), ShapeError, "shape: expected one or more positive integers, got []"],
    ["no x", () => nb.rnnCellForward(bad(undefined), aPrev, p), ArgumentError, "xt: expected an array (of nb.array()), got undefined"],
    ["x of another rank", () => nb.rnnCellForward(x, aPrev, p), ShapeError, "xt: expected (n_x, m), got [3, 4, 2]"],
    ["a flat x", () => nb.lstmForward(xt, aPrev, l), ShapeError, "x: expected (n_x, m, T_x), got [3, 4]"],
    ["another batch", () => nb.rnnCellForward(xt, array(5, 3), p), ShapeError, "aPrev: expected [5, 4], got [5, 3]"],
    ["another cell", () => nb.lstmCellForward(xt, aPrev, array(4, 4), l), ShapeError, "cPrev: expected [5, 4], got [4, 4]"],
    ["no parameters", () => nb.rnnForward(x, aPrev, bad(undefined)), ArgumentError, "parameters.Wya: expected an array"],
    ["a parameter less", () => nb.rnnForward(x, aPrev, { ...p, ba: bad(null) }), ArgumentError, "parameters.ba: expected an array"],
    [
      "a wrong parameter",
      () => nb.rnnForward(x, aPrev, { ...p, Waa: array(4, 5) }),
      ShapeError,
      "parameters.Waa: expected [5, 5], got [4, 5]",
    ],
    ["a wrong gate", () => nb.lstmForward(x, aPrev, { ...l, Wo: array(5, 7) }), ShapeError, "parameters.Wo: expected [5, 8], got [5, 7]"],
    ["a lying array", () => nb.sigmoid({ shape: [3], data: new Float64Array(2) }), ArgumentError, "x: expected an array (of nb.array())"],
    ["another time", () => nb.rnnBackward(array(5, 4, 3), caches), ShapeError, "da: expected [5, 4, 2], got [5, 4, 3]"],
    ["no caches", () => nb.rnnBackward(array(5, 4, 2), bad([])), ArgumentError, "caches: expected [list of caches, x]"],
    ["no cache", () => nb.rnnCellBackward(aPrev, bad(null)), ArgumentError, "cache: expected a cache of the forward pass, got null"],
    ["a wrong cache", () => nb.rnnCellBackward(aPrev, cache(1, array(5, 3))), ShapeError, "cache[0][1]: expected [5, 4], got [5, 3]"],
    ["another kind's", () => nb.lstmCellBackward(aPrev, aPrev, bad(caches[0][0]) as LstmCache), ArgumentError, "cache: expected an array"],
    ["another da", () => nb.rnnCellBackward(array(5, 3), caches[0][0]), ShapeError, "daNext: expected [5, 4], got [5, 3]"],
  ])("given %s, refuses and goes on", (_, act, type, text) => {
    expectRefusal(act, type, text);
    expect(nb.rnnBackward(array(5, 4, 2), caches)).toEqual(known);
  });

  it("after its end", async () => {
    const other = await testNotebook();
    const { cache } = other.rnnCellForward(xt, aPrev, p);
    other.dispose();
    other.dispose();
    for (const act of [() => other.rnnCellForward(xt, aPrev, p), () => other.rnnCellBackward(aPrev, cache), () => other.softmax(xt)])
      expectRefusal(act, DisposedError, "runtime: expected it to be alive");
    expect(cache[0].data).toHaveLength(20);
  });
});
