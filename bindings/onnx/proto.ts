/**
 * The messages of a file as they lie in it. Nothing in them is believed beyond the encoding: names, shapes and counts are checked by whoever uses
 * them. Source: onnx.proto (IR version 10).
 */
import { BinaryReader, type WireType } from "@bufbuild/protobuf/wire";
import { FormatError } from "../errors.js";
import { textOf } from "../host.js";
import { message, readFields, repeated } from "./proto-fields.js";
import { readTensor, readValue } from "./proto-tensor.js";
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

/** @throws {FormatError} */
export function readModel(bytes: Uint8Array): ProtoModel {
  const model = { irVersion: 0, producer: "", graph: undefined as ProtoGraph | undefined, functions: 0 };
  const [opsets, metadata]: [Map<string, number>, Record<string, string>] = [new Map(), Object.create(null)];
  const reader = new BinaryReader(bytes, (text) => textOf(text));
  try {
    readFields(reader, bytes.length, {
      1: (r) => (model.irVersion = Number(r.int64())),
      2: (r) => (model.producer = r.string()),
      7: (r) => (model.graph = message(r, 0, readGraph)),
      8: (r) => {
        const [domain, version] = message(r, 0, readOpset);
        opsets.set(domain, version);
      },
      14: (r) => {
        const [key, value] = message(r, 0, readPair);
        metadata[key] = value;
      },
      25: (r, wire) => {
        r.skip(wire);
        model.functions++;
      },
    });
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw new FormatError(`onnx: expected a whole file of ONNX, got bytes that end or go wrong at ${Math.min(reader.pos, bytes.length)}`, {
      cause,
    });
  }
  return { ...model, opsets, metadata };
}

function readOpset(reader: BinaryReader, end: number): [string, number] {
  let [domain, version] = ["", 0];
  readFields(reader, end, { 1: (r) => (domain = r.string()), 2: (r) => (version = Number(r.int64())) });
  return [domain === "ai.onnx" ? "" : domain, version];
}

function readPair(reader: BinaryReader, end: number): [string, string] {
  let [key, value] = ["", ""];
  readFields(reader, end, { 1: (r) => (key = r.string()), 2: (r) => (value = r.string()) });
  return [key, value];
}

function readGraph(reader: BinaryReader, end: number, depth: number): ProtoGraph {
  const graph = { name: "", nodes: [] as ProtoNode[], initializers: [] as ProtoTensor[], hasSparse: false };
  const [inputs, outputs]: [ProtoValue[], ProtoValue[]] = [[], []];
  readFields(reader, end, {
    1: (r) => graph.nodes.push(message(r, depth, readNode)),
    2: (r) => (graph.name = r.string()),
    5: (r) => graph.initializers.push(message(r, depth, readTensor)),
    11: (r) => inputs.push(message(r, depth, readValue)),
    12: (r) => outputs.push(message(r, depth, readValue)),
    15: (r, wire) => {
      r.skip(wire);
      graph.hasSparse = true;
    },
  });
  return { ...graph, inputs, outputs };
}

function readNode(reader: BinaryReader, end: number, depth: number): ProtoNode {
  const node = { name: "", op: "", domain: "" };
  const [inputs, outputs, attributes]: [string[], string[], ProtoAttribute[]] = [[], [], []];
  readFields(reader, end, {
    1: (r) => inputs.push(r.string()),
    2: (r) => outputs.push(r.string()),
    3: (r) => (node.name = r.string()),
    4: (r) => (node.op = r.string()),
    5: (r) => attributes.push(message(r, depth, readAttribute)),
    7: (r) => (node.domain = r.string()),
  });
  return { ...node, domain: node.domain === "ai.onnx" ? "" : node.domain, inputs, outputs, attributes };
}

function readAttribute(reader: BinaryReader, end: number, depth: number): ProtoAttribute {
  const attribute: { -readonly [Key in keyof ProtoAttribute]: ProtoAttribute[Key] } = {
    ...{ name: "", f: undefined, i: undefined, s: undefined, t: undefined, g: undefined, isForeign: false },
    ...{ floats: [], ints: [], strings: [] },
  };
  const [floats, ints, strings]: [number[], number[], string[]] = [[], [], []];
  const foreign = (r: BinaryReader, wire: WireType) => {
    r.skip(wire);
    attribute.isForeign = true;
  };
  readFields(reader, end, {
    1: (r) => (attribute.name = r.string()),
    2: (r) => (attribute.f = r.float()),
    3: (r) => (attribute.i = Number(r.int64())),
    4: (r) => (attribute.s = r.string()),
    5: (r) => (attribute.t = message(r, depth, readTensor)),
    6: (r) => (attribute.g = message(r, depth, readGraph)),
    7: repeated(floats, (r) => r.float()),
    8: repeated(ints, (r) => Number(r.int64())),
    9: (r) => strings.push(r.string()),
    ...{ 10: foreign, 11: foreign, 14: foreign, 15: foreign, 21: foreign, 22: foreign, 23: foreign },
  });
  return { ...attribute, floats, ints, strings };
}
