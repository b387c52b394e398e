/** A model's weights in two bytes each: a safetensors file with F16 for its floats. Reading makes f32 of them again. */
import { loadSafetensors, saveSafetensors } from "wasm-rnn";

/** @throws {FormatError} @throws {DTypeError} on a number that F16 has not */
export function halved(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { tensors, metadata } = loadSafetensors(bytes);
  return saveSafetensors(tensors, metadata, { dtype: "F16" });
}
