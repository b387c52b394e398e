/** Runtimes of what the caller has compiled, at once or not, and of binaries that are none. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import {
  ArgumentError,
  createRuntime,
  createRuntimeSync,
  Dense,
  FormatError,
  LSTM,
  loadBinary,
  MemoryError,
  type Runtime,
} from "../../bindings/index.js";
import { draws } from "../helpers/compare.js";
import { BUILD } from "../helpers/raw.js";
import { expectRefusal } from "../helpers/refusal.js";

const bad = (value: unknown) => value as never;
const file = (name: string) => readFileSync(new URL(`../../build/${name}.wasm`, import.meta.url));
const NAMES = BUILD === "debug" ? ["debug"] : [BUILD, `${BUILD}-f32`];

function shared(bytes: Uint8Array): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(bytes.length);
  new Uint8Array(memory).set(bytes);
  return memory;
}

/** Bits of a forward and a backward. */
function bitsOf(rt: Runtime): string {
  const lstm = new LSTM(rt, { inputSize: 5, hiddenSize: 7, dtype: "f32" });
  lstm.forward(rt.tensor(draws(3)(11 * 2 * 5), [11, 2, 5], { dtype: "f32" }));
  const { dX } = lstm.backward(rt.tensor(draws(4)(11 * 2 * 7), [11, 2, 7], { dtype: "f32" }));
  return [dX.toArray(), ...lstm.parameters().map(({ grad }) => grad)].map((array) => Buffer.from(array.buffer).toString("hex")).join();
}

let expected: string;
beforeAll(async () => {
  const rt = await createRuntime({ build: BUILD as never, seed: 5 });
  expected = bitsOf(rt);
  rt.dispose();
});

describe.each(NAMES)("%s", (name) => {
  const bytes = file(name);
  const copies: [string, () => object][] = [
    ["a Buffer", () => bytes],
    ["a Uint8Array into a larger buffer", () => new Uint8Array([1, 2, ...bytes, 3]).subarray(2, 2 + bytes.length)],
    ["an ArrayBuffer", () => Uint8Array.from(bytes).buffer],
    ["a SharedArrayBuffer", () => shared(bytes)],
    ["a DataView", () => new DataView(Uint8Array.from(bytes).buffer)],
    ["a module", () => new WebAssembly.Module(bytes)],
  ];

  test.each(copies)("at once, of %s: the same build, the same bits", (_, binary) => {
    const rt = createRuntimeSync(binary(), { seed: 5 });
    expect([rt.build, rt.dtype, bitsOf(rt)]).toEqual([BUILD, "f32", expected]);
    rt.dispose();
  });

  test("of a module: many runtimes of one, each with a memory of its own", async () => {
    const module = new WebAssembly.Module(bytes);
    const [a, b] = [await createRuntime({ module, seed: 5 }), await createRuntime({ module, seed: 5, maximumMemory: 2 ** 20 })];
    expect([bitsOf(a), bitsOf(b)]).toEqual([expected, expected]);
    a.dispose();
    expectRefusal(() => b.zeros([2 ** 20]), MemoryError);
    b.dispose();
  });
});

test("a binary of f32 alone refuses f64, as the runtime's and as a layer's; a runtime of f64 does both", async () => {
  if (BUILD === "debug") return expect(createRuntimeSync(file("debug"), { dtype: "f64" }).dtype).toBe("f64");
  const alone = file(`${BUILD}-f32`);
  expectRefusal(
    () => createRuntimeSync(alone, { dtype: "f64" }),
    ArgumentError,
    'dtype: expected "f32", all that the given binary has, got "f64"',
  );
  for (const rt of [createRuntimeSync(alone), await createRuntime({ build: BUILD as never })]) {
    const before = rt.bytesInUse;
    const make = () => new Dense(rt, { inputSize: 1, outputSize: 1, dtype: "f64" });
    expectRefusal(make, ArgumentError, "dtype: expected ", 'createRuntime({ dtype: "f64" })');
    expect(rt.bytesInUse).toBe(before);
    rt.dispose();
  }
  const both = await createRuntime({ build: BUILD as never, dtype: "f64" });
  expect([new Dense(both, { inputSize: 1, outputSize: 1 }).dtype, bitsOf(both)]).toEqual(["f64", expect.any(String)]);
  both.dispose();
});

test("loadBinary gives what createRuntime would take", async () => {
  const picked = await createRuntime();
  const rt = createRuntimeSync(await loadBinary());
  expect(rt.build).toBe(picked.build);
  const build = BUILD as "baseline";
  expect([...(await loadBinary({ build, dtype: "f64" }))]).toEqual([...file(BUILD)]);
  if (BUILD !== "debug") expect([...(await loadBinary({ build }))]).toEqual([...file(`${BUILD}-f32`)]);
  await expect(loadBinary({ build: bad("fast") })).rejects.toThrow(ArgumentError);
  await expect(loadBinary({ dtype: bad("i32") })).rejects.toThrow(ArgumentError);
  await expect(loadBinary(bad({ seed: 1 }))).rejects.toThrow(ArgumentError);
});

/** A module with nothing in it, one that wants an import that is not ours, and what is no module at all. */
const EMPTY = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
const GREEDY = Uint8Array.of(...EMPTY, 1, 4, 1, 96, 0, 0, 2, 7, 1, 1, 97, 1, 98, 0, 0);

describe("what is no binary of the package", () => {
  test.each<[string, unknown, typeof FormatError | typeof ArgumentError]>([
    ["an empty module", EMPTY, FormatError],
    ["another's module", GREEDY, FormatError],
    ["another's module, compiled", new WebAssembly.Module(GREEDY), FormatError],
    ["no bytes", new Uint8Array(0), FormatError],
    ["a part of one", file(BUILD).subarray(0, 5000), FormatError],
    ["text", Buffer.from("<!doctype html>"), FormatError],
    ["a response", new Response("x"), ArgumentError],
    ["an instance", new WebAssembly.Instance(new WebAssembly.Module(EMPTY)), ArgumentError],
    ["a path", "build/baseline.wasm", ArgumentError],
    ["nothing", undefined, ArgumentError],
    ["null", null, ArgumentError],
    ["a promise", Promise.resolve(EMPTY), ArgumentError],
    ["an array", [...EMPTY], ArgumentError],
  ])("%s", async (_, binary, type) => {
    expectRefusal(() => createRuntimeSync(bad(binary)), type as never);
    if (!(binary instanceof Uint8Array) && binary !== undefined) await expect(createRuntime({ module: bad(binary) })).rejects.toThrow(type);
  });

  test("bytes as a module, and a build beside one, are refused by what to do", async () => {
    await expect(createRuntime({ module: file(BUILD) })).rejects.toThrow("module: expected a WebAssembly.Module");
    const module = new WebAssembly.Module(file(BUILD));
    await expect(createRuntime({ module, build: "baseline" })).rejects.toThrow("build: expected none beside a module");
    expectRefusal(
      () => createRuntimeSync(module, bad({ build: "baseline" })),
      ArgumentError,
      "options: expected only dtype, maximumMemory, seed",
    );
  });
});
