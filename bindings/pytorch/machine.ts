/** The machine that a pickle is a program of: a stack, a memo, and a place in the bytes. */
import { show } from "../checks.js";
import { FormatError } from "../errors.js";
import { charactersOf, textOf } from "../host.js";
import { Opaque, type Storage } from "./values.js";

export const MARK = Symbol("mark");

/** None: `undefined` says that the stack is empty. */
export const NONE = Symbol("None");

/** Lists, tuples, dictionaries and tensors of a pickle. */
const MOST_MADE = 2 ** 22;
/** What waits on the stack; Python appends a thousand at once. */
const MOST_WAITING = 2 ** 20;
/** A dictionary takes the time of so many tuples. */
const MAP = 32;

export class Machine {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #stack: unknown[] = [];
  readonly #memo = new Map<number, unknown>();
  /** By their keys. */
  readonly storages = new Map<string, Storage>();
  #spent = 0;
  #made = 0;
  #at: number;

  constructor(bytes: Uint8Array, from: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = from;
  }

  /** Where the next instruction is. */
  get at(): number {
    return this.#at;
  }

  #need(count: number): number {
    const at = this.#at;
    if (!(count >= 0) || at + count > this.#bytes.length)
      throw new FormatError(`pytorch: expected ${count} bytes at ${at} of a pickle, got ${this.#bytes.length - at}`);
    this.#at += count;
    return at;
  }

  /** Work that no byte of the program stands for. @throws {FormatError} when it is more than the program is long */
  spend = (work: number): void => {
    this.#spent += work;
    if (this.#spent > this.#bytes.length)
      throw new FormatError(`pytorch: expected a pickle that makes what its ${this.#bytes.length} bytes hold, got one that makes more`);
  };

  /** @throws {FormatError} when it is known as another */
  keep(storage: Storage): Storage {
    const known = this.storages.get(storage.key);
    if (known && (known.stored !== storage.stored || known.count !== storage.count))
      throw new FormatError(
        `pytorch: storage ${show(storage.key)}: expected ${known.count} ${known.stored}, as before, got ${storage.count} ${storage.stored}`,
      );
    this.storages.set(storage.key, storage);
    return storage;
  }

  take(count: number): Uint8Array {
    const at = this.#need(count);
    return this.#bytes.subarray(at, at + count);
  }

  u8 = (): number => this.#bytes[this.#need(1)] as number;
  u16 = (): number => this.#view.getUint16(this.#need(2), true);
  i32 = (): number => this.#view.getInt32(this.#need(4), true);
  u32 = (): number => this.#view.getUint32(this.#need(4), true);
  u64 = (): number => Number(this.#view.getBigUint64(this.#need(8), true));
  f64 = (): number => this.#view.getFloat64(this.#need(8), false);

  /** A text without escapes: no file of weights needs one. */
  plainLine(): string {
    const text = this.line();
    if (text.includes("\\")) throw new FormatError(`pytorch: expected a plain text before byte ${this.#at} of a pickle, got escapes`);
    return text;
  }

  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw new FormatError(`pytorch: expected a line at byte ${this.#at} of a pickle, got none that ends`);
    const text = charactersOf(this.take(end - this.#at));
    this.#at++;
    return text;
  }

  text(length: number): string {
    const bytes = this.take(length).slice(); // no decoder takes memory that is shared
    try {
      return textOf(bytes);
    } catch (cause) {
      throw new FormatError(`pytorch: expected a text before byte ${this.#at} of a pickle, got other bytes`, { cause });
    }
  }

  /** Little-endian, of two's complement; beyond 2^53 as near as a number is. */
  long(length: number): number {
    const bytes = this.take(length);
    const isNegative = ((bytes[length - 1] ?? 0) & 0x80) !== 0;
    let value = 0; // of a negative one −1 − value: its own size would be lost beside 256^length
    for (let i = length - 1; i >= 0; i--) value = value * 256 + ((bytes[i] as number) ^ (isNegative ? 0xff : 0));
    return isNegative ? -1 - value : value;
  }

  /** @throws {FormatError} when there are more things than weights can need, which would take memory a hundred times the file's */
  push(value: unknown): void {
    if (typeof value === "object") this.#made += value instanceof Map ? MAP : 1;
    if (this.#made > MOST_MADE || this.#stack.length >= MOST_WAITING)
      throw new FormatError(`pytorch: expected a pickle of fewer things than ${MOST_MADE}, got more before byte ${this.#at}`);
    this.#stack.push(value);
  }

  #pop(): unknown {
    const value = this.#stack.pop();
    if (value !== undefined && value !== MARK) return value === NONE ? null : value;
    throw new FormatError(`pytorch: expected a value before byte ${this.#at} of a pickle, got none`);
  }

  pop(): unknown {
    return this.#pop();
  }

  popText(): string {
    const value = this.#pop();
    if (typeof value === "string") return value;
    throw new FormatError(`pytorch: expected a text before byte ${this.#at} of a pickle, got something else`);
  }

  /** What stands on top, and stays. */
  top(): unknown {
    const value = this.#pop();
    this.push(value ?? NONE);
    return value;
  }

  toMark(): unknown[] {
    const from = this.#stack.lastIndexOf(MARK);
    if (from < 0) throw new FormatError(`pytorch: expected a mark before byte ${this.#at} of a pickle, got none`);
    return this.#stack
      .splice(from)
      .slice(1)
      .map((value) => (value === NONE ? null : value));
  }

  drop(): void {
    if (this.#stack.pop() === undefined) throw new FormatError(`pytorch: expected a value before byte ${this.#at} of a pickle, got none`);
  }

  put(index: number): void {
    this.#memo.set(index, this.top());
  }

  memoize(): void {
    this.put(this.#memo.size);
  }

  get(index: number): void {
    if (!this.#memo.has(index)) throw new FormatError(`pytorch: expected entry ${index} of a pickle's memo, got none`);
    this.push(this.#memo.get(index) ?? NONE);
  }

  append(items: readonly unknown[]): void {
    const list = this.top();
    if (list instanceof Opaque) return;
    if (!Array.isArray(list)) throw new FormatError(`pytorch: expected a list before byte ${this.#at} of a pickle, got something else`);
    for (const item of items) list.push(item);
  }

  set(items: readonly unknown[]): void {
    const dict = this.top();
    if (!(dict instanceof Map) || items.length % 2 !== 0)
      throw new FormatError(`pytorch: expected a dictionary before byte ${this.#at} of a pickle, got something else`);
    for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1]);
  }
}
