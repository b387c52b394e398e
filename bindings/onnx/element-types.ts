/** ONNX's element types, and what they are here. Source: onnx.proto, TensorProto.DataType. */
import type { DType } from "../tensor.js";

/** By their numbers in a file. */
export const ELEMENT_TYPES = [
  ...["undefined", "float32", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool"],
  ...["float16", "float64", "uint32", "uint64", "complex64", "complex128", "bfloat16"],
] as const;

/** Those of a tensor that can be computed with. */
export type ElementType = (typeof COMPUTED)[number];

const FLOATS = ["float32", "float64", "float16", "bfloat16"] as const;
const INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"] as const;
const COMPUTED = [...FLOATS, ...INTEGERS, "bool"] as const;

/** Bytes of an element in raw data. */
export const BYTES: Readonly<Record<ElementType, number>> = {
  ...{ float32: 4, float64: 8, float16: 2, bfloat16: 2, bool: 1 },
  ...{ int8: 1, int16: 2, int32: 4, int64: 8, uint8: 1, uint16: 2, uint32: 4, uint64: 8 },
};

export function isComputed(type: string): type is ElementType {
  return (COMPUTED as readonly string[]).includes(type);
}

export function isFloat(type: ElementType): boolean {
  return (FLOATS as readonly string[]).includes(type);
}

/** What a tensor of the type is here: halves are f32, integers and truth values i32. */
export function dtypeOf(type: ElementType): DType {
  if (type === "float64") return "f64";
  return isFloat(type) ? "f32" : "i32";
}

/** What is left of an integer in each type of 32 bits or fewer: the bits beyond are dropped. */
const WRAPS: Readonly<Partial<Record<ElementType, (x: number) => number>>> = {
  int8: (x) => (x << 24) >> 24,
  int16: (x) => (x << 16) >> 16,
  int32: (x) => x | 0,
  uint8: (x) => x & 0xff,
  uint16: (x) => x & 0xffff,
  uint32: (x) => x >>> 0,
};
const EXACT = 2 ** 53;

/** An integer as the type has it. What stands for "to the end", beyond all exact ones, stays as it is. */
export function wrapped(type: ElementType, x: number): number {
  const wrap = WRAPS[type];
  return wrap && Math.abs(x) <= EXACT ? wrap(x) : x;
}

/** Whether an i32 may be none of the type. */
export function isNarrow(type: ElementType): boolean {
  return ["int8", "int16", "uint8", "uint16"].includes(type);
}
