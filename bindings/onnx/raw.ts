/** Numbers from raw bytes, little-endian. */
import { widened } from "../io/half.js";
import { BYTES, type ElementType } from "./element-types.js";

/** @param bytes as many as whole elements take */
export function readRaw(type: ElementType, bytes: Uint8Array): Float32Array | Float64Array {
  if (type === "float16") return widened(bytes, "F16");
  if (type === "bfloat16") return widened(bytes, "BF16");
  const own = bytes.slice(); // on a multiple of eight
  if (type === "float32") return new Float32Array(own.buffer);
  if (type === "float64") return new Float64Array(own.buffer);
  const view = new DataView(own.buffer);
  const read = READERS[type];
  return Float64Array.from({ length: bytes.length / BYTES[type] }, (_, i) => read(view, i * BYTES[type]));
}

const READERS: Readonly<
  Record<Exclude<ElementType, "float16" | "bfloat16" | "float32" | "float64">, (view: DataView, at: number) => number>
> = {
  int8: (view, at) => view.getInt8(at),
  int16: (view, at) => view.getInt16(at, true),
  int32: (view, at) => view.getInt32(at, true),
  int64: (view, at) => Number(view.getBigInt64(at, true)),
  uint8: (view, at) => view.getUint8(at),
  uint16: (view, at) => view.getUint16(at, true),
  uint32: (view, at) => view.getUint32(at, true),
  uint64: (view, at) => Number(view.getBigUint64(at, true)),
  bool: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
};
