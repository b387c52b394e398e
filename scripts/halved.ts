/** A model's weights in two bytes each: a safetensors file with F16 for F32. Reading makes f32 of them again. */
import { setFloat16 } from "@petamoriken/float16";
import { loadSafetensors } from "wasm-rnn";

/** The largest number of F16. */
const MOST = 65504;

/** Arrays of other types stay as they are, and such as hold numbers that F16 has not. @throws {FormatError} */
export function halved(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { tensors, metadata } = loadSafetensors(bytes);
  const header: Record<string, unknown> = { __metadata__: metadata };
  const parts: Uint8Array[] = [];
  let end = 0;
  for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
    const half = dtype === "f32" && data.every((value) => Math.abs(value) <= MOST);
    const part = half ? toF16(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    header[name] = { dtype: half ? "F16" : dtype.toUpperCase(), shape, data_offsets: [end, end + part.length] };
    parts.push(part);
    end += part.length;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const start = 8 + json.length + (-json.length & 7);
  const file = new Uint8Array(start + end).fill(0x20, 8, start);
  new DataView(file.buffer).setBigUint64(0, BigInt(start - 8), true);
  file.set(json, 8);
  let at = start;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

function toF16(data: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(2 * data.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < data.length; i++) setFloat16(view, 2 * i, data[i] as number, true);
  return bytes;
}
