/** A number of a text that is the same everywhere: FNV-1a, 32 bits. Its lowest bit is no more than a parity: take of the upper ones. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 0;
}
