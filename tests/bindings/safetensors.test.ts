import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, FormatError, LSTM, loadSafetensors, type NamedArray, ShapeError, saveSafetensors } from "../../bindings/index.js";
import { expectBits } from "../helpers/compare.js";
import { fileOf } from "../helpers/files.js";
import { expectRefusal } from "../helpers/refusal.js";
import { testRuntime } from "../helpers/runtime.js";

const tensors: Record<string, NamedArray> = {
  "a.weight": { shape: [2, 3], data: Float32Array.of(1, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e-45, 0.1) },
  "b – ü": { shape: [1], data: Float64Array.of(Math.PI) },
  tokens: { shape: [2, 1], data: Int32Array.of(-1, 2 ** 31 - 1) },
};

describe("safetensors", () => {
  it("come back as they were", () => {
    const { tensors: back, metadata } = loadSafetensors(saveSafetensors(tensors, { format: "pt", note: "ä" }));
    expect(Object.keys(back)).toEqual(Object.keys(tensors));
    for (const [name, { shape, data }] of Object.entries(tensors)) {
      expect(back[name].shape).toEqual(shape);
      expect(back[name].data.constructor).toBe(data.constructor);
      expectBits(name, back[name].data, data);
    }
    expect(metadata).toEqual({ format: "pt", note: "ä" });
    expect(loadSafetensors(saveSafetensors({})).tensors).toEqual({});
  });

  it("are laid out as the format says", () => {
    const file = saveSafetensors({ x: { shape: [2], data: Float32Array.of(1, 2) }, y: { shape: [1], data: Int32Array.of(7) } });
    const length = Number(new DataView(file.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
    expect(header).toEqual({
      x: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
      y: { dtype: "I32", shape: [1], data_offsets: [8, 12] },
    });
    expect([...new Float32Array(file.slice(8 + length, 16 + length).buffer)]).toEqual([1, 2]);
    expect(file.length).toBe(8 + length + 12);
  });

  it("are read from the middle of a buffer, and copied", () => {
    const file = saveSafetensors(tensors);
    const padded = new Uint8Array(file.length + 20);
    padded.set(file, 13);
    const { tensors: back } = loadSafetensors(padded.subarray(13, 13 + file.length));
    padded.fill(0);
    expectBits("tokens", back.tokens.data, tensors.tokens.data);
  });

  it("carry a layer's weights over, bit for bit", async () => {
    const rt = await testRuntime();
    const [from, to] = [new LSTM(rt, { inputSize: 3, hiddenSize: 5 }), new LSTM(rt, { inputSize: 3, hiddenSize: 5 })];
    const bytes = saveSafetensors(
      Object.fromEntries(from.parameters().map((parameter) => [parameter.name, { shape: parameter.shape, data: parameter.toArray() }])),
    );
    const { tensors: back } = loadSafetensors(bytes);
    for (const parameter of to.parameters()) parameter.set(back[parameter.name].data);
    const x = rt.tensor([1, 2, 3], [1, 3]);
    expectBits("output", to.forward(x).output.data, from.forward(x).output.data);
    rt.dispose();
  });

  it("that are truncated are refused, wherever they end", () => {
    const file = saveSafetensors(tensors);
    for (let length = 0; length < file.length; length++)
      expectRefusal(() => loadSafetensors(file.subarray(0, length)), FormatError, "safetensors: ");
  });

  const entry = { dtype: "F32", shape: [1], data_offsets: [0, 4] };
  it.each<[string, unknown, number, string]>([
    ["no JSON", "{", 0, "expected a JSON header, got text that does not parse"],
    ["a list", [], 0, "expected a JSON object as header"],
    ["a number", "5", 0, "expected a JSON object as header"],
    ["no entry", { a: null }, 4, "a: expected dtype"],
    [
      "a foreign type",
      { a: { ...entry, dtype: "F8_E5M2" } },
      4,
      'a: expected dtype F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, BOOL, got "F8_E5M2"',
    ],
    [
      "a type that JavaScript has",
      { a: { ...entry, dtype: "constructor" } },
      4,
      "a: expected dtype F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, BOOL",
    ],
    ["no shape", { a: { ...entry, shape: 1 } }, 4, "a: expected a shape, got 1"],
    ["a negative shape", { a: { ...entry, shape: [-1] } }, 4, "a: expected a shape, got [-1]"],
    ["a fractional shape", { a: { ...entry, shape: [0.5] } }, 4, "a: expected a shape"],
    ["a greater shape", { a: { ...entry, shape: [2] } }, 4, "a: expected 8 bytes inside the file's 4, got offsets [0, 4]"],
    ["an endless shape", { a: { ...entry, shape: [1e300, 1e300] } }, 4, "a: expected Infinity bytes"],
    ["offsets beyond the end", { a: { ...entry, data_offsets: [4, 8] } }, 4, "a: expected 4 bytes inside the file's 4, got offsets [4, 8]"],
    ["offsets before the start", { a: { ...entry, data_offsets: [-4, 0] } }, 4, "a: expected 4 bytes"],
    ["offsets the wrong way", { a: { ...entry, data_offsets: [4, 0] } }, 4, "a: expected 4 bytes"],
    ["no offsets", { a: { ...entry, data_offsets: undefined } }, 4, "a: expected 4 bytes"],
    ["metadata that is none", { __metadata__: 5 }, 0, "__metadata__"],
  ])("with %s are refused", (_, header, bytes, text) => {
    expectRefusal(() => loadSafetensors(fileOf(header, bytes)), FormatError, "safetensors: ", text);
  });

  it("with a header longer than the file, or than any, are refused", () => {
    const file = fileOf("{}");
    for (const length of [3n, 2n ** 31n, 2n ** 63n, 2n ** 64n - 1n]) {
      new DataView(file.buffer).setBigUint64(0, length, true);
      expectRefusal(() => loadSafetensors(file), FormatError, "safetensors: expected a header within the file's 10 bytes");
    }
  });

  it("garbled anywhere are read or refused, never anything else", () => {
    const file = saveSafetensors(tensors, { a: "b" });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), (changes) => {
        const garbled = file.slice();
        for (const [at, byte] of changes) garbled[at] = byte;
        try {
          for (const { shape, data } of Object.values(loadSafetensors(garbled).tensors))
            expect(shape.reduce((a, b) => a * b, 1)).toBe(data.length);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => expectRefusal(() => loadSafetensors(bytes), FormatError, "safetensors: ")),
    );
  });

  it("keep a name that JavaScript has a meaning for", () => {
    const names = ["__proto__", "constructor", "toString"];
    const odd = Object.fromEntries(names.map((name, i) => [name, { shape: [1], data: Float32Array.of(i) }]));
    const { tensors: back } = loadSafetensors(saveSafetensors(odd));
    expect(Object.keys(back)).toEqual(names);
  });

  it("cannot be made of what does not fit", () => {
    const data = Float32Array.of(1, 2);
    expectRefusal(() => saveSafetensors({ a: { shape: [3], data } }), ShapeError, "a: expected a shape of 2 elements, got [3]");
    expectRefusal(() => saveSafetensors({ a: { shape: [-1], data } }), ShapeError, "a: expected a shape of 2 elements, got [-1]");
    expectRefusal(() => saveSafetensors({ __metadata__: { shape: [2], data } }), ArgumentError, "__metadata__");
    const bytes = { shape: [1], data: new Uint8Array(1) as never };
    expectRefusal(() => saveSafetensors({ a: bytes }), ArgumentError, "a: expected { shape, data } with a Float32Array");
    expectRefusal(() => loadSafetensors([] as never), ArgumentError, "bytes: expected a Uint8Array, got []");
  });
});
