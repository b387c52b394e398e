/** F16 and BF16 in a file: every value there is, models that take them, and files that lie. */
import { describe, expect, test } from "vitest";
import { Dense, FormatError, loadSafetensors, type Parameter, Sequential, ShapeError, saveSafetensors } from "../../bindings/index.js";
import { fileOf } from "../helpers/files.js";
import { expectRefusal } from "../helpers/refusal.js";
import { DTYPES, testRuntime } from "../helpers/runtime.js";

const HALVES = ["F16", "BF16"] as const;
type Half = (typeof HALVES)[number];

/** By the formula; NaN without what it carries. */
function numberOf(bits: number, half: Half): number {
  const [width, bias] = half === "F16" ? [10, 15] : [7, 127];
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits & 0x7fff) >> width;
  const fraction = (bits & (2 ** width - 1)) / 2 ** width;
  if (exponent === 2 * bias + 1) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * 2 ** (1 - bias) * fraction : sign * 2 ** (exponent - bias) * (1 + fraction);
}

/** A file whose data begin at any byte, with such bits. */
function halves(half: Half, bits: readonly number[], { shape = [bits.length], before = 0, name = "x" } = {}): Uint8Array {
  const entries = {
    ...(before > 0 && { "": { dtype: "I32", shape: [before], data_offsets: [0, 4 * before] } }),
    [name]: { dtype: half, shape, data_offsets: [4 * before, 4 * before + 2 * bits.length] },
  };
  const file = fileOf(entries, 4 * before + 2 * bits.length);
  const view = new DataView(file.buffer, file.byteOffset);
  for (const [i, word] of bits.entries()) view.setUint16(file.length - 2 * (bits.length - i), word, true);
  return file;
}

describe.each(HALVES)("%s", (half) => {
  test.each([0, 1])("all 65,536 values, exactly, data at an odd byte or not (%i)", (odd) => {
    const bits = Array.from({ length: 2 ** 16 }, (_, i) => i);
    const file = halves(half, bits, { before: 1 });
    const moved = new Uint8Array(file.length + odd).fill(0xff);
    moved.set(file, odd);
    const { dtype, shape, data } = loadSafetensors(moved.subarray(odd)).tensors.x as never as {
      dtype: string;
      shape: number[];
      data: Float32Array;
    };
    expect([dtype, shape, data.constructor]).toEqual(["f32", [2 ** 16], Float32Array]);
    const wrong = bits.filter((word) => !Object.is(data[word], numberOf(word, half)));
    expect(wrong).toEqual([]);
    const carried = new Uint32Array(data.buffer, data.byteOffset, data.length); // what a NaN carries, and its sign
    const width = half === "F16" ? 10 : 7;
    for (const word of bits.filter((each) => Number.isNaN(numberOf(each, half)))) {
      const want = ((word >> 15) * 2 ** 31 + 0x7f800000 + ((word & (2 ** width - 1)) << (23 - width))) >>> 0;
      expect(carried[word]).toBe(want);
    }
  });

  test("none, and one", () => {
    expect(loadSafetensors(halves(half, [], { shape: [0, 3] })).tensors.x?.data).toEqual(new Float32Array(0));
    expect(loadSafetensors(halves(half, [half === "F16" ? 0xbc00 : 0xbf80], { shape: [] })).tensors.x?.data).toEqual(Float32Array.of(-1));
  });

  test.each(DTYPES)("a model in %s takes them", async (dtype) => {
    const rt = await testRuntime({ dtype });
    const model = new Sequential(rt, { head: new Dense(rt, { inputSize: 3, outputSize: 2, bias: false }) });
    const bits = [0x0001, 0x8001, 0x3c01, 0xc0ff, 0x0000, 0x4248];
    model.load(halves(half, bits, { shape: [2, 3], name: "head.weight" }));
    const [weight] = model.parameters() as [Parameter];
    expect([...weight.toArray()]).toEqual(bits.map((word) => numberOf(word, half)));
    const before = [...weight.toArray()];
    expectRefusal(() => model.load(halves(half, bits, { shape: [3, 2], name: "head.weight" })), ShapeError, "head.weight");
    expectRefusal(() => model.load(halves(half, bits, { shape: [6], name: "head.weight" })), ShapeError, "head.weight");
    expect([...weight.toArray()]).toEqual(before);
    model.dispose();
    expect(rt.bytesInUse).toBe(0);
    rt.dispose();
  });

  test("sizes that are not so are refused", () => {
    const entry = { dtype: half, shape: [3], data_offsets: [0, 6] };
    const refused = (change: object, bytes: number, text: string) =>
      expectRefusal(() => loadSafetensors(fileOf({ x: { ...entry, ...change } }, bytes)), FormatError, text);
    expect(loadSafetensors(fileOf({ x: entry }, 6)).tensors.x?.data).toHaveLength(3);
    refused({ data_offsets: [0, 12] }, 12, "x: expected 6 bytes inside the file's 12, got offsets [0, 12]");
    refused({ data_offsets: [0, 5] }, 5, "x: expected 6 bytes");
    refused({ shape: [2 ** 31] }, 6, "x: expected 4294967296 bytes");
    refused({ shape: [2 ** 53, 2] }, 6, "x: expected");
    refused({ shape: [1.5], data_offsets: [0, 3] }, 3, "x: expected a shape");
    refused({}, 8, "expected 6 bytes of data, got 8");
    refused({ dtype: half.toLowerCase() }, 6, "x: expected dtype F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, BOOL, got");
  });
});

test("what is written again is f32", () => {
  const file = saveSafetensors(loadSafetensors(halves("F16", [0x3c00, 0xc000])).tensors);
  expect(loadSafetensors(file).tensors.x).toEqual({ dtype: "f32", shape: [2], data: Float32Array.of(1, -2) });
});
