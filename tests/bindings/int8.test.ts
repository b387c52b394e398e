/** Weights in int8: against a twin in f64 that knows nothing of panels, alike in every way of running, and what the report says. */
import { afterAll, describe, expect, test } from "vitest";
import { LSTMP, MinGRU, MinLSTM } from "../../bindings/cells.js";
import { Dense, Embedding, GRU, LayerNorm, LSTM, loadModel, loadSafetensors, RNN, Sequential } from "../../bindings/index.js";
import { loadInt8, loadQuantized, quantize, saveQuantized } from "../../bindings/int8.js";
import { describeModel } from "../../bindings/parallel/travel.js";
import type { Runtime } from "../../bindings/runtime.js";
import { operatorRuntime, testRuntime } from "../helpers/runtime.js";

const rt = await operatorRuntime({ seed: 7 });
await loadInt8(rt);
afterAll(() => rt.dispose());

const series = (n: number, seed = 1) => Float32Array.from({ length: n }, (_, i) => Math.sin(seed + i * 1.7) * (1 + (i % 5)));
const f32 = Math.fround;

/** A row in seven bits, as docs/int8.md says. */
function coded(row: ArrayLike<number>): number[] {
  const m = Math.max(...Array.from(row, Math.abs));
  if (m < 2 ** -100) return Array.from(row, () => 0);
  const [scale, inverse] = [f32(m / 63), f32(63 / m)];
  return Array.from(row, (x) => scale * roundEven(f32(x * inverse)));
}

