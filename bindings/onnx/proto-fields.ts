/** How messages of protobuf are read: fields in any order, messages in messages, lists packed or not. */
import { type BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { FormatError } from "../errors.js";

/** Messages within messages. */
const DEEPEST = 32;

/** Reads what follows a field's tag into the message at hand. @param depth of messages within this one */
type Field<Message> = (into: Message, reader: BinaryReader, depth: number, wire: WireType) => unknown;

/** Fields by their numbers: made once for all messages of a kind. */
export type Fields<Message> = Readonly<Record<number, Field<Message>>>;

/** @returns what it was read into */
export function readFields<Message>(reader: BinaryReader, end: number, depth: number, fields: Fields<Message>, into: Message): Message {
  while (reader.pos < end) {
    const [field, wire] = reader.tag();
    const read = Object.hasOwn(fields, field) ? fields[field] : undefined;
    if (read) read(into, reader, depth, wire);
    else reader.skip(wire, field);
  }
  if (reader.pos !== end) throw new FormatError(`onnx: expected a message that ends at byte ${end}, got one that goes on beyond`);
  return into;
}

/** A message within another. @param depth of those that it is in */
export function message<Message>(reader: BinaryReader, depth: number, fields: Fields<Message>, into: Message): Message {
  if (depth > DEEPEST) throw new FormatError(`onnx: expected messages at most ${DEEPEST} deep, got deeper ones`);
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len)
    throw new FormatError(`onnx: expected a message within the file's ${reader.len} bytes, got one of ${length} at ${reader.pos}`);
  return readFields(reader, end, depth + 1, fields, into);
}

/** Numbers one by one, or packed. */
export function repeated<Message>(listOf: (into: Message) => number[], read: (reader: BinaryReader) => number): Field<Message> {
  return (into, reader, _, wire) => {
    const list = listOf(into);
    if (wire !== WireType.LengthDelimited) return void list.push(read(reader));
    const end = reader.uint32() + reader.pos;
    if (end > reader.len) throw new FormatError(`onnx: expected a list within the file's ${reader.len} bytes, got one up to ${end}`);
    while (reader.pos < end) list.push(read(reader));
    if (reader.pos !== end) throw new FormatError(`onnx: expected a list that ends at byte ${end}, got one that goes on beyond`);
  };
}
