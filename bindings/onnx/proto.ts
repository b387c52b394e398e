/**
 * The messages of a file as they lie in it. Nothing in them is believed beyond the encoding: names, shapes and counts are checked by whoever uses
 * them. Source: onnx.proto (IR version 10).
 */
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { FormatError } from "../errors.js";
import { textOf } from "../host.js";
import { foreignFile } from "../io/foreign-files.js";
import { type Fields, message, readFields, repeated } from "./proto-fields.js";
import { emptyTensor, emptyValue, TENSOR, VALUE } from "./proto-tensor.js";
import type { ProtoTensor, ProtoValue } from "./proto-values.js";

export interface ProtoAttribute {
  readonly name: string;
  readonly f: number | undefined;
  readonly i: number | undefined;
  readonly s: string | undefined;
  readonly t: ProtoTensor | undefined;
  readonly g: ProtoGraph | undefined;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
  readonly strings: readonly string[];
  /** Of a kind that nothing here reads. */
  readonly isForeign: boolean;
}

export interface ProtoNode {
  readonly name: string;
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly ProtoAttribute[];
}

export interface ProtoGraph {
  readonly name: string;
  readonly nodes: readonly ProtoNode[];
  readonly initializers: readonly ProtoTensor[];
  readonly inputs: readonly ProtoValue[];
  readonly outputs: readonly ProtoValue[];
  /** What it says of values between them. */
  readonly values: readonly ProtoValue[];
  readonly hasSparse: boolean;
}

export interface ProtoModel {
  readonly irVersion: number;
  readonly producer: string;
  readonly graph: ProtoGraph | undefined;
  /** By domain; "" is ONNX's own. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly functions: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** While it is read. */
type Unread<Message> = { -readonly [Key in keyof Message]: Message[Key] extends readonly (infer One)[] ? One[] : Message[Key] };

/** @throws {FormatError} */
export function readModel(bytes: Uint8Array): ProtoModel {
  const model = { irVersion: 0, producer: "", graph: undefined, functions: 0, opsets: new Map(), metadata: Object.create(null) };
  const reader = new BinaryReader(bytes, (text) => textOf(text));
  try {
    return readFields(reader, bytes.length, 0, MODEL, model);
  } catch (cause) {
    const foreign = bytes[0] === 0x08 ? undefined : foreignFile(bytes);
    if (foreign) throw new FormatError(`onnx: expected a file of ONNX, got ${foreign}`, { cause });
    if (cause instanceof FormatError) throw cause;
    throw new FormatError(`onnx: expected a whole file of ONNX, got bytes that end or go wrong at ${Math.min(reader.pos, bytes.length)}`, {
      cause,
    });
  }
}

interface ReadModel extends Unread<ProtoModel> {
  readonly opsets: Map<string, number>;
  readonly metadata: Record<string, string>;
}

const PAIR: Fields<{ key: string; value: string }> = {
  1: (pair, r) => (pair.key = r.string()),
  2: (pair, r) => (pair.value = r.string()),
};

const OPSET: Fields<{ domain: string; version: number }> = {
  1: (opset, r) => (opset.domain = r.string()),
  2: (opset, r) => (opset.version = Number(r.int64())),
};

const foreign: Fields<Unread<ProtoAttribute>>[number] = (attribute, r, _, wire) => {
  r.skip(wire);
  attribute.isForeign = true;
};

const ATTRIBUTE: Fields<Unread<ProtoAttribute>> = {
  1: (attribute, r) => (attribute.name = r.string()),
  2: (attribute, r) => (attribute.f = r.float()),
  3: (attribute, r) => (attribute.i = Number(r.int64())),
  4: (attribute, r) => (attribute.s = r.string()),
  5: (attribute, r, depth) => (attribute.t = message(r, depth, TENSOR, emptyTensor())),
  6: (attribute, r, depth) => (attribute.g = message(r, depth, GRAPH, emptyGraph())),
  7: repeated(
    ({ floats }) => floats,
    (r) => r.float(),
  ),
  8: repeated(
    ({ ints }) => ints,
    (r) => Number(r.int64()),
  ),
  9: (attribute, r) => attribute.strings.push(r.string()),
  ...Object.fromEntries([10, 11, 14, 15, 21, 22, 23].map((field) => [field, foreign])),
};

const NODE: Fields<Unread<ProtoNode>> = {
  1: (node, r) => node.inputs.push(r.string()),
  2: (node, r) => node.outputs.push(r.string()),
  3: (node, r) => (node.name = r.string()),
  4: (node, r) => (node.op = r.string()),
  5: (node, r, depth) => node.attributes.push(message(r, depth, ATTRIBUTE, emptyAttribute())),
  7: (node, r) => (node.domain = own(r.string())),
};

const GRAPH: Fields<Unread<ProtoGraph>> = {
  1: (graph, r, depth) => graph.nodes.push(message(r, depth, NODE, emptyNode())),
  2: (graph, r) => (graph.name = r.string()),
  5: (graph, r, depth) => graph.initializers.push(message(r, depth, TENSOR, emptyTensor())),
  11: (graph, r, depth) => graph.inputs.push(message(r, depth, VALUE, emptyValue())),
  12: (graph, r, depth) => graph.outputs.push(message(r, depth, VALUE, emptyValue())),
  13: (graph, r, depth) => graph.values.push(message(r, depth, VALUE, emptyValue())),
  15: (graph, r, _, wire) => {
    r.skip(wire);
    graph.hasSparse = true;
  },
};

const MODEL: Fields<ReadModel> = {
  1: (model, r) => (model.irVersion = Number(r.int64())),
  2: (model, r) => (model.producer = r.string()),
  7: (model, r, depth) => (model.graph = message(r, depth, GRAPH, emptyGraph())),
  8: (model, r, depth) => {
    const { domain, version } = message(r, depth, OPSET, { domain: "", version: 0 });
    model.opsets.set(own(domain), version);
  },
  14: (model, r, depth) => {
    const { key, value } = message(r, depth, PAIR, { key: "", value: "" });
    model.metadata[key] = value;
  },
  25: (model, r, _, wire) => {
    r.skip(wire);
    model.functions++;
  },
};

/** Of a domain. */
function own(domain: string): string {
  return domain === "ai.onnx" ? "" : domain;
}

function emptyGraph(): Unread<ProtoGraph> {
  return { name: "", nodes: [], initializers: [], inputs: [], outputs: [], values: [], hasSparse: false };
}

function emptyNode(): Unread<ProtoNode> {
  return { name: "", op: "", domain: "", inputs: [], outputs: [], attributes: [] };
}

function emptyAttribute(): Unread<ProtoAttribute> {
  return {
    ...{ name: "", f: undefined, i: undefined, s: undefined, t: undefined, g: undefined },
    ...{ floats: [], ints: [], strings: [], isForeign: false },
  };
}
