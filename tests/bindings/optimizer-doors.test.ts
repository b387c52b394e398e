/** Optimizers at their doors; states, whole or not at all; frozen parameters; memory that ends. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  Adagrad,
  Adam,
  AdamW,
  ArgumentError,
  clipGradNorm,
  clipGradValue,
  Dense,
  DisposedError,
  DTypeError,
  MemoryError,
  type Optimizer,
  type Parameter,
  RMSprop,
  type Runtime,
  SGD,
  ShapeError,
} from "../../bindings/index.js";
import { expectRefusal } from "../helpers/refusal.js";
import { testRuntime } from "../helpers/runtime.js";

const bad = (value: unknown) => value as never;
const INF = Number.POSITIVE_INFINITY;
const KINDS: [string, (parameters: readonly Parameter[], lr?: number) => Optimizer][] = [
  ["SGD", (p, lr = 0.1) => new SGD(p, { lr, momentum: 0.5 })],
  ["Adam", (p, lr = 0.1) => new Adam(p, { lr })],
  ["AdamW", (p, lr = 0.1) => new AdamW(p, { lr })],
  ["RMSprop", (p, lr = 0.1) => new RMSprop(p, { lr, centered: true, momentum: 0.5 })],
  ["Adagrad", (p, lr = 0.1) => new Adagrad(p, { lr, lrDecay: 0.1, initialAccumulatorValue: 0.5 })],
];

let rt: Runtime;
beforeAll(async () => {
  rt = await testRuntime({ dtype: "f64" });
});
afterAll(() => {
  expect(rt.bytesInUse).toBe(0);
  rt.dispose();
});

/** One weight: its gradient grows by g. */
function push(layer: Dense, g: number): void {
  using x = layer.runtime.tensor([1], [1, 1]);
  using d = layer.runtime.tensor([g], [1, 1]);
  layer.forward(x);
  layer.backward(d);
}
const single = (runtime = rt) => new Dense(runtime, { inputSize: 1, outputSize: 1, bias: false });
const weightOf = (layer: Dense) => layer.parameters()[0]?.toArray()[0] as number;
const plain = (state: unknown) =>
  JSON.parse(JSON.stringify(state, (_, value) => (ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value)));

