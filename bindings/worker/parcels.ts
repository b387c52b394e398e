/**
 * Samples on their way to a worker: moved, not copied. In slices: a message of 100,000 arrays would hold a page up for seconds. Samples may
 * be views of few arrays, so every array goes once, with the first slice that needs it, and views are told by their places in it.
 */
import { typedKind } from "../checks.js";
import { ArgumentError } from "../errors.js";

/** Samples a message. A buffer's move takes time by the number of those that go with it, in Node (measured: 256 as fast as 64, 1,000 slower). */
const SLICE = 256;

/** A typed array by its place: in which of the buffers sent so far, from which byte, how many elements. */
export interface Piece {
  readonly buffer: number;
  readonly kind: string;
  readonly from: number;
  readonly length: number;
}

/** A slice of samples, and the buffers that come with it. */
export interface Parcel {
  readonly items: readonly unknown[];
  readonly buffers: readonly ArrayBufferLike[];
}

/** All samples in slices, read once, before anything is moved. @throws {ArgumentError} on an array that was moved before */
export function parcelsOf(items: readonly unknown[]): Parcel[] {
  const places = new Map<ArrayBufferLike, number>();
  const parcels: Parcel[] = [];
  const { length } = items;
  for (let from = 0; from < length; from += SLICE) {
    const buffers: ArrayBufferLike[] = [];
    const pack = (value: unknown, argument: string): unknown => {
      const kind = typedKind(value);
      if (kind === undefined) return packOther(value, argument, pack);
      const view = value as Float32Array;
      assertHere(argument, view.buffer, " (for many calls keep samples there: rt.data(samples))");
      let buffer = places.get(view.buffer);
      if (buffer === undefined) {
        buffer = places.size;
        places.set(view.buffer, buffer);
        buffers.push(view.buffer);
      }
      return { buffer, kind, from: view.byteOffset, length: view.length } satisfies Piece;
    };
    parcels.push({
      items: Array.from({ length: Math.min(SLICE, length - from) }, (_, i) => pack(items[from + i], `sample ${from + i}`)),
      buffers,
    });
  }
  return parcels;
}

function packOther(value: unknown, argument: string, pack: (value: unknown, argument: string) => unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return typeof value[0] === "object" ? value.map((each) => pack(each, argument)) : value;
  const { x, y } = value as { x?: unknown; y?: unknown };
  if (x === undefined && y === undefined) return value;
  return { x: pack(x, `x of ${argument}`), ...(y === undefined ? {} : { y: pack(y, `y of ${argument}`) }) };
}

const KINDS: Record<string, new (buffer: ArrayBufferLike, from: number, length: number) => unknown> = {
  ...{ Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array },
  ...{ BigInt64Array, BigUint64Array },
};
const { Float16Array } = globalThis as { Float16Array?: (typeof KINDS)[string] };
if (Float16Array) KINDS.Float16Array = Float16Array;

/** The samples of a slice again. @param buffers those of the slices so far, to which its own are added */
export function unpack(parcel: Parcel, buffers: ArrayBufferLike[]): unknown[] {
  buffers.push(...parcel.buffers);
  const open = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
    if (Array.isArray(value)) return typeof value[0] === "object" ? value.map(open) : value;
    const { buffer, kind, from, length } = value as Partial<Piece>;
    const Kind = KINDS[kind ?? ""];
    const memory = buffers[buffer ?? -1];
    if (Kind && memory) return new Kind(memory, from as number, length as number);
    return "x" in value ? { ...value, x: open(value.x), ...("y" in value ? { y: open(value.y) } : {}) } : value;
  };
  return parcel.items.map(open);
}

/** A typed array alone: a message would take all of the buffer that it is a view of. @throws {ArgumentError} where it was moved before */
export function ownCopy(argument: string, values: ArrayLike<number>): ArrayLike<number> {
  if (typedKind(values) === undefined) return values;
  assertHere(argument, (values as Float32Array).buffer);
  return (values as Float32Array).slice();
}

/** @param cure to end the message with @throws {ArgumentError} on a buffer that was moved before, of which nothing is left */
export function assertHere(argument: string, buffer: ArrayBufferLike, cure = ""): void {
  if (buffer.byteLength > 0) return;
  try {
    new Uint8Array(buffer); // of a buffer that is only empty, it can be made
  } catch {
    throw new ArgumentError(argument, "an array that is still here", `one that was moved to a worker before${cure}`);
  }
}
