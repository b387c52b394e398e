/** Every element type of safetensors, read and written: bit for bit against NumPy and PyTorch, and what is refused. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  Dense,
  DTypeError,
  FormatError,
  loadModel,
  loadSafetensors,
  Sequential,
  saveSafetensors,
} from "../../bindings/index.js";
import { fileOf } from "../helpers/files.js";
import { expectRefusal } from "../helpers/refusal.js";
import { testRuntime } from "../helpers/runtime.js";

const GOLDEN = JSON.parse(readFileSync(new URL("../golden/halves.json", import.meta.url), "utf8")) as Record<
  "F16" | "BF16",
  { values: (number | string)[]; bits: number[] }
>;

/** A file of one tensor x with such bytes, at an odd place or not. */
function typed(dtype: string, data: ArrayBufferView, length: number, odd = false): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const before = odd ? 1 : 0;
  const x = { dtype, shape: [length], data_offsets: [before, before + bytes.length] };
  const file = fileOf({ ...(odd && { a: { dtype: "U8", shape: [1], data_offsets: [0, 1] } }), x }, before + bytes.length);
  file.set(bytes, file.length - bytes.length);
  return file;
}

const INTEGERS: readonly [string, ArrayBufferView, number[]][] = [
  ["I8", Int8Array.of(-128, -1, 0, 127), [-128, -1, 0, 127]],
  ["U8", Uint8Array.of(0, 1, 128, 255), [0, 1, 128, 255]],
  ["BOOL", Uint8Array.of(0, 1, 1), [0, 1, 1]],
  ["I16", Int16Array.of(-32768, -1, 0, 32767), [-32768, -1, 0, 32767]],
  ["U16", Uint16Array.of(0, 1, 32768, 65535), [0, 1, 32768, 65535]],
  ["I32", Int32Array.of(-(2 ** 31), -1, 2 ** 31 - 1), [-(2 ** 31), -1, 2 ** 31 - 1]],
  ["U32", Uint32Array.of(0, 7, 2 ** 31 - 1), [0, 7, 2 ** 31 - 1]],
  ["I64", BigInt64Array.of(-(2n ** 31n), -1n, 0n, 2n ** 31n - 1n), [-(2 ** 31), -1, 0, 2 ** 31 - 1]],
  ["U64", BigUint64Array.of(0n, 1n, 2n ** 31n - 1n), [0, 1, 2 ** 31 - 1]],
];

describe("reading", () => {
  test.each(INTEGERS)("%s", (dtype, data, expected) => {
    for (const odd of [false, true])
      expect(loadSafetensors(typed(dtype, data, expected.length, odd)).tensors.x).toEqual({
        dtype: "i32",
        shape: [expected.length],
        data: Int32Array.from(expected),
      });
  });

  test.each([false, true])("F32 and F64, at an odd byte or not (%s)", (odd) => {
    const numbers = [1 / 3, -0, Number.POSITIVE_INFINITY, 1e-40];
    expect(loadSafetensors(typed("F32", Float32Array.from(numbers), 4, odd)).tensors.x?.data).toEqual(Float32Array.from(numbers));
    expect(loadSafetensors(typed("F64", Float64Array.from(numbers), 4, odd)).tensors.x?.data).toEqual(Float64Array.from(numbers));
  });

  test.each<[string, ArrayBufferView, string]>([
    ["U32", Uint32Array.of(3, 2 ** 31), "x[1]: expected an integer that fits into 32 bits, got 2147483648"],
    ["I64", BigInt64Array.of(-(2n ** 31n) - 1n), "x[0]: expected an integer that fits into 32 bits, got -2147483649"],
    ["I64", BigInt64Array.of(0n, 2n ** 32n), "x[1]: expected an integer that fits into 32 bits, got 4294967296"],
    ["U64", BigUint64Array.of(2n ** 64n - 1n), "x[0]: expected an integer that fits into 32 bits, got 18446744073709551615"],
    ["BOOL", Uint8Array.of(1, 0, 2), "x[2]: expected 0 or 1, got 2"],
  ])("%s beyond what it may hold", (dtype, data, text) => {
    const length = (data as unknown as { length: number }).length;
    expectRefusal(() => loadSafetensors(typed(dtype, data, length)), FormatError, text);
  });

  test.each(["F8_E4M3", "F8_E5M2", "F8_E8M0", "F4", "F6_E2M3", "C64", "f32", "I128", "", "toString"])("%s is refused by name", (dtype) => {
    expectRefusal(() => loadSafetensors(typed(dtype, Uint8Array.of(1), 1)), FormatError, "x: expected dtype F64, F32,", `got "${dtype}"`);
  });

  test.each(INTEGERS)("a size that is not so: %s", (dtype, data, expected) => {
    expectRefusal(() => loadSafetensors(typed(dtype, data, expected.length + 1)), FormatError, "x: expected");
    expectRefusal(() => loadSafetensors(typed(dtype, data, expected.length - 1)), FormatError, "x: expected");
  });
});