describe.each(KINDS)("%s", (kind, make) => {
  test("takes parameters and nothing else, and a byte only with its first step", () => {
    const layer = new Dense(rt, { inputSize: 2, outputSize: 2 });
    const parameters = layer.parameters();
    const [weight, bias] = parameters as [Parameter, Parameter];
    const before = rt.bytesInUse;
    for (const [value, text] of [
      [null, "parameters: expected an array of parameters"],
      [undefined, "parameters"],
      ["weight", "parameters"],
      [[], "parameters"],
      [parameters.values(), "parameters"],
      [new Set(parameters), "parameters"],
      [{ length: 1, 0: weight }, "parameters"],
      [[parameters], "parameters[0]: expected a parameter (spread the lists"],
      [[weight, null], "parameters[1]"],
      [[weight, "bias"], "parameters[1]"],
      [[weight, bias, weight], "parameters: expected each parameter once"],
      [[{ ...weight }], "parameters[0]"],
      [new Array(2 ** 32 - 1), "parameters[0]"],
      [Object.assign([weight], { length: 2 }), "parameters[1]"],
    ] as const)
      expectRefusal(() => make(bad(value)), ArgumentError, text);
    for (const lr of [-1, Number.NaN, INF, "0.1", null, 1n]) expectRefusal(() => make(parameters, bad(lr)), ArgumentError, "lr: expected");
    const optimizer = make(parameters);
    expect(optimizer.parameters).toEqual(parameters);
    expect(Object.isFrozen(optimizer.parameters)).toBe(true);
    optimizer.zeroGrad();
    optimizer.state();
    optimizer.check(optimizer.state());
    expect(rt.bytesInUse).toBe(before);
    for (const lr of [-1e-9, Number.NaN, INF, "0.1", null]) expectRefusal(() => (optimizer.lr = bad(lr)), ArgumentError, "lr");
    expect(optimizer.lr).toBe(0.1);
    optimizer.lr = -0;
    expect(Object.is(optimizer.lr, 0)).toBe(true);
    optimizer.dispose();
    for (const act of [() => optimizer.step(), () => optimizer.zeroGrad(), () => optimizer.state(), () => optimizer.load(bad({}))])
      expectRefusal(act, DisposedError);
    const other = make(parameters);
    layer.dispose();
    expectRefusal(() => make(parameters), DisposedError);
    for (const act of [() => other.step(), () => other.zeroGrad(), () => other.state()]) expectRefusal(act, DisposedError);
    other.dispose();
  });

  test("a state that does not fit changes nothing", () => {
    const layer = new Dense(rt, { inputSize: 1, outputSize: 2 });
    const optimizer = make(layer.parameters());
    using x = rt.tensor([1], [1, 1]);
    using d = rt.tensor([1, -2], [1, 2]);
    layer.forward(x);
    layer.backward(d);
    optimizer.step();
    const good = plain(optimizer.state());
    expect(good.kind).toBe(kind);
    const names = Object.keys(good.tensors);
    const name = names.at(-1) as string;
    const withTensor = (value: unknown) => ({ ...good, tensors: { ...good.tensors, [name]: value } });
    const { [name]: _, ...fewer } = good.tensors;
    const least = /^(v|sum)\./;
    const cases: [unknown, typeof ArgumentError, string][] = [
      [null, ArgumentError, "state: expected"],
      ["state", ArgumentError, "state: expected"],
      [undefined, ArgumentError, `state.kind: expected "${kind}", got undefined`],
      [{}, ArgumentError, "state.kind"],
      [{ ...good, kind: "Other" }, ArgumentError, "state.kind"],
      [{ ...good, kind: undefined }, ArgumentError, "state.kind"],
      [{ ...good, lr: -1 }, ArgumentError, "state.lr"],
      [{ ...good, lr: "0.1" }, ArgumentError, "state.lr"],
      [{ ...good, lr: Number.NaN }, ArgumentError, "state.lr"],
      [{ ...good, step: 1.5 }, ArgumentError, "state.step"],
      [{ ...good, step: -1 }, ArgumentError, "state.step"],
      [{ ...good, step: 2 ** 53 }, ArgumentError, "state.step"],
      [{ ...good, step: "3" }, ArgumentError, "state.step"],
      [{ ...good, steps: [1] }, ArgumentError, "state.steps: expected 2 counts of steps"],
      [{ ...good, steps: [0, 1] }, ArgumentError, "state.steps[1]: expected 0, as of the same layer, got 1"],
      [{ ...good, steps: [2, 2] }, ArgumentError, "state.steps[0]: expected a count of steps, at most 1, got 2"],
      [{ ...good, tensors: undefined }, ArgumentError, "state.tensors"],
      [{ ...good, tensors: fewer }, ArgumentError, `state.tensors.${name}: expected an array of numbers, got undefined`],
      [{ ...good, tensors: Object.create(good.tensors) }, ArgumentError, "state.tensors."],
      [{ ...good, tensors: { ...good.tensors, extra: [1] } }, ArgumentError, 'alone, got "extra"'],
      [withTensor([1]), ShapeError, `state.tensors.${name}: expected 2 elements, got 1`],
      [withTensor([1, 2, 3]), ShapeError, "expected 2 elements, got 3"],
      [withTensor({ length: 2, 0: 1 }), ArgumentError, `state.tensors.${name}[1]`],
      [withTensor([1, "2"]), ArgumentError, `state.tensors.${name}[1]`],
      [withTensor([1, Number.NaN]), ArgumentError, `state.tensors.${name}[1]`],
      [withTensor([INF, 1]), ArgumentError, `state.tensors.${name}[0]`],
      [withTensor("12"), ArgumentError, `state.tensors.${name}`],
      [withTensor(Float32Array.of(1, 2)), DTypeError, "expected f64, as the parameters, got Float32Array"],
      [withTensor(Object.defineProperty(Float64Array.of(1), "length", { value: 2 })), ArgumentError, `state.tensors.${name}[1]`],
      [withTensor(Int32Array.of(1, 2)), DTypeError, "got Int32Array"],
      [withTensor(BigInt64Array.of(1n, 2n)), DTypeError, "got BigInt64Array"],
      ...names
        .filter((each) => least.test(each))
        .map((each): (typeof cases)[number] => {
          return [
            { ...good, tensors: { ...good.tensors, [each]: new Array(good.tensors[each].length).fill(-1) } },
            ArgumentError,
            `${each}[0]: expected a number in [0, ∞), got -1`,
          ];
        }),
    ];
    for (const [state, type, text] of cases) {
      expectRefusal(() => optimizer.check(bad(state)), type, text);
      expectRefusal(() => optimizer.load(bad(state)), type, text);
      expect(plain(optimizer.state())).toEqual(good);
    }
    const longer = Object.defineProperty(Float64Array.from([...good.tensors[name], 7]), "length", { value: 2 });
    for (const state of [good, withTensor(longer)]) {
      optimizer.load(state);
      expect(plain(optimizer.state())).toEqual(good);
    }
    optimizer.dispose();
    layer.dispose();
  });

  test("what was frozen goes on as if it had not been there", () => {
    const [a, b, twin] = [single(), single(), single()];
    for (const layer of [a, b, twin]) layer.parameters()[0]?.set([1]);
    const optimizer = make([...a.parameters(), ...b.parameters()]);
    const alone = make(twin.parameters());
    b.freeze();
    for (let k = 0; k < 5; k++) {
      push(a, 0.3);
      optimizer.step();
      optimizer.zeroGrad();
    }
    expect(weightOf(b)).toBe(1);
    b.unfreeze();
    const state = plain(optimizer.state());
    expect([state.step, state.steps]).toEqual([5, [5, 0]]);
    const resumed = make([...a.parameters(), ...b.parameters()], 0.7);
    resumed.load(state);
    for (const g of [0.5, -0.2, 0.1]) {
      push(b, g);
      push(twin, g);
      resumed.step();
      alone.step();
      for (const each of [resumed, alone]) each.zeroGrad();
      expect(weightOf(b)).toBe(weightOf(twin));
    }
    expect(plain(resumed.state()).steps).toEqual([8, 3]);
    for (const each of [optimizer, resumed, alone, a, b, twin]) each.dispose();
  });

  test("of two runtimes and element types at once", async () => {
    const other = await testRuntime({ dtype: "f32" });
    const [a, b] = [single(), single(other)];
    for (const layer of [a, b]) {
      layer.parameters()[0]?.set([1]);
      push(layer, 0.25);
    }
    const optimizer = make([...a.parameters(), ...b.parameters()]);
    optimizer.step();
    expect(weightOf(a)).toBeLessThan(1);
    expect(weightOf(b)).toBeCloseTo(weightOf(a), 6);
    optimizer.dispose();
    b.dispose();
    expect(other.bytesInUse).toBe(0);
    other.dispose();
    a.dispose();
  });

  test("memory that ends leaves no half of a step", async () => {
    const small = await testRuntime({ dtype: "f64", maximumMemory: 60 * 65536 });
    const size = 12_000; // 96 kB an array
    const layers = [1, 2].map(() => new Dense(small, { inputSize: size, outputSize: 1, bias: false }));
    using x = small.zeros([1, size]);
    using d = small.tensor([1], [1, 1]);
    for (const layer of layers) {
      layer.forward(x);
      layer.backward(d);
    }
    const optimizer = make(layers.flatMap((layer) => layer.parameters()));
    const fill: { dispose(): void }[] = [];
    const grab = (elements: number) => {
      try {
        for (;;) fill.push(small.zeros([elements]));
      } catch (error) {
        expect(error).toBeInstanceOf(MemoryError);
      }
    };
    for (const elements of [size, 64, 8]) grab(elements);
    fill.splice(0, 1)[0]?.dispose(); // room for one moment
    const [before, values] = [small.bytesInUse, layers.map((layer) => layer.parameters()[0]?.toArray())];
    const state = { ...plain(optimizer.state()), step: 3 };
    for (const act of [() => optimizer.step(), () => optimizer.load(state)]) {
      expectRefusal(act, MemoryError);
      expect(small.bytesInUse).toBe(before);
      expect(optimizer.state().step).toBe(0);
      expect(layers.map((layer) => layer.parameters()[0]?.toArray())).toEqual(values);
    }
    for (const each of fill) each.dispose();
    optimizer.step();
    expect(optimizer.state().step).toBe(1);
    small.dispose();
  });
});

