/** What a reader of the code found and the first tests had not: each was wrong once. */
import { describe, expect, it } from "vitest";
import { Adam, ArgumentError, Dense, LSTM, MemoryError, RNN, StaleError, saveSafetensors } from "../../bindings/index.js";
import { loadNotebook } from "../../bindings/notebook.js";
import { expectEach } from "../helpers/compare.js";
import { testRuntime } from "../helpers/runtime.js";

describe("gradients", () => {
  it.each([LSTM, RNN] as const)("%s: x may not be the dX that the backward will overwrite", async (Layer) => {
    const rt = await testRuntime({ dtype: "f64" });
    const layer = new Layer(rt, { inputSize: 4, hiddenSize: 4 });
    const dY = rt.tensor(Float64Array.from({ length: 24 }, Math.sin), [3, 2, 4]);
    layer.forward(rt.tensor(Float64Array.from({ length: 24 }, Math.cos), [3, 2, 4]));
    const { dX } = layer.backward(dY);
    layer.forward(dX);
    expect(() => layer.backward(dY)).toThrow(StaleError);
    expect(dX.data.length).toBe(24); // refused before anything was overwritten
  });

  it("of a bias over a hundred thousand rows are as exact as those of a weight", async () => {
    const rt = await testRuntime({ dtype: "f32" });
    const M = 100_000;
    const dense = new Dense(rt, { inputSize: 1, outputSize: 9 });
    dense.forward(rt.tensor(new Float32Array(M).fill(1), [M, 1]));
    dense.backward(rt.tensor(new Float32Array(M * 9).fill(0.1), [M, 9]));
    const exact = M * Math.fround(0.1);
    for (const { grad } of dense.parameters()) for (const g of grad) expect(Math.abs(g / exact - 1)).toBeLessThan(1e-5);
  });

  it("are added whole or not at all when memory runs out", async () => {
    let refused = 0;
    for (let pages = 3; pages < 14; pages++) {
      const rt = await testRuntime({ dtype: "f32", maximumMemory: pages * 65536 });
      try {
        const lstm = new LSTM(rt, { inputSize: 200, hiddenSize: 8, numLayers: 2 });
        lstm.forward(rt.zeros([8, 8, 200]));
        const dY = rt.tensor(new Float32Array(8 * 8 * 8).fill(1), [8, 8, 8]);
        const grads = () => lstm.parameters().every(({ grad }) => grad.every((g: number) => g === 0));
        expect(grads()).toBe(true);
        try {
          lstm.backward(dY);
        } catch (error) {
          expect(error).toBeInstanceOf(MemoryError);
          expect(grads()).toBe(true);
          refused++;
        }
      } catch (error) {
        expect(error).toBeInstanceOf(MemoryError); // not even the forward had room
      }
    }
    expect(refused).toBeGreaterThan(0);
  });
});

describe("Adam", () => {
  const stepped = async (g: number, eps: number) => {
    using rt = await testRuntime({ dtype: "f32" });
    const dense = new Dense(rt, { inputSize: 1, outputSize: 1, bias: false });
    const [weight] = dense.parameters();
    weight?.set([1]);
    dense.forward(rt.tensor([1], [1, 1]));
    dense.backward(rt.tensor([g], [1, 1]));
    new Adam(dense.parameters(), { lr: 1e-3, eps }).step();
    return weight?.toArray()[0] ?? Number.NaN;
  };
  // m = (1 − β₁)·g and v = (1 − β₂)·g², corrected for their bias, are g and g². Rounding: one of the result near 1, a few of the step.
  const bound = 2 ** -24 + 16 * 2 ** -24 * 1e-3;

  it.each(
    [0, 1e-30, 1e-13, 1e-8].flatMap((eps) => [1e-13, -1e-12, 1, 1e15].map((g) => [g, eps] as const)),
  )("takes the step η·g/(|g| + ε) where v is above the bound of flushing: g %s, ε %s", async (g, eps) => {
    expectEach("weight", [await stepped(g, eps)], [1 - (1e-3 * g) / (Math.abs(g) + eps)], 0, bound);
  });

  it.each([0, 1e-30])("takes no wild step where g² vanishes (ε %s): at most that of the formula, and never back", async (eps) => {
    const weight = await stepped(1e-16, eps);
    expect(weight).toBeLessThanOrEqual(1);
    expect(1 - weight).toBeLessThanOrEqual((1e-3 * 1e-16) / (1e-16 + eps) + bound);
  });

  it("names its moments by parameter, so that another order does not load silently", async () => {
    const rt = await testRuntime();
    const [a, b] = [new Dense(rt, { inputSize: 2, outputSize: 3 }), new Dense(rt, { inputSize: 3, outputSize: 2 })];
    const state = new Adam([...a.parameters(), ...b.parameters()]).state();
    expect(Object.keys(state.tensors).sort()).toEqual(["m.0", "m.1", "m.2", "m.3", "v.0", "v.1", "v.2", "v.3"]);
    expect(() => new Adam([...b.parameters(), ...a.parameters()]).load(state)).toThrow(ArgumentError);
  });
});

describe("what is not a number, or not an option", () => {
  it("is refused by name", async () => {
    const rt = await testRuntime();
    const lstm = new LSTM(rt, { inputSize: 1, hiddenSize: 2 });
    const { state } = lstm.forward(rt.zeros([2, 1, 1]));
    const bad = (value: unknown) => value as never;
    expect(() => rt.tensor(bad(["a"]), [1])).toThrow('data[0]: expected a number (data is flat), got "a"');
    expect(() =>
      rt.tensor(
        bad([
          [1, 2],
          [3, 4],
        ]),
        [2],
      ),
    ).toThrow("data[0]: expected a number (data is flat), got [1, 2]");
    expect(() => rt.tensor([1], [1], { dtype: bad("f16") })).toThrow('dtype: expected "f32" or "f64" or "i32", got "f16"');
    expect(() => lstm.forward(rt.zeros([2, 1, 1]), bad(state))).toThrow("options: expected only state, lengths, got h");
    expect(() => lstm.stream(bad(2))).toThrow("options: expected an object, got 2");
    expect(() => new LSTM(rt, bad({ inputSize: 1, hiddenSize: 2, projSize: true }))).toThrow("got projSize");
    expect(() => new LSTM(bad({ inputSize: 1 }), bad(undefined))).toThrow("runtime: expected a Runtime");
    expect(() => saveSafetensors(bad(null))).toThrow(ArgumentError);
    expect(() => saveSafetensors({}, bad({ k: 5 }))).toThrow("metadata.k: expected a string, got 5");
    const [weight] = lstm.parameters();
    expect(() => weight?.set(bad([...Array(7).fill(0), 1n]))).toThrow("weight_ih_l0[7]: expected a number");
    const nb = await loadNotebook();
    expect(() => nb.sigmoid(bad({ shape: [4], data: Int32Array.of(0, 1, 2, 3) }))).toThrow(ArgumentError);
  });

  it("parameters are saved as they are", async () => {
    const rt = await testRuntime();
    const lstm = new LSTM(rt, { inputSize: 1, hiddenSize: 2 });
    expect(saveSafetensors(Object.fromEntries(lstm.parameters().map((p) => [p.name, p]))).length).toBeGreaterThan(100);
  });
});
