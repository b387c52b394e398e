/** Files of PyTorch and NumPy, as torch and numpy have written them; and what they must not do. */
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  Dense,
  Embedding,
  FormatError,
  Generator,
  GRU,
  LayerNorm,
  LSTM,
  RNN,
  Sequential,
  ShapeError,
} from "../../bindings/index.js";
import { loadNpy, loadNpz, saveNpy, saveNpz } from "../../bindings/numpy.js";
import { loadPyTorch } from "../../bindings/pytorch.js";
import { testRuntime } from "../helpers/runtime.js";
import { sweep } from "../helpers/sweep.js";

const MUTATIONS = sweep(10_000);

interface Described {
  readonly shape: number[];
  readonly data: number[];
}

interface Golden {
  readonly torch: Record<string, { file: string; arrays: Record<string, Described> }>;
  readonly refused: Record<string, string>;
  readonly layers: { x: Described; y: number[] };
  readonly network: { tokens: Described; y: number[] };
  readonly npy: Record<string, Described & { file: string }>;
  readonly npz: { file: string; compressed: string };
  readonly "npz names": string;
  readonly "npy refused": Record<string, string>;
}

const golden: Golden = JSON.parse(readFileSync(new URL("../golden/weights-files.json", import.meta.url), "utf8"));
const bytesOf = (file: string) => new Uint8Array(inflateSync(Buffer.from(file, "base64")));

describe("PyTorch", () => {
  test.each(Object.entries(golden.torch))("%s: every tensor, by its name", (_, { file, arrays }) => {
    const read = loadPyTorch(bytesOf(file));
    expect(Object.keys(read)).toEqual(Object.keys(arrays));
    for (const [name, { shape, data }] of Object.entries(arrays)) {
      expect(read[name]?.shape, name).toEqual(shape);
      expect([...(read[name]?.data ?? [])], name).toEqual(data);
    }
  });

  test("one dictionary of a checkpoint", () => {
    const file = bytesOf(golden.torch["checkpoint zip"]?.file as string);
    expect(Object.keys(loadPyTorch(file, { key: "state_dict" }))).toEqual(["w"]);
    expect(() => loadPyTorch(file, { key: "model" })).toThrow(
      'pytorch: expected "model" in the file, got a dictionary of epoch, lr, note, state_dict',
    );
  });

  test("a model with such weights computes what torch computes", async () => {
    using rt = await testRuntime();
    const model = new Sequential(rt, {
      lstm: new LSTM(rt, { inputSize: 2, hiddenSize: 3 }),
      head: new Dense(rt, { inputSize: 3, outputSize: 2 }),
    });
    model.loadStateDict(loadPyTorch(bytesOf(golden.torch["layers zip"]?.file as string)));
    const { x, y } = golden.layers;
    const ours = model.forward(rt.tensor(x.data, x.shape)).toArray();
    for (const [i, value] of y.entries()) expect(Math.abs((ours[i] as number) - value)).toBeLessThan(1e-6);
    model.dispose();
  });

  test.each(["zip", "legacy"])("a network of every kind of layer computes what torch computes, %s", async (form) => {
    using rt = await testRuntime();
    const model = new Sequential(rt, {
      embedding: new Embedding(rt, { numEmbeddings: 7, embeddingDim: 4, paddingIdx: 0 }),
      gru: new GRU(rt, { inputSize: 4, hiddenSize: 3, bidirectional: true }),
      norm: new LayerNorm(rt, { normalizedShape: 6 }),
      rnn: new RNN(rt, { inputSize: 6, hiddenSize: 4, numLayers: 2, nonlinearity: "relu" }),
      lstm: new LSTM(rt, { inputSize: 4, hiddenSize: 3, numLayers: 2, bias: false }),
      head: new Dense(rt, { inputSize: 3, outputSize: 2 }),
    });
    model.loadStateDict(loadPyTorch(bytesOf(golden.torch[`network ${form}`]?.file as string)));
    const { tokens, y } = golden.network;
    const ours = model.forward(rt.tensor(Int32Array.from(tokens.data), tokens.shape, { dtype: "i32" })).toArray();
    expect(ours.length).toBe(y.length);
    for (const [i, value] of y.entries()) expect(Math.abs((ours[i] as number) - value), `${i}`).toBeLessThan(1e-6);
    model.dispose();
  });

  test("each element type becomes the one that holds it", () => {
    const read = loadPyTorch(bytesOf(golden.torch["kinds zip"]?.file as string));
    const types = Object.fromEntries(Object.entries(read).map(([name, { dtype, data }]) => [name, `${dtype} ${data.constructor.name}`]));
    for (const name of ["i64", "i32", "i16", "i8", "u8", "bool"]) expect(types[name], name).toBe("i32 Int32Array");
    for (const name of ["f16", "bf16", "turned", "part"]) expect(types[name], name).toBe("f32 Float32Array");
    expect(types.f64).toBe("f64 Float64Array");
  });

  test.each([
    ["a call zip", "builtins.eval, which is not called (of a whole model save the weights, torch.save(model.state_dict(), path)"],
    ["a call legacy", "builtins.eval, which is not called"],
    ["a whole model", "torch.nn.modules.linear.Linear, which is not called (a whole model is pickled code: save its weights"],
    ["TorchScript", "got TorchScript (in Python: torch.save(torch.jit.load(path).state_dict(), path))"],
    ["sparse", "torch._utils._rebuild_sparse_tensor, which is not called (dense tensors"],
    ["expanded", "expected 1 numbers at most, as its storage has, got 5 that repeat"],
    ["quantized", "torch._utils._rebuild_qtensor, which is not called (dense tensors of plain numbers alone are read"],
    ["complex", "torch.ComplexFloatStorage, which is not called (numbers of ordinary kinds alone are read"],
    ["too large", "pytorch: storage 0[1]: expected an integer that fits into 32 bits, got 1099511627776"],
    ["no tensors", "pytorch: expected tensors by name, got a dictionary of epoch, args"],
    ["twice", 'pytorch: expected each name once, got "a.b" twice (choose one dictionary by key)'],
    ["pickle.dump", "torch.storage._load_from_bytes, which is not called (pickle.dump has written this: save it by torch.save)"],
    ["another pickle", "pytorch: expected a file of torch.save, got another pickle"],
  ])("%s is refused by its name", (name, message) => {
    expect(() => loadPyTorch(bytesOf(golden.refused[name] as string))).toThrow(FormatError);
    expect(() => loadPyTorch(bytesOf(golden.refused[name] as string))).toThrow(message);
  });
});

