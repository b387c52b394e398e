/**
 * Samples on their way to a worker: moved, not copied. In slices: a message of 100,000 arrays would hold a page up for seconds. Samples may
 * be views of few arrays, so every array goes once, with the first slice that needs it, and views are told by their places in it.
 */
import { show, typedKind } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { assertHere } from "./moving.js";

/** Samples a message. A buffer's move takes time by the number of those that go with it, in Node (measured: 256 as fast as 64, 1,000 slower). */
const SLICE = 256;

/** Lists in lists: a sample's own are fewer. */
const MOST_FLOORS = 8;

/**
 * A value on its way. What is an object goes in a frame that says what it is, so that nothing that a user made passes for a piece of ours.
 *
 * A view is told by its place: in which of the buffers sent so far, its kind, from which byte, how many elements.
 */
type Packed =
  | undefined
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly ["view", buffer: number, kind: string, from: number, length: number]
  | readonly ["list", readonly Packed[]]
  | readonly ["sample", { readonly x: Packed; readonly y?: Packed }]
  | readonly ["other", unknown];

/** A slice of samples, and the buffers that come with it. */
export interface Parcel {
  readonly items: readonly Packed[];
  readonly buffers: readonly ArrayBufferLike[];
}

/**
 * All samples in slices, read once, before anything is moved.
 *
 * @param places the buffers packed so far, those of other lists among them: they come with the slice that needed them first
 * @throws {ArgumentError} on an array that was moved before, and on lists that are too deep
 */
export function parcelsOf(items: readonly unknown[], places: Map<ArrayBufferLike, number>): Parcel[] {
  const parcels: Parcel[] = [];
  const { length } = items;
  for (let from = 0; from < length; from += SLICE) {
    const buffers: ArrayBufferLike[] = [];
    const placeOf = (buffer: ArrayBufferLike): number => {
      const known = places.get(buffer);
      if (known !== undefined) return known;
      buffers.push(buffer);
      places.set(buffer, places.size);
      return places.size - 1;
    };
    parcels.push({
      items: Array.from({ length: Math.min(SLICE, length - from) }, (_, i) => pack(items[from + i], `sample ${from + i}`, placeOf, 0)),
      buffers,
    });
  }
  return parcels;
}

function pack(value: unknown, argument: string, placeOf: (buffer: ArrayBufferLike) => number, floor: number): Packed {
  const kind = typedKind(value);
  if (kind !== undefined) {
    const view = value as Float32Array;
    assertHere(argument, view.buffer, " (for many calls keep samples there: rt.data(samples))");
    return ["view", placeOf(view.buffer), kind, view.byteOffset, view.length];
  }
  if (typeof value === "function" || typeof value === "symbol") return ["other", value]; // no message takes it
  if (typeof value !== "object" || value === null) return value as Packed;
  if (floor === MOST_FLOORS) throw new ArgumentError(argument, `lists of at most ${MOST_FLOORS} floors`, `more (${show(value)})`);
  const inner = (each: unknown, name = argument) => pack(each, name, placeOf, floor + 1);
  if (Array.isArray(value)) return typeof value[0] === "object" ? ["list", value.map((each) => inner(each))] : ["other", value];
  const { x, y } = value as { x?: unknown; y?: unknown };
  if (x === undefined && y === undefined) return ["other", value];
  return ["sample", { x: inner(x, `x of ${argument}`), ...(y === undefined ? {} : { y: inner(y, `y of ${argument}`) }) }];
}

const KINDS: Record<string, new (buffer: ArrayBufferLike, from: number, length: number) => unknown> = {
  ...{ Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array },
  ...{ BigInt64Array, BigUint64Array },
};
const { Float16Array } = globalThis as { Float16Array?: (typeof KINDS)[string] };
if (Float16Array) KINDS.Float16Array = Float16Array;

/** The samples of a slice again. @param buffers those of the slices so far, to which its own are added */
export function unpack(parcel: Parcel, buffers: ArrayBufferLike[]): unknown[] {
  for (const buffer of parcel.buffers) buffers.push(buffer);
  const open = (packed: Packed): unknown => {
    if (!Array.isArray(packed)) return packed;
    const [frame, content, kind, from, length] = packed as [string, unknown, string, number, number];
    if (frame === "list") return (content as Packed[]).map(open);
    if (frame === "other") return content;
    if (frame === "view") return viewOf(kind, buffers[content as number], from, length);
    const { x, ...rest } = content as { x: Packed; y?: Packed };
    return { x: open(x), ...("y" in rest ? { y: open(rest.y) } : {}) };
  };
  return parcel.items.map(open);
}

function viewOf(kind: string, buffer: ArrayBufferLike | undefined, from: number, length: number): unknown {
  const Kind = KINDS[kind];
  if (!Kind || !buffer) throw new ArgumentError("data", "samples of a parcel", show(kind));
  return new Kind(buffer, from, length);
}

/** A typed array alone: a message would take all of the buffer that it is a view of. @throws {ArgumentError} where it was moved before */
export function ownCopy(argument: string, values: ArrayLike<number>): ArrayLike<number> {
  if (typedKind(values) === undefined) return values;
  assertHere(argument, (values as Float32Array).buffer);
  return (values as Float32Array).slice();
}
