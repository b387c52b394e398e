/** Scalers: what they fit, what they give back, and how they travel with a model. */
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import {
  ArgumentError,
  Dense,
  FormatError,
  fit,
  loadSafetensors,
  loadScaler,
  MinMaxScaler,
  MSELoss,
  type Runtime,
  Sequential,
  SGD,
  ShapeError,
  Standardizer,
  saveSafetensors,
} from "../../bindings/index.js";
import { expectRefusal } from "../helpers/refusal.js";
import { testRuntime } from "../helpers/runtime.js";
import { printedSeed } from "../helpers/seed.js";

const seed = printedSeed("scalers");
const rows = [
  [1, -10],
  [2, 30],
  [6, 10],
];

describe("what is fitted", () => {
  test("Standardizer: scikit-learn's printed example, [[0, 0], [0, 0], [1, 1], [1, 1]]", () => {
    const data = [
      [0, 0],
      [0, 0],
      [1, 1],
      [1, 1],
    ];
    const scaler = new Standardizer().fit(data);
    expect([[...scaler.offset], [...scaler.scale]]).toEqual([
      [0.5, 0.5],
      [0.5, 0.5],
    ]);
    expect(scaler.transform(data).map((row) => [...row])).toEqual([
      [-1, -1],
      [-1, -1],
      [1, 1],
      [1, 1],
    ]);
    expect(scaler.transform([[2, 2]]).map((row) => [...row])).toEqual([[3, 3]]);
  });

  test("MinMaxScaler: scikit-learn's printed example, [[-1, 2], [-0.5, 6], [0, 10], [1, 18]]", () => {
    const data = [
      [-1, 2],
      [-0.5, 6],
      [0, 10],
      [1, 18],
    ];
    const scaler = new MinMaxScaler().fit(data);
    expect(scaler.transform(data).map((row) => [...row])).toEqual([
      [0, 0],
      [0.25, 0.25],
      [0.5, 0.5],
      [1, 1],
    ]);
    expect(scaler.transform([[2, 2]]).map((row) => [...row])).toEqual([[1.5, 0]]);
  });

  test("as two passes in f64 say, by feature, also beside a great mean", () => {
    const numbers = fc.array(
      fc.tuple(fc.double({ min: -1e3, max: 1e3, noNaN: true }), fc.double({ min: 1e6, max: 1e6 + 1, noNaN: true })),
      { minLength: 2, maxLength: 40 },
    );
    fc.assert(
      fc.property(numbers, (data) => {
        const scaler = new Standardizer().fit(data);
        for (const f of [0, 1] as const) {
          const column = data.map((row) => row[f]);
          const mean = column.reduce((a, b) => a + b, 0) / column.length;
          const deviation = Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length);
          expect(Math.abs((scaler.offset[f] as number) - mean)).toBeLessThan(1e-9 * (1 + Math.abs(mean)));
          if (deviation > 1e-6) expect((scaler.scale[f] as number) / deviation).toBeCloseTo(1, 3);
        }
      }),
      { seed },
    );
  });

  test.each([Standardizer, MinMaxScaler])("%o: a constant feature becomes 0, and comes back", (Kind) => {
    const data = [
      [5, 0.1],
      [5, 0.1],
      [5, 0.1],
    ];
    const scaler = new Kind().fit(data);
    expect([...scaler.scale]).toEqual([1, 1]);
    expect(scaler.transform(data).map((row) => [...row])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(scaler.inverseTransform([[0, 0]]).map((row) => [...row])).toEqual([[5, 0.1]]);
    expect(scaler.transform([[7, 0.1]]).map((row) => [...row])).toEqual([[2, 0]]);
  });

  test("Standardizer: what rounding makes of equal numbers is constant", () => {
    expect([...new Standardizer().fit([0.1 + 0.2, 0.3, 0.3]).scale]).toEqual([1]);
  });

  test("fit forgets what was fitted before, and a refused one leaves it", () => {
    const scaler = new MinMaxScaler().fit([0, 1]);
    expectRefusal(() => scaler.fit([0, Number.NaN]), ArgumentError, "data[1]: expected a finite number, got NaN");
    expect([...scaler.scale]).toEqual([1]);
    expect([...scaler.fit([0, 4]).scale]).toEqual([4]);
    scaler.scale[0] = 9; // a copy
    expect([...scaler.scale]).toEqual([4]);
  });
});