test("options that are no numbers, by name", () => {
  const layer = single();
  const p = layer.parameters();
  const before = rt.bytesInUse;
  for (const betas of [[0.9], "ab", null, [0.9, 0.99, 0.999], 0.9, new Set([0.9, 0.99]), { 0: 0.9, 1: 0.99 }])
    expectRefusal(() => new Adam(p, { betas: bad(betas) }), ArgumentError, "betas: expected two numbers in [0, 1)");
  for (const [betas, text] of [
    [[0.9, 1], "betas[1]"],
    [["0.9", 0.9], "betas[0]"],
    [[Number.NaN, 0.9], "betas[0]"],
    [[0.9, undefined], "betas[1]"],
    [[-0.1], "betas[0]: expected a number in [0, 1), got -0.1"],
    [new Array(2), "betas[0]"],
    [[1, 0.9, 0.9], "betas[0]"],
  ] as const)
    expectRefusal(() => new AdamW(p, { betas: bad(betas) }), ArgumentError, text);
  expectRefusal(() => new SGD(p, bad(undefined)), ArgumentError, "options: expected an object");
  expectRefusal(() => new SGD(p, bad({})), ArgumentError, "lr: expected");
  expectRefusal(() => new SGD(p, { lr: 1, nesterov: bad(1), momentum: 0.9 }), ArgumentError, "nesterov: expected true or false");
  expectRefusal(() => new RMSprop(p, { centered: bad("no") }), ArgumentError, "centered");
  expectRefusal(() => new Adagrad(p, { initialAccumulatorValue: bad("1") }), ArgumentError, "initialAccumulatorValue");
  const single32 = new Dense(rt, { inputSize: 1, outputSize: 1, dtype: "f32" });
  const great = { initialAccumulatorValue: 1e39 };
  new Adagrad(p, great);
  expectRefusal(
    () => new Adagrad(single32.parameters(), great),
    ArgumentError,
    "initialAccumulatorValue: expected a number that is finite in f32",
  );
  single32.dispose();
  expect(rt.bytesInUse).toBe(before);
  let reads = 0;
  const adam = new Adam(p, new Proxy({ eps: 0 }, { get: (_, name) => (name === "eps" ? (reads++ === 0 ? 1e-3 : "no") : undefined) }));
  expect([adam.eps, reads]).toEqual([1e-3, 1]);
  layer.dispose();
});

describe("clipping", () => {
  test("leaves the gradients of frozen layers, and does not count them", () => {
    const [a, b] = [single(), single()];
    const parameters = [...a.parameters(), ...b.parameters()];
    push(a, 3);
    push(b, 4);
    b.freeze();
    const grads = () => parameters.map(({ grad }) => grad[0]);
    expect(clipGradNorm(parameters, 1.5)).toBe(3);
    expect(grads()).toEqual([3 * (1.5 / (3 + 1e-6)), 4]);
    clipGradValue(parameters, 1);
    expect(grads()).toEqual([1, 4]);
    for (const clip of [clipGradNorm, clipGradValue]) {
      for (const bound of [0, -1, Number.NaN, "1", null, undefined])
        expectRefusal(() => clip(parameters, bad(bound)), ArgumentError, "expected a number over 0");
      for (const list of [null, [], "p", [null], [parameters]]) expectRefusal(() => clip(bad(list), 1), ArgumentError, "parameters");
    }
    a.dispose();
    for (const clip of [clipGradNorm, clipGradValue]) expectRefusal(() => clip(parameters, 1), DisposedError);
    expect(b.parameters()[0]?.grad[0]).toBe(4);
    b.dispose();
  });
});
