/** How messages of protobuf are read: fields in any order, messages in messages, lists packed or not. */
import { type BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { FormatError } from "../errors.js";

/** Messages within messages. */
const DEEPEST = 32;

/** Fields by their numbers: each reads what follows its tag. */
export type Fields = Readonly<Record<number, (reader: BinaryReader, wire: WireType) => void>>;

export function readFields(reader: BinaryReader, end: number, fields: Fields): void {
  while (reader.pos < end) {
    const [field, wire] = reader.tag();
    const read = Object.hasOwn(fields, field) ? fields[field] : undefined;
    if (read) read(reader, wire);
    else reader.skip(wire, field);
  }
  if (reader.pos !== end) throw new FormatError(`onnx: expected a message that ends at byte ${end}, got one that goes on beyond`);
}

export function message<Message>(
  reader: BinaryReader,
  depth: number,
  read: (reader: BinaryReader, end: number, depth: number) => Message,
): Message {
  if (depth > DEEPEST) throw new FormatError(`onnx: expected messages at most ${DEEPEST} deep, got deeper ones`);
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len)
    throw new FormatError(`onnx: expected a message within the file's ${reader.len} bytes, got one of ${length} at ${reader.pos}`);
  return read(reader, end, depth + 1);
}

/** Numbers one by one, or packed. */
export function repeated(list: number[], read: (reader: BinaryReader) => number): Fields[number] {
  return (reader, wire) => {
    if (wire !== WireType.LengthDelimited) return void list.push(read(reader));
    const end = reader.uint32() + reader.pos;
    if (end > reader.len) throw new FormatError(`onnx: expected a list within the file's ${reader.len} bytes, got one up to ${end}`);
    while (reader.pos < end) list.push(read(reader));
    if (reader.pos !== end) throw new FormatError(`onnx: expected a list that ends at byte ${end}, got one that goes on beyond`);
  };
}