describe("there and back", () => {
  test.each([Standardizer, MinMaxScaler])("%o: in the form in which it came, the data as they were", (Kind) => {
    const scaler = new Kind().fit(rows);
    const nested = scaler.transform(rows);
    expectTypeOf(nested).toEqualTypeOf<Float64Array<ArrayBuffer>[]>();
    const flat = scaler.transform(Float32Array.from(rows.flat()));
    expectTypeOf(flat).toEqualTypeOf<Float32Array<ArrayBuffer>>();
    const shaped = scaler.transform({ data: rows.flat(), shape: [3, 1, 2] });
    expect(shaped).toEqual({ data: Float64Array.from(nested.flatMap((row) => [...row])), shape: [3, 1, 2] });
    expect(flat).toEqual(Float32Array.from(shaped.data));
    for (const [i, row] of scaler.inverseTransform(nested).entries())
      for (const f of [0, 1]) expect(row[f]).toBeCloseTo((rows[i] as number[])[f] as number, 12);
    expect(rows[0]).toEqual([1, -10]);
  });

  test("NaN is refused by transform, with its place; inverseTransform lets it through", () => {
    const scaler = new Standardizer().fit(rows);
    expectRefusal(
      () =>
        scaler.transform([
          [1, 2],
          [3, Number.NaN],
        ]),
      ArgumentError,
      "data[1][1]: expected a finite number, got NaN",
    );
    expect(scaler.inverseTransform([[Number.NaN, 0]])[0]?.[0]).toBeNaN();
  });

  test("columns: some of the features, in their order", () => {
    const scaler = new MinMaxScaler().fit(rows);
    const one = scaler.columns([1]);
    expect(one).toBeInstanceOf(MinMaxScaler);
    expect([...one.transform([-10, 30])]).toEqual([0, 1]);
    expect([...scaler.columns([1, 0]).offset]).toEqual([-10, 1]);
    expectRefusal(() => scaler.columns([2]), ArgumentError, "indices[0]: expected an integer in 0 … 1, got 2");
    expectRefusal(() => scaler.columns([]), ArgumentError, "indices: expected places of features");
  });
});

describe("refusals", () => {
  test("before fit", () => {
    const scaler = new Standardizer();
    for (const act of [() => scaler.transform([1]), () => scaler.inverseTransform([1]), () => scaler.columns([0]), () => scaler.toJSON()])
      expectRefusal(act, ArgumentError, "scaler: expected one that has been fitted, got a Standardizer before fit");
  });

  test("what does not fit", () => {
    const scaler = new Standardizer().fit(rows);
    expectRefusal(() => scaler.transform([[1, 2, 3]]), ShapeError, "data: expected 2 features a step, as fitted, got 3");
    expectRefusal(() => scaler.transform([1, 2, 3]), ShapeError, "data: expected a multiple of 2 numbers, got 3");
    expectRefusal(() => scaler.transform({ data: [1, 2], shape: [2] }), ShapeError, "data: expected 2 features a step");
    expectRefusal(() => new Standardizer().fit("x" as never), ArgumentError, "data: expected numbers");
    expectRefusal(() => new Standardizer().fit([1, Infinity]), ArgumentError, "data[1]: expected a finite number, got Infinity");
    expectRefusal(
      () => new Standardizer().fit([-1e308, 1e308]),
      ArgumentError,
      "feature 0 of data: expected numbers whose spread a number holds",
    );
    expectRefusal(() => new MinMaxScaler().fit([-1e308, 1e308]), ArgumentError, "feature 0 of data: expected numbers whose spread");
  });
});

