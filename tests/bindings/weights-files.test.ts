/** Files of PyTorch and NumPy, as torch and numpy have written them; and what they must not do. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Dense, FormatError, Generator, LSTM, Sequential } from "../../bindings/index.js";
import { loadNpy, loadNpz, saveNpy, saveNpz } from "../../bindings/numpy.js";
import { loadPyTorch } from "../../bindings/pytorch.js";
import { testRuntime } from "../helpers/runtime.js";

interface Described {
  readonly shape: number[];
  readonly data: number[];
}

interface Golden {
  readonly torch: Record<string, { file: string; arrays: Record<string, Described> }>;
  readonly refused: Record<string, string>;
  readonly layers: { x: Described; y: number[] };
  readonly npy: Record<string, Described & { file: string }>;
  readonly npz: { file: string; compressed: string };
  readonly "npy refused": Record<string, string>;
}

const golden: Golden = JSON.parse(readFileSync(new URL("../golden/weights-files.json", import.meta.url), "utf8"));
const bytesOf = (file: string) => new Uint8Array(Buffer.from(file, "base64"));

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

  test.each([
    ["a call zip", "builtins.eval, which is not called"],
    ["a call legacy", "builtins.eval, which is not called"],
    ["a whole model", "torch.nn.modules.linear.Linear, which is not called (a whole model is pickled code: save its weights"],
    ["TorchScript", "got TorchScript (in Python: torch.save(torch.jit.load(path).state_dict(), path))"],
    ["sparse", "torch._utils._rebuild_sparse_tensor, which is not called (dense tensors"],
    ["expanded", "expected 1 numbers at most, as its storage has, got 5 that repeat"],
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

  test.each([
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

  test.each(files)("%s, 10,000 times with bytes changed", (_, file, load) => {
    const random = new Generator(7);
    for (let i = 0; i < 10_000; i++) {
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

  test("a pickle whose dictionaries hold one another without end", () => {
    // {}, then again and again a dictionary that holds the last one twice.
    const program = [0x80, 2, 0x7d, 0x71, 0];
    for (let k = 0; k < 60; k++) program.push(0x7d, 0x71, k + 1, 0x28, 0x58, 1, 0, 0, 0, 97, 0x68, k, 0x58, 1, 0, 0, 0, 98, 0x68, k, 0x75);
    const legacy = bytesOf(golden.torch["kinds legacy"]?.file as string);
    const magic = legacy.subarray(0, legacy.indexOf(0x2e, 14) + 1);
    const head = [...legacy.subarray(0, 15)];
    expect(magic.length).toBeGreaterThan(0);
    const start = performance.now();
    expect(() => loadPyTorch(Uint8Array.from([...head, ...program, 0x2e]))).toThrow(FormatError);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
