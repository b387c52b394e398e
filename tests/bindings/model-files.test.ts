/** Weights in files: whose they are, all of them, or none. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  ArgumentError,
  Dense,
  DTypeError,
  FormatError,
  fit,
  GRU,
  LSTM,
  loadSafetensors,
  Model,
  MSELoss,
  type NamedArray,
  type Parameter,
  RNN,
  type Runtime,
  Sequential,
  SGD,
  ShapeError,
  saveSafetensors,
  type Tensor,
} from "../../bindings/index.js";
import { expectRefusal } from "../helpers/refusal.js";
import { testRuntime } from "../helpers/runtime.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime({ seed: 4 });
});
afterEach(() => rt.dispose());

const LAYERS = "wasm-rnn.layers";
const dense = () => new Dense(rt, { inputSize: 2, outputSize: 2 });
const bitsOf = (model: Model) => model.parameters().map((parameter) => [...parameter.toArray()]);

/** Loading ends so, and every weight is as before. */
function refused(model: Model, bytes: Uint8Array, type: Parameters<typeof expectRefusal>[1], ...texts: string[]): void {
  const before = bitsOf(model);
  expectRefusal(() => model.load(bytes), type, ...texts);
  expect(bitsOf(model)).toEqual(before);
}

describe("names", () => {
  test("that collide once joined are refused when the model is made", () => {
    expectRefusal(
      () => new Sequential(rt, { a: new Sequential(rt, { b: dense() }), "a.b": dense() }),
      ArgumentError,
      "two by the name a.b",
    );
    expectRefusal(
      () => new Sequential(rt, { a: new Sequential(rt, { "b.c": dense() }), "a.b": new Sequential(rt, { c: dense() }) }),
      ArgumentError,
      "two by the name a.b.c",
    );
  });

  test("the same layer twice, at any depth, is refused", () => {
    const twice = dense();
    expectRefusal(
      () => new Sequential(rt, [twice, dense(), twice]),
      ArgumentError,
      "layers.2: expected a layer of its own, got the one that is 0",
    );
    const inner = new Sequential(rt, { a: twice });
    expectRefusal(
      () => new Sequential(rt, { inner, b: twice }),
      ArgumentError,
      "layers.b: expected a layer of its own, got the one that is inner.a",
    );
    expectRefusal(() => new Sequential(rt, [inner, inner]), ArgumentError, "a layer of its own");
  });

  test("that a model of one's own gives twice are refused by save and fit: no tensor is dropped", async () => {
    class Doubling extends Model<{ first: Dense; second: Dense }> {
      override namedParameters(): [string, Parameter][] {
        return super.namedParameters().map(([name, parameter]) => [name.replace(/^second/, "first"), parameter]);
      }
      forward(x: Tensor): Tensor {
        return this.layers.first.forward(x);
      }
    }
    const model = new Doubling(rt, { first: dense(), second: dense() });
    expectRefusal(
      () => model.save(),
      ArgumentError,
      "model: expected a full name for each parameter alone, got two by the name first.weight",
    );
    const run = { data: [{ x: [[1, 2]], y: [0, 0] }], loss: new MSELoss(rt), optimizer: new SGD(model.parameters(), { lr: 1 }) };
    await expect(fit(model, run)).rejects.toThrow("two by the name first.weight");
  });

  test("holes, strings and nothing are no layers", () => {
    const holes = [dense()];
    holes[2] = dense();
    expectRefusal(() => new Sequential(rt, holes), ArgumentError, "layers.1: expected a layer or a model, got undefined");
    for (const bad of [null, undefined, "ab", 5, [], {}])
      expectRefusal(() => new Sequential(rt, bad as never), ArgumentError, "layers: expected");
    expectRefusal(() => new Sequential(rt, { "": dense() }), ArgumentError, "layers: expected names of one character or more");
  });
});