function roundEven(x: number): number {
  const low = Math.floor(x);
  return x - low === 0.5 ? low + (low % 2) : Math.round(x);
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** x·Wᵀ of rounded weights and one coded row. */
function times(W: ArrayLike<number>, row: ArrayLike<number>): number[] {
  const u = coded(row);
  return Array.from({ length: W.length / u.length }, (_, j) => u.reduce((sum, x, k) => sum + x * (W[j * u.length + k] as number), 0));
}

/** One layer, one sequence. */
function lstmTwin(weights: Record<string, ArrayLike<number>>, x: readonly ArrayLike<number>[], H: number): number[] {
  const { weight_ih_l0: Wx = [], weight_hh_l0: Wh = [], bias_ih_l0: bx = [], bias_hh_l0: bh = [] } = weights;
  let h: number[] = new Array(H).fill(0);
  let c: number[] = new Array(H).fill(0);
  return x.flatMap((row) => {
    const [zx, zh] = [times(Wx, row), times(Wh, h)];
    const z = zx.map((value, j) => value + (zh[j] as number) + (bx[j] as number) + (bh[j] as number));
    const gate = (g: number, u: number) => z[g * H + u] as number;
    c = c.map((old, u) => sigmoid(gate(1, u)) * old + sigmoid(gate(0, u)) * Math.tanh(gate(2, u)));
    h = c.map((value, u) => sigmoid(gate(3, u)) * Math.tanh(value));
    return h;
  });
}

const LAYERS = {
  RNN: (options: object) => new RNN(rt, { inputSize: 13, hiddenSize: 21, ...options }),
  LSTM: (options: object) => new LSTM(rt, { inputSize: 13, hiddenSize: 21, ...options }),
  GRU: (options: object) => new GRU(rt, { inputSize: 13, hiddenSize: 21, ...options }),
  "GRU, reset before": (options: object) => new GRU(rt, { inputSize: 13, hiddenSize: 21, resetAfter: false, ...options }),
  LSTMP: (options: object) => new LSTMP(rt, { inputSize: 13, hiddenSize: 21, projSize: 9, ...options }),
  MinGRU: (options: object) => new MinGRU(rt, { inputSize: 13, hiddenSize: 21, ...options }),
  MinLSTM: (options: object) => new MinLSTM(rt, { inputSize: 13, hiddenSize: 21, ...options }),
};

describe("int8", () => {
  test("an LSTM is its twin", async () => {
    const [T, I, H] = [12, 5, 9];
    const lstm = new LSTM(rt, { inputSize: I, hiddenSize: H });
    await quantize(lstm);
    const x = series(T * I);
    const weights = Object.fromEntries(lstm.parameters().map(({ name, toArray }) => [name, toArray()]));
    const twin = lstmTwin(
      weights,
      Array.from({ length: T }, (_, t) => x.subarray(t * I, t * I + I)),
      H,
    );
    const { output } = lstm.forward(rt.tensor(x, [T, 1, I]));
    for (const [i, y] of output.toArray().entries()) expect(Math.abs(y - (twin[i] as number)), `element ${i}`).toBeLessThan(2e-6);
    lstm.dispose();
  });

  test.each(Object.entries(LAYERS))("%s: the same bits alone, in a batch, split, streamed, of different lengths", (_, make) => {
    const [T, N, I] = [11, 7, 13];
    const layer = make({ numLayers: 2, weights: "int8" });
    const P = layer.outputSize;
    const data = series(T * N * I);
    const x = rt.tensor(data, [T, N, I]);
    const whole = layer.forward(x).output.toArray();
    const row = (n: number) =>
      rt.tensor(
        Float32Array.from({ length: T * I }, (_, i) => data[(Math.floor(i / I) * N + n) * I + (i % I)] as number),
        [T, 1, I],
      );
    for (const n of [0, 3, 6]) {
      const alone = layer.forward(row(n)).output.toArray();
      for (const [i, y] of alone.entries()) expect(y, `row ${n}, element ${i}`).toBe(whole[(Math.floor(i / P) * N + n) * P + (i % P)]);
    }
    const first = layer.forward(rt.tensor(data.subarray(0, 4 * N * I), [4, N, I]));
    expect(first.output.toArray()).toEqual(whole.subarray(0, 4 * N * P));
    const rest = layer.forward(rt.tensor(data.subarray(4 * N * I), [T - 4, N, I]), { state: first.state as never });
    expect(rest.output.toArray()).toEqual(whole.subarray(4 * N * P));
    for (const batch of [1, N]) {
      const stream = layer.stream({ batch });
      for (let t = 0; t < T; t++) {
        stream.input.set(data.subarray(t * N * I, (t * N + batch) * I) as never);
        stream.step();
        expect(stream.output.slice()).toEqual(whole.subarray(t * N * P, (t * N + batch) * P));
      }
      stream.dispose();
    }
    const lengths = [3, 11, 1, 7, 11, 2, 5];
    const ragged = layer.forward(x, { lengths }).output.toArray();
    for (const [n, length] of lengths.entries())
      expect(ragged.subarray(((length - 1) * N + n) * P, ((length - 1) * N + n + 1) * P)).toEqual(
        whole.subarray(((length - 1) * N + n) * P, ((length - 1) * N + n + 1) * P),
      );
    layer.dispose();
  });

  test("a layer made with int8 weights gives what the same gives after quantize, and is near to f32", async () => {
    for (const [name, make] of Object.entries(LAYERS)) {
      const [plain, made] = [make({}), make({ weights: "int8" })];
      made.loadStateDict(plain.stateDict());
      const x = rt.tensor(series(5 * 13), [5, 1, 13]);
      const before = plain.forward(x).output.toArray();
      const asMade = made.forward(x).output.toArray();
      const report = await quantize(plain, { calibration: () => plain.forward(x).output });
      const after = plain.forward(x).output.toArray();
      expect(asMade, name).toEqual(after);
      const [norm, off] = [before, before.map((y, i) => y - (after[i] as number))].map((array) => Math.hypot(...array)) as [number, number];
      expect(report.outputError, name).toBeCloseTo(off / norm, 6);
      expect(off / norm, name).toBeLessThan(0.03);
      for (const layer of [plain, made]) layer.dispose();
    }
  });

  test("Dense: each row as it is alone, streamed and in a frame, and the row of its product", async () => {
    const dense = new Dense(rt, { inputSize: 30, outputSize: 11 });
    await quantize(dense);
    const data = series(70 * 30);
    const y = dense.forward(rt.tensor(data, [70, 30])).toArray();
    const weights = dense.parameters()[0]?.toArray() as Float32Array;
    const bias = dense.parameters()[1]?.toArray() as Float32Array;
    const own = dense.stream();
    for (const m of [0, 23, 24, 69]) {
      const row = data.subarray(30 * m, 30 * m + 30);
      const got = y.subarray(11 * m, 11 * m + 11);
      expect(dense.forward(rt.tensor(row, [1, 30])).toArray()).toEqual(got);
      own.input.set(row);
      own.step();
      expect(own.output.slice()).toEqual(got);
      for (const [o, want] of times(weights, row).entries()) expect(got[o]).toBeCloseTo(want + (bias[o] as number), 4);
    }
    own.dispose();
    dense.dispose();
  });
});

describe("quantize", () => {
  const make = (runtime: Runtime = rt) =>
    new Sequential(runtime, {
      embedding: new Embedding(runtime, { numEmbeddings: 40, embeddingDim: 12 }),
      lstm: new LSTM(runtime, { inputSize: 12, hiddenSize: 20, numLayers: 2 }),
      norm: new LayerNorm(runtime, { normalizedShape: 20 }),
      head: new Dense(runtime, { inputSize: 20, outputSize: 40 }),
    });
  const tokens = rt.tensor(
    Int32Array.from({ length: 30 }, (_, i) => (i * 7) % 40),
    [15, 2],
  );

  test("its report has every layer, what it saves and how far off it is", async () => {
    const model = make();
    const before = model.forward(tokens).toArray();
    const { layers, bytes, outputError } = await quantize(model, { calibration: () => model.forward(tokens) });
    expect(layers.map(({ name, type }) => [name, type])).toEqual([
      ["embedding", "Embedding"],
      ["lstm", "LSTM"],
      ["head", "Dense"],
    ]);
    const weights = [40 * 12, 80 * 12 + 3 * 80 * 20, 40 * 20];
    const biases = [0, 4 * 80, 40];
    const rows = [40, 4 * 80, 40];
    for (const [i, layer] of layers.entries()) {
      expect(layer.weights).toBe(weights[i]);
      const n = weights[i] as number;
      expect(layer.bytes).toEqual({
        before: 4 * (n + (biases[i] as number)),
        after: n + 4 * ((biases[i] as number) + (rows[i] as number)),
      });
      expect(layer.weightError).toBeGreaterThan(0.001);
      expect(layer.weightError).toBeLessThan(0.008);
      expect(layer.outputError).toBeGreaterThan(0);
      expect(layer.outputError).toBeLessThan(outputError as number);
    }
    expect(bytes.before).toBe(layers.reduce((sum, layer) => sum + layer.bytes.before, 0));
    const after = model.forward(tokens).toArray();
    expect(outputError).toBeCloseTo(Math.hypot(...after.map((y, i) => y - (before[i] as number))) / Math.hypot(...before), 6);
    model.dispose();
  });

  test("the model is for use: not trained, saved as it runs, the same when it is quantized again", async () => {
    const model = make();
    await quantize(model);
    expect(model.requiresGrad).toBe(true); // the LayerNorm, which is f32
    expect(model.layers.lstm.training).toBe(false);
    const y = model.forward(tokens);
    const kept = y.toArray();
    expect(() => model.layers.head.backward(y)).toThrow("weights: expected f32 or f64 for a backward pass");
    const again = await quantize(model);
    expect(again.layers.map(({ weightError }) => weightError)).toEqual([0, 0, 0]);
    expect(model.forward(tokens).toArray()).toEqual(kept);
    const plain = loadModel(rt, model.save()) as typeof model;
    await quantize(plain);
    expect(plain.forward(tokens).toArray()).toEqual(kept);
    for (const each of [model, plain]) each.dispose();
  });

  test("what is skipped stays as it was", async () => {
    const model = make();
    const before = model.layers.head.parameters()[0]?.toArray();
    const { layers } = await quantize(model, { skip: ["head", "embedding"] });
    expect(layers.map(({ name }) => name)).toEqual(["lstm"]);
    expect(model.layers.head.parameters()[0]?.toArray()).toEqual(before);
    await expect(quantize(model, { skip: ["tail"] })).rejects.toThrow(
      'skip: expected names of layers: embedding, lstm, norm, head, got "tail"',
    );
    model.dispose();
  });

  test("a file of it is a quarter, and gives the same bits again", async () => {
    const model = make();
    await quantize(model, { skip: ["embedding"] });
    const kept = model.forward(tokens).toArray();
    const bytes = saveQuantized(model, { made: "here" });
    const { tensors, metadata } = loadSafetensors(bytes);
    expect(metadata.made).toBe("here");
    expect(tensors["head.weight.scale"]?.shape).toEqual([40]);
    const codes = tensors["head.weight"]?.data as Int32Array;
    const weight = model.layers.head.parameters()[0]?.toArray() as Float32Array;
    for (const [i, w] of weight.entries())
      expect((codes[i] as number) * (tensors["head.weight.scale"]?.data[Math.floor(i / 20)] as number)).toBe(w);
    const used = rt.bytesInUse;
    const again = await loadQuantized<Sequential>(rt, bytes);
    expect(again.forward(tokens).toArray()).toEqual(kept);
    expect(saveQuantized(again, { made: "here" })).toEqual(bytes);
    again.dispose();
    expect(rt.bytesInUse).toBe(used);
    const other = await testRuntime();
    const there = await loadQuantized<Sequential>(other, bytes);
    expect(there.forward(other.tensor(tokens.toArray(), [15, 2])).toArray()).toEqual(kept);
    other.dispose();
    model.dispose();
  });

  test("a calibration may be waited for: the report is the same", async () => {
    const [model, other] = [make(), make()];
    other.load(model.save());
    const report = await quantize(model, { calibration: () => model.forward(tokens) });
    expect(await quantize(other, { calibration: async () => (await Promise.resolve(other)).forward(tokens) })).toEqual(report);
    for (const each of [model, other]) each.dispose();
  });

  test("a file of the other kind is refused with the name of what takes it", async () => {
    const model = make();
    const plain = model.save();
    await quantize(model);
    const bytes = saveQuantized(model);
    const remedy = "got embedding.weight.scale beside them (a file of saveQuantized: loadQuantized of wasm-rnn/int8 makes its model)";
    expect(() => loadModel(rt, bytes)).toThrow(remedy);
    expect(() => model.load(bytes)).toThrow(remedy);
    await expect(loadQuantized(rt, plain)).rejects.toThrow("got none (loadModel takes what save() wrote)");
    model.dispose();
  });

  test("where it cannot be done, nothing has changed", async () => {
    const model = make();
    const before = model.stateDict();
    model.train();
    const boom = new Error("no data");
    let runs = 0;
    const calibration = () => {
      if (++runs === 4) throw boom;
      return model.forward(tokens);
    };
    await expect(quantize(model, { calibration })).rejects.toBe(boom);
    expect(model.stateDict()).toEqual(before);
    expect(model.layers.lstm.training).toBe(true);
    model.layers.head.parameters()[0]?.update((w) => void w.fill(Infinity, 3, 4));
    await expect(quantize(model)).rejects.toThrow("head.weight[3]: expected finite weights, got Infinity");
    await expect(quantize(new LayerNorm(rt, { normalizedShape: 3 }))).rejects.toThrow(
      "expected a recurrent layer, a Dense or an Embedding",
    );
    await expect(quantize(3 as never)).rejects.toThrow("model: expected a model or a layer, got 3");
    expect(() => saveQuantized(model)).toThrow("expected a model that quantize has rounded");
    await expect(loadQuantized(rt, model.save())).rejects.toThrow("int8: expected matrices with their scales");
    const fresh = await testRuntime();
    expect(() => new LSTM(fresh, { inputSize: 2, hiddenSize: 3, weights: "int8" })).toThrow(
      'weights: expected "bf16" or "int8 after loadInt8(rt)", got "int8"',
    );
    expect(() => new Dense(fresh, { inputSize: 2, outputSize: 3, weights: "int8" })).toThrow("int8 after loadInt8(rt)");
    fresh.dispose();
    model.dispose();
  });

  test("more columns than sums of 32 bits can take are refused; workers refuse what their file does not say", async () => {
    const wide = { inputSize: 133_145, weights: "int8" } as const;
    expect(() => new RNN(rt, { ...wide, hiddenSize: 1 })).toThrow("weights: expected at most 133144 columns for int8, got 133145");
    const dense = new Dense(rt, { ...wide, outputSize: 1 });
    expect(() => dense.forward(rt.zeros([1, 133_145]))).toThrow("at most 133144 columns");
    dense.dispose();
    const model = make();
    await quantize(model, { skip: ["embedding"] });
    expect(() => describeModel(model, undefined, { outputs: [], features: 1 })).toThrow(
      "model: expected one of f32 (predict runs int8 here), or a module that makes it, got lstm with int8 weights",
    );
    model.dispose();
  });

  test("a stream that is there goes on in f32, a new one is int8", async () => {
    const lstm = new LSTM(rt, { inputSize: 3, hiddenSize: 8 });
    const old = lstm.stream();
    await quantize(lstm);
    const plain = new LSTM(rt, { inputSize: 3, hiddenSize: 8 });
    plain.loadStateDict(lstm.stateDict());
    const wanted = plain.stream();
    const now = lstm.stream();
    for (const stream of [old, wanted, now]) {
      stream.input.set([0.37, -0.2, 0.9]); // 0.37 is between two codes
      stream.step();
    }
    expect(old.output).toEqual(wanted.output);
    expect(now.output).not.toEqual(wanted.output);
    for (const each of [old, now, wanted, lstm, plain]) each.dispose();
  });
});
