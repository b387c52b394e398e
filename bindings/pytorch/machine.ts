/** The machine that a pickle is a program of: a stack, a memo, and a place in the bytes. */
import { FormatError } from "../errors.js";
import { charactersOf, textOf } from "../host.js";
import { Opaque } from "./values.js";

export const MARK = Symbol("mark");

/** None: `undefined` says that the stack is empty. */
export const NONE = Symbol("None");

export class Machine {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #stack: unknown[] = [];
  readonly #memo = new Map<number, unknown>();
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

  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw new FormatError(`pytorch: expected a line at byte ${this.#at} of a pickle, got none that ends`);
    const text = charactersOf(this.take(end - this.#at));
    this.#at++;
    return text;
  }

  text(length: number): string {
    const bytes = this.take(length);
    try {
      return textOf(bytes);
    } catch (cause) {
      throw new FormatError(`pytorch: expected a text before byte ${this.#at} of a pickle, got other bytes`, { cause });
    }
  }

  /** Little-endian, of two's complement; beyond 2^53 as near as a number is. */
  long(length: number): number {
    const bytes = this.take(length);
    let value = 0;
    for (let i = bytes.length - 1; i >= 0; i--) value = value * 256 + (bytes[i] as number);
    return bytes.length > 0 && (bytes[bytes.length - 1] as number) >= 0x80 ? value - 256 ** bytes.length : value;
  }

  push(value: unknown): void {
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
