/** What a file of ONNX says, and what of it will run: nothing is computed. */
import { FormatError } from "../errors.js";
import { ELEMENT_TYPES } from "../onnx/element-types.js";
import { readGraph, usedBy } from "../onnx/graph.js";
import type { OnnxNode } from "../onnx/node.js";
import { type OnnxPort, portOf } from "../onnx/port.js";
import type { ProtoAttribute } from "../onnx/proto.js";
import { readModel } from "../onnx/proto.js";
import { faultOf, faultOfModel } from "../onnx/refusals.js";

/** A node of a network, in the order of the file. */
export interface NetworkNode {
  /** "" where it has none. */
  readonly name: string;
  /** Its operator, with the domain where that is not ONNX's own. */
  readonly op: string;
  /** Names of values; "" of one that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Names of values that graphs within it, as branches of an If, take from around it. */
  readonly captured: readonly string[];
  /** Numbers and texts, by name, written out and cut short. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Its name, or that of what it gives, and its operator, as errors have it. */
  readonly label: string;
  /** Why it does not run here; undefined where it does. */
  readonly fault: string | undefined;
}

/** An array of a network: a weight, or another number that the file holds. */
export interface NetworkArray {
  /** ONNX's element type. */
  readonly type: string;
  readonly shape: readonly number[];
}

/** What a file of ONNX says of its network. */
export interface Network {
  /** Of ONNX's own operators; 0 where the file does not say. */
  readonly opset: number;
  /** The program that made it; "" where the file does not say. */
  readonly producer: string;
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  readonly nodes: readonly NetworkNode[];
  readonly arrays: ReadonlyMap<string, NetworkArray>;
  /** Sizes of values between inputs and outputs, where the file says them: each a number, or a name of one that may vary. */
  readonly shapes: ReadonlyMap<string, readonly (number | string)[]>;
  /** Why it does not run here, all at once: of the whole, then of each node by its name. Empty where it does. */
  readonly faults: readonly string[];
}

/**
 * Reads what a file of ONNX says of its network, one that does not run here, too.
 *
 * @param bytes of an .onnx file
 * @example
 * const { nodes, faults } = networkIn(bytes);
 * @throws {FormatError} when it is none, or says what cannot be
 */
export function networkIn(bytes: Uint8Array): Network {
  const model = readModel(bytes);
  const { graph: proto, opsets, producer } = model;
  if (!proto) throw new FormatError("onnx: expected a model with a graph, got one without");
  const graph = readGraph(proto);
  const opset = opsets.get("") ?? 0;
  const whole = faultOfModel(model);
  const known = new Set([
    ...graph.constants.keys(),
    ...graph.inputs.map(({ name }) => name),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ]);
  const nodes = graph.nodes.map((node) => described(node, opset, known));
  return {
    ...{ opset, producer, nodes },
    inputs: graph.inputs.map((value) => portOf("input", value)),
    outputs: graph.outputs.map((value) => portOf("output", { ...value, type: value.type ?? ELEMENT_TYPES.indexOf("float32") })),
    arrays: new Map([...graph.constants].map(([name, { type, shape }]) => [name, { type, shape }])),
    shapes: new Map(proto.values.flatMap(({ name, shape }) => (shape ? [[name, shape] as const] : []))),
    faults: [
      ...(whole === undefined ? [] : [whole]),
      ...nodes.flatMap(({ label, fault }) => (fault === undefined ? [] : [`${label}: ${fault}`])),
    ],
  };
}

/** Characters of an attribute, and numbers of a list. */
const [MOST_TEXT, MOST_NUMBERS] = [60, 12];

/** @param known names of values around the node */
function described(node: OnnxNode, opset: number, known: ReadonlySet<string>): NetworkNode {
  const { name, op, domain, inputs, outputs, label } = node;
  const attributes = Object.fromEntries(
    [...node.attributes].map((attribute): [string, string] => [attribute.name.slice(0, MOST_TEXT), written(attribute)]),
  );
  const captured = [...new Set(usedBy(node))].filter((value) => known.has(value) && !inputs.includes(value));
  return { name, captured, op: domain ? `${domain}.${op}` : op, inputs, outputs, label, attributes, fault: faultOf(node, opset) };
}

function written({ f, i, s, t, g, floats, ints, strings }: ProtoAttribute): string {
  if (g) return "a graph";
  if (t) return `an array [${t.dims.slice(0, MOST_NUMBERS).join(", ")}]`;
  const single = s ?? i ?? f;
  if (single !== undefined) return String(typeof single === "number" ? Number(single.toPrecision(6)) : single).slice(0, MOST_TEXT);
  const list = [...ints, ...floats, ...strings];
  return `[${list.slice(0, MOST_NUMBERS).join(", ").slice(0, MOST_TEXT)}${list.length > MOST_NUMBERS ? ", …" : ""}]`;
}
