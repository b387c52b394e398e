/** The messages of a file, written. Source: onnx.proto (IR version 8, which opset 15 came with). */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { utf8Of } from "../../host.js";
import { ELEMENT_TYPES, type ElementType } from "../element-types.js";

/** What an attribute of a node is. */
export type Attribute =
  | { readonly i: number }
  | { readonly ints: readonly number[] }
  | { readonly floats: readonly number[] }
  | { readonly text: string }
  | { readonly texts: readonly string[] };

export interface NodeMessage {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface TensorMessage {
  readonly name: string;
  readonly type: ElementType;
  /** [] of a single number. */
  readonly shape: readonly number[];
  /** Little-endian. */
  readonly raw: Uint8Array;
}

export interface PortMessage {
  readonly name: string;
  readonly type: ElementType;
  /** Sizes; a name, or "", of one that may vary. */
  readonly shape: readonly (number | string)[];
}

export interface GraphMessage {
  readonly nodes: readonly NodeMessage[];
  readonly initializers: readonly TensorMessage[];
  readonly inputs: readonly PortMessage[];
  readonly outputs: readonly PortMessage[];
}

const [IR_VERSION, OPSET] = [8, 15];
const PRODUCER = "wasm-rnn";

export function writeModel(graph: GraphMessage): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter(utf8Of);
  writer.tag(1, WireType.Varint).int64(IR_VERSION);
  text(writer, 2, PRODUCER);
  message(writer, 7, graph, writeGraph);
  message(writer, 8, OPSET, (w, version) => {
    text(w, 1, "");
    w.tag(2, WireType.Varint).int64(version);
  });
  message(writer, 14, PRODUCER, (w, producer) => {
    text(w, 1, "producer");
    text(w, 2, producer);
  });
  return writer.finish();
}

function message<Value>(writer: BinaryWriter, field: number, value: Value, write: (writer: BinaryWriter, value: Value) => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write(writer, value);
  writer.join();
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value);
}

function writeGraph(writer: BinaryWriter, { nodes, initializers, inputs, outputs }: GraphMessage): void {
  for (const node of nodes) message(writer, 1, node, writeNode);
  text(writer, 2, PRODUCER);
  for (const tensor of initializers) message(writer, 5, tensor, writeTensor);
  for (const port of inputs) message(writer, 11, port, writePort);
  for (const port of outputs) message(writer, 12, port, writePort);
}

function writeNode(writer: BinaryWriter, { name, op, inputs, outputs, attributes }: NodeMessage): void {
  for (const input of inputs) text(writer, 1, input);
  for (const output of outputs) text(writer, 2, output);
  text(writer, 3, name);
  text(writer, 4, op);
  for (const attribute of Object.entries(attributes)) message(writer, 5, attribute, writeAttribute);
}

/** Field 20 says which of the others holds the value. */
function writeAttribute(writer: BinaryWriter, [name, value]: [string, Attribute]): void {
  text(writer, 1, name);
  const kind = (type: number) => writer.tag(20, WireType.Varint).int32(type);
  if ("i" in value) {
    writer.tag(3, WireType.Varint).int64(value.i);
    kind(2);
  } else if ("text" in value) {
    text(writer, 4, value.text);
    kind(3);
  } else if ("floats" in value) {
    for (const number of value.floats) writer.tag(7, WireType.Bit32).float(number);
    kind(6);
  } else if ("ints" in value) {
    for (const number of value.ints) writer.tag(8, WireType.Varint).int64(number);
    kind(7);
  } else {
    for (const each of value.texts) text(writer, 9, each);
    kind(8);
  }
}

function writeTensor(writer: BinaryWriter, { name, type, shape, raw }: TensorMessage): void {
  for (const size of shape) writer.tag(1, WireType.Varint).int64(size);
  writer.tag(2, WireType.Varint).int32(ELEMENT_TYPES.indexOf(type));
  text(writer, 8, name);
  writer.tag(9, WireType.LengthDelimited).bytes(raw);
}

function writePort(writer: BinaryWriter, { name, type, shape }: PortMessage): void {
  text(writer, 1, name);
  message(writer, 2, type, (w) =>
    message(w, 1, type, (w) => {
      w.tag(1, WireType.Varint).int32(ELEMENT_TYPES.indexOf(type));
      message(w, 2, shape, (w) => {
        for (const size of shape) message(w, 1, size, writeDimension);
      });
    }),
  );
}

function writeDimension(writer: BinaryWriter, size: number | string): void {
  if (typeof size === "string") {
    if (size !== "") text(writer, 2, size);
  } else writer.tag(1, WireType.Varint).int64(size);
}