describe("what weights mean", () => {
  const sizes = { inputSize: 2, hiddenSize: 2 };
  const pairs: [string, () => Model, () => Model, string][] = [
    [
      "tanh into relu",
      () => new Sequential(rt, [new RNN(rt, sizes)]),
      () => new Sequential(rt, [new RNN(rt, { ...sizes, nonlinearity: "relu" })]),
      'nonlinearity "relu"',
    ],
    [
      "relu into tanh",
      () => new Sequential(rt, [new RNN(rt, { ...sizes, nonlinearity: "relu" })]),
      () => new Sequential(rt, [new RNN(rt, sizes)]),
      'nonlinearity "tanh"',
    ],
    [
      "resetAfter into resetBefore",
      () => new Sequential(rt, [new GRU(rt, sizes)]),
      () => new Sequential(rt, [new GRU(rt, { ...sizes, resetAfter: false })]),
      "resetAfter false",
    ],
    [
      "resetBefore into resetAfter",
      () => new Sequential(rt, [new GRU(rt, { ...sizes, resetAfter: false })]),
      () => new Sequential(rt, [new GRU(rt, sizes)]),
      "resetAfter true",
    ],
    [
      "within a model",
      () => new Sequential(rt, { a: new Sequential(rt, [new GRU(rt, sizes)]) }),
      () => new Sequential(rt, { a: new Sequential(rt, [new GRU(rt, { ...sizes, resetAfter: false })]) }),
      "a.0: expected weights for resetAfter false",
    ],
  ];
  test.each(pairs)("%s: refused; into their own kind: taken", (_, from, to, text) => {
    const [source, target] = [from(), to()];
    refused(target, source.save(), FormatError, text);
    const own = to();
    const bytes = own.save();
    own.parameters()[0]?.update((values) => void values.fill(0));
    own.load(bytes);
    expect(bitsOf(own)).toEqual(loadedOf(bytes));
  });

  const loadedOf = (bytes: Uint8Array) => Object.values(loadSafetensors(bytes).tensors).map(({ data }) => [...data]);

  test("a file that does not say is taken at its word", () => {
    const relu = new Sequential(rt, [new RNN(rt, { ...sizes, nonlinearity: "relu" })]);
    const { tensors } = loadSafetensors(new Sequential(rt, [new RNN(rt, sizes)]).save());
    relu.load(saveSafetensors(tensors, { format: "pt" }));
    expect(bitsOf(relu)).toEqual(Object.values(tensors).map(({ data }) => [...data]));
  });

  test.each([
    "",
    "{",
    "null",
    "5",
    '"x"',
    "{}",
    "[1]",
    "[[1,{}]]",
    '[["0",null]]',
    '[["0"]]',
    '[["0",{}],["0",{}]]',
    "[".repeat(20_000),
  ])("what is no list of layers is refused: %s", (text) => {
    const model = new Sequential(rt, [new RNN(rt, sizes)]);
    const { tensors } = loadSafetensors(model.save());
    refused(model, saveSafetensors(tensors, { [LAYERS]: text }), FormatError, `weights: expected ${LAYERS} to list layers`);
  });

  test("metadata of one's own go along; the library's own name is refused, and what are no strings", () => {
    const model = new Sequential(rt, [dense()]);
    expect(loadSafetensors(model.save({ note: "ä" })).metadata.note).toBe("ä");
    expectRefusal(() => model.save({ [LAYERS]: "x" }), ArgumentError, `metadata: expected another name, got "${LAYERS}"`);
    expectRefusal(() => model.save({ a: 1 } as never), ArgumentError, "metadata.a: expected a string or a scaler, got 1");
    for (const bad of [null, 5, "x", ["a"]])
      expectRefusal(() => model.save(bad as never), ArgumentError, "metadata: expected strings and scalers by name");
  });
});

describe("all tensors or none", () => {
  const make = () =>
    new Sequential(rt, { lstm: new LSTM(rt, { inputSize: 2, hiddenSize: 3 }), head: new Dense(rt, { inputSize: 3, outputSize: 2 }) });
  const others = () => {
    const source = make();
    for (const parameter of source.parameters()) parameter.update((values) => void values.fill(7));
    return loadSafetensors(source.save()).tensors as Record<string, NamedArray>;
  };

  test("one missing, one too many, one of another shape or type: whichever it is", () => {
    const tensors = others();
    for (const [name, { shape, data }] of Object.entries(tensors)) {
      const { [name]: _, ...without } = tensors;
      const changed = (array: NamedArray) => saveSafetensors({ ...tensors, [name]: array });
      refused(make(), saveSafetensors(without), FormatError, `weights: expected ${name}, got a file without it`);
      refused(make(), saveSafetensors({ ...tensors, [`${name}x`]: { shape, data } }), FormatError, `${name}x beside them`);
      refused(
        make(),
        changed({ shape: [...shape, 1], data }),
        ShapeError,
        `${name}: expected [${shape.join(", ")}], got [${shape.join(", ")}, 1]`,
      );
      refused(make(), changed({ shape, data: Int32Array.from(data) }), DTypeError, `${name}: expected f32, got i32`);
      const huge = Float64Array.from(data).fill(1e300, data.length - 1);
      const place = `${name}[${data.length - 1}]: expected a number that is finite in f32, got 1e+300 in f64`;
      refused(make(), changed({ shape, data: huge }), DTypeError, place);
    }
    refused(make(), saveSafetensors({}), FormatError, "got a file without it");
  });

  test("f64 is rounded to f32, f32 is exact in f64", () => {
    const tensors = others();
    const third = Object.fromEntries(
      Object.entries(tensors).map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data, () => 1 / 3) }]),
    );
    const model = make().load(saveSafetensors(third));
    for (const values of bitsOf(model)) expect(values.every((value) => value === Math.fround(1 / 3))).toBe(true);
    const wide = new Sequential(rt, { head: new Dense(rt, { inputSize: 1, outputSize: 1, bias: false, dtype: "f64" }) });
    wide.load(saveSafetensors({ "head.weight": { shape: [1, 1], data: Float32Array.of(0.1) } }));
    expect(bitsOf(wide)).toEqual([[Math.fround(0.1)]]);
  });

  test("names that JavaScript has a meaning for are no parameters", () => {
    for (const name of ["__proto__", "constructor", "toString"]) {
      const tensors = Object.fromEntries([...Object.entries(others()), [name, { shape: [1], data: Float32Array.of(1) }]]);
      refused(make(), saveSafetensors(tensors), FormatError, `${name} beside them`);
    }
  });
});