describe("NumPy", () => {
  test.each(Object.entries(golden.npy))("%s is read, row by row", (_, { file, shape, data }) => {
    const read = loadNpy(bytesOf(file));
    expect(read.shape).toEqual(shape);
    expect([...read.data]).toEqual(data);
  });

  test.each(Object.entries(golden.npz))("an archive, %s", (_, file) => {
    const { a, b } = loadNpz(bytesOf(file));
    expect([a?.shape, b?.shape, a?.dtype, b?.dtype]).toEqual([[2, 3], [2], "f64", "i32"]);
    expect([...(a?.data ?? []), ...(b?.data ?? [])]).toEqual([0, 1, 2, 3, 4, 5].map((k) => k / 7).concat(1, 2));
  });

  test("a file of another kind is named, with who reads it", () => {
    const one = { shape: [1], data: Float32Array.of(1) };
    expect(() => loadNpz(saveNpy(one))).toThrow(
      "npz: expected a zip archive, got a NumPy array (.npy): loadNpy of wasm-rnn/numpy reads it",
    );
    expect(() => loadPyTorch(saveNpz({ one }))).toThrow("got a NumPy archive (.npz): loadNpz of wasm-rnn/numpy reads it");
    expect(loadNpz(saveNpz({}))).toEqual({});
  });

  test("an archive whose names are of other scripts, both ways", () => {
    const read = loadNpz(bytesOf(golden["npz names"]));
    expect(Object.keys(read)).toEqual(["ä/ö", "漢"]);
    expect(loadNpz(saveNpz(read))).toEqual(read);
  });

  test.each([
    ["f8", "F64"],
    ["f4", "F32"],
    ["f2", "F16"],
  ] as const)("what is written is what numpy.save writes, byte by byte: %s", (name, dtype) => {
    const { data } = golden.npy.f8 as Described;
    expect(saveNpy({ shape: [2, 3], data: Float64Array.from(data) }, { dtype })).toEqual(bytesOf(golden.npy[name]?.file as string));
  });

  test("a number that float16 cannot hold is refused, integers stay integers", () => {
    expect(() => saveNpy({ shape: [2], data: Float32Array.of(1, 70000) }, { dtype: "F16" })).toThrow("array[1]");
    expect(loadNpy(saveNpy({ shape: [1], data: Int32Array.of(-7) }, { dtype: "F16" }))).toEqual({
      shape: [1],
      data: Int32Array.of(-7),
      dtype: "i32",
    });
    expect(() => saveNpy({ shape: [1], data: Float32Array.of(1) }, { dtype: "BF16" as "F16" })).toThrow(ArgumentError);
    expect(() => saveNpy({ shape: [-1, -2], data: Float32Array.of(1, 2) })).toThrow(ShapeError);
    expect(() => saveNpz({ ["x".repeat(70_000)]: { shape: [1], data: Float32Array.of(1) } })).toThrow(ArgumentError);
  });

  test.each([
    ["long double", "npy: expected one of"],
    ["dates", "npy: expected numbers, got dates"],
    ["complex", "npy: expected numbers, got complex numbers"],
    ["strings", "npy: expected numbers, got strings"],
    ["objects", "npy: expected numbers, got objects of Python, which are pickled and not read"],
    ["records", "npy: expected an array of numbers, got a structured one, of records"],
    ["too large", "npy: array[0]: expected an integer that fits into 32 bits, got 1099511627776"],
  ])("%s are refused by their name", (name, message) => {
    expect(() => loadNpy(bytesOf(golden["npy refused"][name] as string))).toThrow(message);
  });

  test("what is written is read again, the same bytes each time", () => {
    const arrays = {
      x: { shape: [2, 2], data: Float32Array.of(1.5, -2, Number.NaN, 1e-40), dtype: "f32" as const },
      "a/b": { shape: [], data: Float64Array.of(Math.PI), dtype: "f64" as const },
      none: { shape: [0, 3], data: new Int32Array(0), dtype: "i32" as const },
    };
    const file = saveNpz(arrays);
    expect(loadNpz(file)).toEqual(arrays);
    expect(saveNpz(arrays)).toEqual(file);
    for (const array of Object.values(arrays)) expect(loadNpy(saveNpy(array))).toEqual(array);
  });
});

describe("hostile files", () => {
  const files: readonly (readonly [string, Uint8Array, (bytes: Uint8Array) => unknown])[] = [
    ["pt zip", bytesOf(golden.torch["kinds zip"]?.file as string), loadPyTorch],
    ["pt legacy", bytesOf(golden.torch["kinds legacy"]?.file as string), loadPyTorch],
    ["npy", bytesOf(golden.npy["3-d"]?.file as string), loadNpy],
    ["npz", bytesOf(golden.npz.compressed), loadNpz],
  ];

  test.each(files)("%s, cut off at every byte", (_, file, load) => {
    for (let length = 0; length < file.length; length++) expect(() => load(file.slice(0, length)), `${length}`).toThrow(FormatError);
  });

  test.each(files)(`%s, ${MUTATIONS} times with bytes changed`, (_, file, load) => {
    const random = new Generator(7);
    for (let i = 0; i < MUTATIONS; i++) {
      const broken = file.slice();
      for (let k = random.integer(4); k >= 0; k--) broken[random.integer(broken.length)] = random.integer(256);
      const start = performance.now();
      try {
        load(broken);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
      }
      expect(performance.now() - start, `${i}`).toBeLessThan(1000);
    }
  });
});