describe("writing", () => {
  test.each(["F16", "BF16"] as const)("%s, bit for bit as NumPy and PyTorch", (dtype) => {
    const { values, bits } = GOLDEN[dtype];
    const data = Float64Array.from(values, (value) => (typeof value === "string" ? Number(value.replace("inf", "Infinity")) : value));
    const file = saveSafetensors({ x: { shape: [data.length], data } }, {}, { dtype });
    const written = new Uint16Array(file.slice(-2 * data.length).buffer);
    expect([...written]).toEqual(bits);
    expect(bits.length).toBeGreaterThan(200);
  });

  test.each(["F16", "BF16"] as const)("%s: what was read is written again to the same bits", (dtype) => {
    const all = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i);
    const { tensors } = loadSafetensors(typed(dtype, all, all.length));
    const file = saveSafetensors(tensors, {}, { dtype });
    const written = new Uint16Array(file.slice(-2 * all.length).buffer);
    const numbers = tensors.x?.data as Float32Array;
    const wrong = [...all].filter(
      (word) =>
        (Number.isNaN(numbers[word]) ? (written[word] as number) & 0x7fff : written[word]) !==
        (Number.isNaN(numbers[word]) ? (dtype === "F16" ? 0x7e00 : 0x7fc0) : word),
    );
    expect(wrong).toEqual([]);
  });

  test("f64 is rounded once", () => {
    const tie = 1 + 2 ** -11; // half way in F16
    const data = Float64Array.of(tie, tie + 2 ** -40, tie - 2 ** -40, 1 + 3 * 2 ** -11);
    const file = saveSafetensors({ x: { shape: [4], data } }, {}, { dtype: "F16" });
    expect([...(loadSafetensors(file).tensors.x?.data ?? [])]).toEqual([1, 1 + 2 ** -10, 1, 1 + 2 ** -9]);
    const bf = saveSafetensors({ x: { shape: [2], data: Float64Array.of(1 + 2 ** -8, 1 + 2 ** -8 + 2 ** -40) } }, {}, { dtype: "BF16" });
    expect([...(loadSafetensors(bf).tensors.x?.data ?? [])]).toEqual([1, 1 + 2 ** -7]);
  });

  test("F64 and F32; integers stay", () => {
    const tensors = {
      f32: { shape: [2], data: Float32Array.of(0.1, -0) },
      f64: { shape: [1], data: Float64Array.of(0.1) },
      i32: { shape: [1], data: Int32Array.of(2 ** 31 - 1) },
    };
    const wide = loadSafetensors(saveSafetensors(tensors, {}, { dtype: "F64" })).tensors;
    expect(wide.f32).toEqual({ dtype: "f64", shape: [2], data: Float64Array.of(Math.fround(0.1), -0) });
    expect(wide.i32).toEqual({ dtype: "i32", shape: [1], data: Int32Array.of(2 ** 31 - 1) });
    const narrow = loadSafetensors(saveSafetensors(tensors, {}, { dtype: "F32" })).tensors;
    expect(narrow.f64).toEqual({ dtype: "f32", shape: [1], data: Float32Array.of(0.1) });
    const half = saveSafetensors(tensors, { a: "b" }, { dtype: "F16" });
    expect(loadSafetensors(half).tensors.i32?.data).toEqual(Int32Array.of(2 ** 31 - 1));
    expect(loadSafetensors(half).metadata).toEqual({ a: "b" });
  });

  test("what would become infinite is refused, infinity is not", () => {
    const save = (value: number, dtype: "F32" | "F16" | "BF16") =>
      saveSafetensors({ w: { shape: [2], data: Float64Array.of(0, value) } }, {}, { dtype });
    expectRefusal(() => save(65520, "F16"), DTypeError, "w[1]: expected a number that is finite in F16, got 65520");
    expectRefusal(() => save(-1e300, "BF16"), DTypeError, "w[1]: expected a number that is finite in BF16");
    expectRefusal(() => save(-1e39, "F32"), DTypeError, "w[1]: expected a number that is finite in F32");
    expect(loadSafetensors(save(65519.9, "F16")).tensors.w?.data).toEqual(Float32Array.of(0, 65504));
    for (const dtype of ["F32", "F16", "BF16"] as const) {
      expect(loadSafetensors(save(-Infinity, dtype)).tensors.w?.data).toEqual(Float32Array.of(0, -Infinity));
      expect(loadSafetensors(save(NaN, dtype)).tensors.w?.data).toEqual(Float32Array.of(0, NaN));
    }
    expectRefusal(() => saveSafetensors({}, {}, { dtype: "F8" as never }), ArgumentError, "dtype", '"F8"');
  });

  test("a model, and back", async () => {
    const rt = await testRuntime({ dtype: "f32" });
    const model = new Sequential(rt, { head: new Dense(rt, { inputSize: 16, outputSize: 8 }) });
    const file = model.save({ a: "b" }, { dtype: "F16" });
    const again = loadModel(rt, file);
    const rounded = loadSafetensors(file).tensors["head.weight"]?.data;
    expect(again.parameters()[0]?.toArray()).toEqual(rounded);
    expect(rounded).not.toEqual(model.parameters()[0]?.toArray());
    rt.dispose();
  });
});
