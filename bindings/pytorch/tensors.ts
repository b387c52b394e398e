/** Tensors out of their storages, row-major; names out of nested dictionaries. */
import { show, sizeOf } from "../checks.js";
import { FormatError } from "../errors.js";
import { bytesOf, dtypeRead, elementsOf } from "../io/elements.js";
import type { LoadedArray } from "../io/safetensors.js";
import { copyStrided } from "../io/strided.js";
import type { TypedArray } from "../tensor.js";
import { type Storage, TensorEntry, Tuple } from "./values.js";

/** Dictionaries in dictionaries. */
const DEEPEST = 16;
/** Numbers of all tensors for each byte of the file: those that share a storage, as a layer that is used again and again, are copies each. */
const MOST_SHARED = 16;
/** Characters of all names for each byte of the file: what they begin with stands there once. */
const MOST_NAMED = 16;
/** Names of a dictionary in a message. */
const MOST_TOLD = 20;

/** Bytes of a storage, little-endian. */
export type StorageBytes = (storage: Storage) => Uint8Array;

/** @param key of the dictionary that is wanted; undefined: all @param limit bytes of the file @throws {FormatError} */
export function tensorsIn(value: unknown, key: string | undefined, bytesFor: StorageBytes, limit: number): Record<string, LoadedArray> {
  const wanted = chosen(value, key);
  const found = namedIn(wanted, limit);
  if (found.size === 0)
    throw new FormatError(`pytorch: expected tensors by name${key === undefined ? "" : ` under ${show(key)}`}, got ${told(wanted)}`);
  let numbers = 0;
  const read = new Map<string, TypedArray>();
  const arrays: [string, LoadedArray][] = [];
  for (const [name, entry] of found) {
    numbers += sizeOf(entry.shape);
    if (!(numbers <= MOST_SHARED * limit))
      throw new FormatError(`pytorch: ${show(name)}: expected tensors that the file's ${limit} bytes hold, got more`);
    arrays.push([name, arrayOf(name, entry, bytesFor, read)]);
  }
  return Object.fromEntries(arrays);
}

/** Every tensor, by the names and places that lead to it. @throws {FormatError} */
function namedIn(value: unknown, limit: number): Map<string, TensorEntry> {
  const found = new Map<string, TensorEntry>();
  let [seen, characters] = [0, 0];
  const visit = (each: unknown, name: string, depth: number): void => {
    if (++seen > limit || depth > DEEPEST)
      throw new FormatError("pytorch: expected dictionaries of tensors, got ones in one another without end");
    const inside = (inner: string, item: unknown) => visit(item, name === "" ? inner : `${name}.${inner}`, depth + 1);
    if (each instanceof TensorEntry) {
      const own = name === "" ? "tensor" : name;
      characters += own.length;
      if (characters > MOST_NAMED * limit) throw new FormatError("pytorch: expected names that the file holds, got longer ones");
      if (found.has(own)) throw new FormatError(`pytorch: expected each name once, got ${show(own)} twice (choose one dictionary by key)`);
      found.set(own, each);
    } else if (each instanceof Map) for (const [inner, item] of each) inside(nameOf(inner), item);
    else {
      const items = each instanceof Tuple ? each.items : Array.isArray(each) ? each : [];
      for (let i = 0; i < items.length; i++) inside(`${i}`, items[i]);
    }
  };
  visit(value, "", 0);
  return found;
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
  if (typeof value === "number" || typeof value === "string") return show(value).slice(0, 100);
  if (!(value instanceof Map)) return "something else";
  const keys = [...value.keys()].slice(0, MOST_TOLD).map((key) => nameOf(key).slice(0, 100));
  return `a dictionary of ${keys.join(", ") || "nothing"}${value.size > MOST_TOLD ? ", …" : ""}`;
}

function arrayOf(name: string, entry: TensorEntry, bytesFor: StorageBytes, read: Map<string, TypedArray>): LoadedArray {
  const { storage, offset, shape, strides } = entry;
  const { stored, count } = storage;
  const length = sizeOf(shape);
  const last = length === 0 ? -1 : shape.reduce((sum, size, d) => sum + (size - 1) * (strides[d] as number), offset);
  if (!(last < count))
    throw new FormatError(
      `pytorch: ${show(name)}: expected a tensor within a storage of ${count}, got [${shape.join(", ")}] up to ${last}`,
    );
  if (length > count)
    throw new FormatError(`pytorch: ${show(name)}: expected ${count} numbers at most, as its storage has, got ${length} that repeat`);
  const all = elementsIn(storage, bytesFor, read);
  const data = all.slice(0, length) as TypedArray;
  copyStrided(all, offset, shape, strides, data);
  return { dtype: dtypeRead(stored), shape, data };
}

/** All of a storage, read once. @throws {FormatError} */
function elementsIn(storage: Storage, bytesFor: StorageBytes, read: Map<string, TypedArray>): TypedArray {
  const { key, stored, count } = storage;
  const known = read.get(`${stored} ${key}`);
  if (known) return known;
  const bytes = bytesFor(storage);
  if (bytes.length !== count * bytesOf(stored))
    throw new FormatError(`pytorch: storage ${show(key)}: expected ${count * bytesOf(stored)} bytes, got ${bytes.length}`);
  const all = elementsOf(bytes, stored, `storage ${key}`, 0, "pytorch");
  read.set(`${stored} ${key}`, all);
  return all;
}
