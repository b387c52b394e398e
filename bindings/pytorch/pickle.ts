/**
 * Pickles, protocols 0 to 5, as data: a machine with a stack and a memo, of which every instruction that weights use is here and no other. Names
 * are checked against a list (globals.ts); nothing is imported, looked up or called.
 * Source: Python's pickletools.py, the description of the protocol.
 */
import { FormatError } from "../errors.js";
import { charactersOf, textOf } from "../host.js";
import { called, globalOf, storageOf } from "./globals.js";
import { Opaque, Tuple } from "./values.js";

const MARK = Symbol("mark");

/** @returns what it makes, and where it ends @throws {FormatError} */
export function unpickle(bytes: Uint8Array, from = 0): { value: unknown; end: number } {
  return new Machine(bytes, from).run();
}

class Machine {
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

  run(): { value: unknown; end: number } {
    for (;;) {
      const at = this.#at;
      const code = this.#byte();
      if (code === 0x2e) return { value: this.#pop(), end: this.#at };
      const instruction = INSTRUCTIONS[code];
      if (!instruction) throw new FormatError(`pytorch: expected an instruction of a pickle at byte ${at}, got ${code}`);
      instruction(this);
    }
  }

  #need(count: number): number {
    const at = this.#at;
    if (!(count >= 0) || at + count > this.#bytes.length)
      throw new FormatError(`pytorch: expected ${count} bytes at ${at} of a pickle, got ${this.#bytes.length - at}`);
    this.#at += count;
    return at;
  }

  #byte(): number {
    return this.#bytes[this.#need(1)] as number;
  }

  take(count: number): Uint8Array {
    const at = this.#need(count);
    return this.#bytes.subarray(at, at + count);
  }

  u8 = (): number => this.#byte();
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

/** None: `undefined` says that the stack is empty. */
const NONE = Symbol("None");

type Instruction = (machine: Machine) => void;

/** What a state that an object is given changes: nothing of a dictionary or of what is not looked at. */
function build(machine: Machine): void {
  machine.pop();
  const object = machine.top();
  if (!(object instanceof Map) && !(object instanceof Opaque))
    throw new FormatError("pytorch: expected a dictionary that is given a state, got something else");
}

const tuple =
  (count: number): Instruction =>
  (machine) => {
    const items = Array.from({ length: count }, () => machine.pop()).reverse();
    machine.push(new Tuple(items));
  };

const number = (machine: Machine, text: string): void => {
  if (text === "00" || text === "01") {
    machine.push(text === "01");
    return;
  }
  const value = Number(text.replace(/L$/, ""));
  if (Number.isNaN(value) && text !== "nan") throw new FormatError(`pytorch: expected a number in a pickle, got ${text.slice(0, 100)}`);
  machine.push(value);
};

const INSTRUCTIONS: Readonly<Record<number, Instruction>> = {
  128: (m) => void m.u8(), // PROTO
  149: (m) => void m.u64(), // FRAME
  40: (m) => m.push(MARK), // (
  48: (m) => m.drop(), // POP
  49: (m) => void m.toMark(), // POP_MARK
  50: (m) => m.push(m.top() ?? NONE), // DUP
  78: (m) => m.push(NONE), // N
  136: (m) => m.push(true),
  137: (m) => m.push(false),
  73: (m) => number(m, m.line()), // I
  76: (m) => number(m, m.line()), // L
  70: (m) => number(m, m.line()), // F
  74: (m) => m.push(m.i32()), // BININT
  75: (m) => m.push(m.u8()),
  77: (m) => m.push(m.u16()),
  138: (m) => m.push(m.long(m.u8())),
  139: (m) => m.push(m.long(m.i32())),
  71: (m) => m.push(m.f64()), // BINFLOAT
  83: (m) => m.push(m.line().replace(/^['"]|['"]$/g, "")), // STRING
  84: (m) => m.push(charactersOf(m.take(m.i32()))), // BINSTRING
  85: (m) => m.push(charactersOf(m.take(m.u8()))),
  86: (m) => m.push(m.line()), // UNICODE
  88: (m) => m.push(m.text(m.u32())),
  140: (m) => m.push(m.text(m.u8())),
  141: (m) => m.push(m.text(m.u64())),
  66: (m) => m.push(opaqueBytes(m, m.u32())), // BINBYTES
  67: (m) => m.push(opaqueBytes(m, m.u8())),
  142: (m) => m.push(opaqueBytes(m, m.u64())),
  150: (m) => m.push(opaqueBytes(m, m.u64())), // BYTEARRAY8
  93: (m) => m.push([]), // EMPTY_LIST
  108: (m) => m.push(m.toMark()), // LIST
  41: (m) => m.push(new Tuple([])),
  116: (m) => m.push(new Tuple(m.toMark())),
  133: tuple(1),
  134: tuple(2),
  135: tuple(3),
  143: (m) => m.push([]), // EMPTY_SET
  144: (m) => m.append(m.toMark()),
  145: (m) => m.push(m.toMark()), // FROZENSET
  125: (m) => m.push(new Map()), // EMPTY_DICT
  100: (m) => {
    const items = m.toMark();
    m.push(new Map());
    m.set(items);
  },
  97: (m) => m.append([m.pop()]),
  101: (m) => m.append(m.toMark()),
  115: (m) => {
    const value = m.pop();
    m.set([m.pop(), value]);
  },
  117: (m) => m.set(m.toMark()),
  112: (m) => m.put(Number(m.line())),
  113: (m) => m.put(m.u8()),
  114: (m) => m.put(m.u32()),
  148: (m) => m.memoize(),
  103: (m) => m.get(Number(m.line())),
  104: (m) => m.get(m.u8()),
  106: (m) => m.get(m.u32()),
  99: (m) => {
    const module = m.line();
    m.push(globalOf(module, m.line()));
  },
  147: (m) => {
    const name = m.pop();
    m.push(globalOf(String(m.pop()), String(name)));
  },
  82: (m) => {
    const args = m.pop();
    m.push(called(m.pop(), args) ?? NONE);
  },
  129: (m) => {
    const args = m.pop();
    m.push(called(m.pop(), args) ?? NONE); // NEWOBJ
  },
  98: build,
  81: (m) => m.push(storageOf(m.pop())), // BINPERSID
};

function opaqueBytes(machine: Machine, length: number): Opaque {
  machine.take(length);
  return new Opaque("bytes");
}
