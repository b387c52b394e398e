/** Integers of other widths, and truth values, as i32: where all of them fit. */

/** As files of weights call them. */
export type Integer = keyof typeof READERS;

const READERS = {
  BOOL: [1, (view: DataView, at: number) => (view.getUint8(at) === 0 ? 0 : 1)],
  U8: [1, (view: DataView, at: number) => view.getUint8(at)],
  I8: [1, (view: DataView, at: number) => view.getInt8(at)],
  U16: [2, (view: DataView, at: number) => view.getUint16(at, true)],
  I16: [2, (view: DataView, at: number) => view.getInt16(at, true)],
  U32: [4, (view: DataView, at: number) => view.getUint32(at, true)],
  U64: [8, (view: DataView, at: number) => Number(view.getBigUint64(at, true))],
  I64: [8, (view: DataView, at: number) => Number(view.getBigInt64(at, true))],
} as const;

export function bytesOfInteger(type: Integer): number {
  return READERS[type][0];
}

/** Copies them out of little-endian bytes. @param over told of the first that i32 does not hold */
export function integers(bytes: Uint8Array, type: Integer, over: (index: number, value: number) => never): Int32Array<ArrayBuffer> {
  const [width, read] = READERS[type];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const result = new Int32Array(bytes.length / width);
  for (let i = 0; i < result.length; i++) {
    const value = read(view, i * width);
    if (value !== (value | 0)) over(i, value);
    result[i] = value;
  }
  return result;
}
