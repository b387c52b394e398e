/** Tensors out of their storages, row-major; names out of nested dictionaries. */
import { MOST_AXES, show } from "../checks.js";
import { FormatError } from "../errors.js";
import { bytesOf, dtypeRead, elementsOf } from "../io/elements.js";
import type { LoadedArray } from "../io/safetensors.js";
import type { TypedArray } from "../tensor.js";
import { type Storage, TensorEntry } from "./values.js";

/** Dictionaries in dictionaries. */
const DEEPEST = 16;
/** Numbers of all tensors for each byte of the file: two that share a storage are read twice. */
const MOST_SHARED = 8;

/** Bytes of a storage, little-endian. */
export type StorageBytes = (storage: Storage) => Uint8Array;

/** @param key of the dictionary that is wanted; undefined: all @param limit bytes of the file @throws {FormatError} */
export function tensorsIn(value: unknown, key: string | undefined, bytesFor: StorageBytes, limit: number): Record<string, LoadedArray> {
  const found: [string, TensorEntry][] = [];
  let seen = 0;
  const visit = (each: unknown, name: string, depth: number): void => {
    if (++seen > limit || depth > DEEPEST)
      throw new FormatError("pytorch: expected dictionaries of tensors, got ones in one another without end");
    if (each instanceof TensorEntry) found.push([name, each]);
    else if (each instanceof Map)
      for (const [inner, item] of each) visit(item, name === "" ? nameOf(inner) : `${name}.${nameOf(inner)}`, depth + 1);
    else if (Array.isArray(each)) for (const [i, item] of each.entries()) visit(item, name === "" ? `${i}` : `${name}.${i}`, depth + 1);
  };
  visit(chosen(value, key), "", 0);
  if (found.length === 0) throw new FormatError(`pytorch: expected tensors by name, got ${told(value)}`);
  let numbers = 0;
  const read = new Map<string, TypedArray>();
  return Object.fromEntries(
    found.map(([name, entry]) => {
      numbers += entry.shape.reduce((product, size) => product * size, 1);
      if (!(numbers <= MOST_SHARED * limit))
        throw new FormatError(`pytorch: ${show(name)}: expected tensors that the file's ${limit} bytes hold, got more`);
      return [name === "" ? "tensor" : name, arrayOf(name, entry, bytesFor, read)];
    }),
  );
}

function nameOf(key: unknown): string {
  return typeof key === "string" || typeof key === "number" ? String(key) : "?";
}

/** @throws {FormatError} */
function chosen(value: unknown, key: string | undefined): unknown {
  if (key === undefined) return value;
  if (value instanceof Map && value.has(key)) return value.get(key);
  throw new FormatError(`pytorch: expected ${show(key)} in the file, got ${told(value)}`);
}

function told(value: unknown): string {
  return value instanceof Map ? `a dictionary of ${[...value.keys()].slice(0, 20).map(nameOf).join(", ") || "nothing"}` : "something else";
}

function arrayOf(name: string, entry: TensorEntry, bytesFor: StorageBytes, read: Map<string, TypedArray>): LoadedArray {
  const { storage, offset, shape, strides } = entry;
  const { key, stored, count } = storage;
  const last = shape.includes(0) ? -1 : shape.reduce((sum, size, d) => sum + (size - 1) * (strides[d] as number), offset);
  if (shape.length > MOST_AXES || !(last < count))
    throw new FormatError(
      `pytorch: ${show(name)}: expected a tensor within a storage of ${count}, got [${shape.join(", ")}] up to ${last}`,
    );
  const length = shape.reduce((product, size) => product * size, 1);
  if (length > count)
    throw new FormatError(`pytorch: ${show(name)}: expected ${count} numbers at most, as its storage has, got ${length} that repeat`);
  let all = read.get(key);
  if (!all) {
    const bytes = bytesFor(storage);
    if (bytes.length !== count * bytesOf(stored))
      throw new FormatError(`pytorch: storage ${show(key)}: expected ${count * bytesOf(stored)} bytes, got ${bytes.length}`);
    all = elementsOf(bytes, stored, `storage ${key}`, 0, "pytorch");
    read.set(key, all);
  }
  const data = all.slice(0, length) as TypedArray;
  const at = shape.map(() => 0);
  let place = offset;
  for (let i = 0; i < length; i++) {
    data[i] = all[place] as number;
    for (let d = shape.length - 1; d >= 0; d--) {
      at[d] = (at[d] as number) + 1;
      place += strides[d] as number;
      if ((at[d] as number) < (shape[d] as number)) break;
      place -= (shape[d] as number) * (strides[d] as number);
      at[d] = 0;
    }
  }
  return { dtype: dtypeRead(stored), shape, data };
}