describe("with a model", () => {
  let rt: Runtime;
  let model: Sequential;
  beforeEach(async () => {
    rt = await testRuntime({ seed: 1 });
    model = new Sequential(rt, [new Dense(rt, { inputSize: 2, outputSize: 1 })]);
  });
  afterEach(() => {
    model.dispose();
    expect(rt.bytesInUse).toBe(0);
    rt.dispose();
  });

  test("saved and loaded, to the bit, beside strings", () => {
    const [inputs, targets] = [new Standardizer().fit(rows), new MinMaxScaler().fit([0.1, 1 / 3])];
    const bytes = model.save({ inputs, targets, note: "of rows" });
    expect(loadSafetensors(bytes).metadata.note).toBe("of rows");
    const again = loadScaler(bytes, "inputs");
    expect(again).toBeInstanceOf(Standardizer);
    expect(again.toJSON()).toEqual(inputs.toJSON());
    expect(again.transform(rows)).toEqual(inputs.transform(rows));
    expect(loadScaler(bytes, "targets")).toBeInstanceOf(MinMaxScaler);
    expect(loadScaler(bytes, "targets").toJSON()).toEqual(targets.toJSON());
    model.load(bytes);
    expect(Object.keys(loadSafetensors(model.save({ note: "x" })).metadata)).not.toContain("wasm-rnn.scalers");
  });

  test("one before fit, behind a Proxy, or under a name of the library's is not saved", () => {
    const scaler = new Standardizer().fit(rows);
    expectRefusal(() => model.save({ scaler: new Standardizer() }), ArgumentError, "expected one that has been fitted");
    expectRefusal(() => model.save({ scaler: new Proxy(scaler, {}) }), ArgumentError, "metadata.scaler: expected a string or a scaler");
    expectRefusal(() => model.save({ "wasm-rnn.scalers": scaler }), ArgumentError, "metadata: expected another name");
  });

  test("a name that the file does not have", () => {
    const bytes = model.save({ scaler: new Standardizer().fit(rows), note: "x" });
    expectRefusal(() => loadScaler(bytes, "note"), FormatError, 'scalers: expected one by the name "note", got ["scaler"]');
    expectRefusal(() => loadScaler(model.save(), "scaler"), FormatError, 'expected one by the name "scaler", got []');
    expectRefusal(() => loadScaler(bytes, 3 as never), ArgumentError, "name: expected a string, got 3");
    expectRefusal(() => loadScaler(new Uint8Array(3), "scaler"), FormatError, "safetensors: ");
  });

  test.each<[string, unknown]>([
    ["text", "{"],
    ["an object", { scaler: {} }],
    ["no pair", [["scaler"]]],
    ["no description", [["scaler", null]]],
    ["a stranger's kind", [["scaler", { kind: "Array", offset: [0], scale: [1] }]]],
    ["a surplus member", [["scaler", { kind: "Standardizer", offset: [0], scale: [1], fit: 1 }]]],
    ["no feature", [["scaler", { kind: "Standardizer", offset: [], scale: [] }]]],
    ["lengths that differ", [["scaler", { kind: "Standardizer", offset: [0, 0], scale: [1] }]]],
    ["a scale of 0", [["scaler", { kind: "Standardizer", offset: [0], scale: [0] }]]],
    ["a scale below 0", [["scaler", { kind: "MinMaxScaler", offset: [0], scale: [-1] }]]],
    ["what is no number", [["scaler", { kind: "MinMaxScaler", offset: [null], scale: [1] }]]],
    ["a number that JSON makes infinite", '[["scaler",{"kind":"MinMaxScaler","offset":[1e999],"scale":[1]}]]'],
    ["one name twice", [1, 2].map(() => ["scaler", { kind: "MinMaxScaler", offset: [0], scale: [1] }])],
  ])("a file that lies: %s", (_, content) => {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    const file = saveSafetensors({}, { "wasm-rnn.scalers": text });
    expectRefusal(() => loadScaler(file, "scaler"), FormatError, "scalers: expected");
  });

  test("a run goes on with the same targetScaler alone", async () => {
    const loss = new MSELoss(rt);
    const optimizer = new SGD(model.parameters(), { lr: 0.01 });
    const data = rows.map((row) => ({ x: [row], y: [1] }));
    const scaler = new Standardizer().fit([1, 2, 6]);
    let saved = new Uint8Array();
    const save = (bytes: Uint8Array) => {
      saved = bytes.slice();
    };
    const common = { data, loss, optimizer, metrics: ["rmse"] as const, epochs: 1 };
    const { epochs } = await fit(model, { ...common, targetScaler: scaler, checkpoint: { save } });
    expect(epochs[0]?.rmse).toBeCloseTo(Math.sqrt(epochs[0]?.loss as number) * (scaler.scale[0] as number), 4);
    const goOn = (targetScaler?: Standardizer | MinMaxScaler) =>
      fit(model, { ...common, ...(targetScaler && { targetScaler }), epochs: 2, resume: saved });
    const expected = 'targetScaler: expected "{\\"kind\\":\\"Standardizer\\"';
    await expect(goOn()).rejects.toThrow(expected);
    await expect(goOn(new Standardizer().fit([1, 2, 7]))).rejects.toThrow(expected);
    await expect(goOn(new MinMaxScaler().fit([1, 2, 6]))).rejects.toThrow(expected);
    expect((await goOn(new Standardizer().fit([1, 2, 6]))).epochs).toHaveLength(2);
    for (const each of [loss, optimizer]) each.dispose();
  });
});

test("equal numbers that rounding has made different are a constant: noise is not stretched", () => {
  for (const Kind of [Standardizer, MinMaxScaler]) {
    const scaler = new Kind().fit([0.1 + 0.2, 0.3, 0.3]);
    expect([...scaler.scale]).toEqual([1]);
    expect(Math.abs(scaler.transform([0.31])[0] as number)).toBeLessThan(0.02);
  }
  expect([...new MinMaxScaler().fit([0, 1e-300]).scale]).toEqual([1e-300]);
});
