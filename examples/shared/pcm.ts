/** Sound as it comes on stdin. */
import { UserError } from "./program.js";

/**
 * @param input 16-bit little-endian PCM, mono, in pieces that may end within a sample @returns samples in [−1, 1]
 * @throws {UserError} when no sample comes
 */
export async function* samplesFrom(input: AsyncIterable<Uint8Array>): AsyncGenerator<Float32Array> {
  let odd = new Uint8Array();
  let isAny = false;
  for await (const piece of input) {
    const bytes = new Uint8Array(odd.length + piece.length);
    bytes.set(odd);
    bytes.set(piece, odd.length);
    odd = bytes.slice(bytes.length - (bytes.length % 2));
    isAny ||= bytes.length > 1;
    yield samplesOf(bytes);
  }
  if (!isAny) throw new UserError("--live: nothing came in");
}

/** Of whole samples; a byte too many is left. */
export function samplesOf(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length >> 1 }, (_, i) => view.getInt16(2 * i, true) / 2 ** 15);
}
