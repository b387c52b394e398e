/** A node of a graph, and what it says of itself. */
import { FormatError } from "../errors.js";
import { type Constant, constantOf } from "./constant.js";
import { BYTES, ELEMENT_TYPES, isComputed } from "./element-types.js";
import type { ProtoAttribute, ProtoGraph, ProtoNode } from "./proto.js";
import type { ProtoTensor } from "./proto-values.js";
import { readRaw } from "./raw.js";

/** A node that takes what the one before gives, and nothing else does. */
export interface Tail {
  readonly node: OnnxNode;
  /** Where its own inputs begin among those of the whole, and how many they are. */
  readonly first: number;
  readonly count: number;
  /** Which of its inputs the result before is. */
  readonly place: number;
}

/** One operator at its place. */
export class OnnxNode {
  readonly name: string;
  readonly op: string;
  readonly domain: string;
  /** "" of an input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** For errors: its name, or what it gives, and its operator. */
  readonly label: string;
  /** What is done to its result at once, each with inputs of its own behind this one's: see fuse.ts. */
  readonly tail: readonly Tail[];
  /** Without that. */
  readonly alone: OnnxNode;
  readonly #attributes: ReadonlyMap<string, ProtoAttribute>;
  /** Those that have been read. */
  readonly #tensors = new Map<string, Constant>();

  /** @throws {FormatError} on an attribute that is there twice */
  constructor({ name, op, domain, inputs, outputs, attributes }: ProtoNode, tail: readonly Tail[] = [], alone?: OnnxNode) {
    this.name = name;
    this.op = op;
    this.domain = domain;
    this.inputs = inputs;
    this.outputs = outputs;
    this.tail = tail;
    this.alone = alone ?? this;
    this.label = `${(name || outputs[0] || "a node").slice(0, 200)} (${domain ? `${domain}.` : ""}${op})`;
    this.#attributes = new Map(attributes.map((attribute) => [attribute.name, attribute]));
    if (this.#attributes.size < attributes.length)
      throw new FormatError(`onnx: ${this.label}: expected each attribute once, got one twice`);
  }

  get attributes(): Iterable<ProtoAttribute> {
    return this.#attributes.values();
  }

  has(name: string): boolean {
    return this.#attributes.has(name);
  }

  int(name: string): number | undefined;
  int(name: string, otherwise: number): number;
  int(name: string, otherwise?: number): number | undefined {
    return this.#attributes.has(name) ? (this.#attributes.get(name)?.i ?? 0) : otherwise;
  }

  float(name: string): number | undefined;
  float(name: string, otherwise: number): number;
  float(name: string, otherwise?: number): number | undefined {
    return this.#attributes.has(name) ? (this.#attributes.get(name)?.f ?? 0) : otherwise;
  }

  string(name: string, otherwise: string): string {
    return this.#attributes.get(name)?.s ?? otherwise;
  }

  /** Undefined where it is not there. */
  ints(name: string): readonly number[] | undefined {
    return this.#attributes.get(name)?.ints;
  }

  floats(name: string): readonly number[] | undefined {
    return this.#attributes.get(name)?.floats;
  }

  strings(name: string): readonly string[] | undefined {
    return this.#attributes.get(name)?.strings;
  }

  /** @throws {FormatError} when it cannot be read */
  tensor(name: string): Constant | undefined {
    const found = this.#tensors.get(name);
    const tensor = this.#attributes.get(name)?.t;
    if (found || !tensor) return found;
    const constant = readConstant(`${this.label}: ${name}`, tensor);
    this.#tensors.set(name, constant);
    return constant;
  }

  graph(name: string): ProtoGraph | undefined {
    return this.#attributes.get(name)?.g;
  }
}

/** The numbers of a tensor of the file. @throws {FormatError} */
export function readConstant(where: string, tensor: ProtoTensor): Constant {
  const refuse = (expected: string, got: string): never => {
    throw new FormatError(`onnx: ${where}: expected ${expected}, got ${got}`);
  };
  const type = ELEMENT_TYPES[tensor.type] ?? `type ${tensor.type}`;
  if (tensor.problem) return refuse("a tensor whose numbers are in it", tensor.problem);
  if (!isComputed(type)) return refuse("a tensor of real numbers, integers or truth values", type);
  const { dims: shape, raw, numbers } = tensor;
  const isSize = (size: number) => Number.isSafeInteger(size) && size >= 0;
  const size = shape.reduce((product, d) => product * Math.max(d, 1), 1);
  if (!shape.every(isSize) || shape.length > 16 || !Number.isSafeInteger(size))
    return refuse("a shape", `[${shape.slice(0, 20).join(", ")}]`);
  const length = shape.reduce((product, d) => product * d, 1);
  if (raw) {
    if (raw.length !== length * BYTES[type]) return refuse(`${length * BYTES[type]} bytes of [${shape.join(", ")}]`, `${raw.length}`);
    return { type, shape, data: readRaw(type, raw) };
  }
  if (numbers.length !== length) return refuse(`${length} numbers of [${shape.join(", ")}]`, `${numbers.length}`);
  if (type === "float16" || type === "bfloat16") {
    const bits = new Uint8Array(Uint16Array.from(numbers).buffer);
    return { type, shape, data: readRaw(type, bits) };
  }
  return constantOf(type, shape, numbers);
}
