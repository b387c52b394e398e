/**
 * Pickles, protocols 0 to 5, as data: a machine with a stack and a memo, of which every instruction that weights use is here and no other. Names
 * are checked against a list (globals.ts); nothing is imported, looked up or called.
 * Source: Python's pickletools.py, the description of the protocol.
 */
import { FormatError } from "../errors.js";
import { charactersOf } from "../host.js";
import { called, globalOf, storageOf } from "./globals.js";
import { MARK, Machine, NONE } from "./machine.js";
import { Opaque, type Storage, Tuple } from "./values.js";

/** What a pickle makes, where it ends, and the storages that it names. */
export interface Unpickled {
  readonly value: unknown;
  readonly end: number;
  readonly storages: ReadonlyMap<string, Storage>;
}

/** @throws {FormatError} */
export function unpickle(bytes: Uint8Array, from = 0): Unpickled {
  const machine = new Machine(bytes, from);
  for (;;) {
    const { at } = machine;
    const code = machine.u8();
    if (code === STOP) return { value: machine.pop(), end: machine.at, storages: machine.storages };
    const instruction = INSTRUCTIONS[code];
    if (!instruction)
      throw new FormatError(`pytorch: expected an instruction that weights need at byte ${at} of a pickle, got ${FOREIGN[code] ?? code}`);
    instruction(machine);
  }
}

const STOP = 0x2e;
const NEWEST = 5;

/** Instructions that call, or look up, in other ways; torch.save writes none of them. */
const FOREIGN: Readonly<Record<number, string>> = {
  ...{ 80: "PERSID", 105: "INST", 111: "OBJ", 130: "EXT1", 131: "EXT2", 132: "EXT4", 146: "NEWOBJ_EX" },
  ...{ 151: "NEXT_BUFFER", 152: "READONLY_BUFFER" },
};

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

const call: Instruction = (machine) => {
  const args = machine.pop();
  machine.push(called(machine.pop(), args, machine.spend) ?? NONE);
};

const INSTRUCTIONS: Readonly<Record<number, Instruction>> = {
  128: (m) => {
    const protocol = m.u8();
    if (protocol > NEWEST) throw new FormatError(`pytorch: expected a pickle of protocol 0 to ${NEWEST}, got ${protocol}`);
  },
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
  83: (m) => m.push(m.plainLine().replace(/^['"]|['"]$/g, "")), // STRING
  84: (m) => m.push(charactersOf(m.take(m.i32()))), // BINSTRING
  85: (m) => m.push(charactersOf(m.take(m.u8()))),
  86: (m) => m.push(m.plainLine()), // UNICODE
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
    const name = m.popText();
    m.push(globalOf(m.popText(), name));
  },
  82: call, // REDUCE
  129: call, // NEWOBJ
  98: build,
  81: (m) => m.push(m.keep(storageOf(m.pop()))), // BINPERSID
};

function opaqueBytes(machine: Machine, length: number): Opaque {
  machine.take(length);
  return new Opaque("bytes");
}
