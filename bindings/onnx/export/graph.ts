/** A graph in the making: every name is given once, whatever the layers are called. */
import { ArgumentError } from "../../errors.js";
import type { ElementType } from "../element-types.js";
import { type Attribute, type NodeMessage, type PortMessage, type TensorMessage, writeModel } from "./messages.js";

/** Of a message of protobuf. */
const MOST_BYTES = 2 ** 31 - 1;

export class GraphDraft {
  readonly #nodes: NodeMessage[] = [];
  readonly #initializers: TensorMessage[] = [];
  readonly #inputs: PortMessage[] = [];
  readonly #outputs: PortMessage[] = [];
  readonly #names: Set<string>;
  /** Integers that nodes share, by their numbers. */
  readonly #integers = new Map<string, string>();
  /** What a value is called in the file. */
  readonly #public = new Map<string, string>();

  /** @param reserved names of inputs and outputs */
  constructor(reserved: readonly string[]) {
    this.#names = new Set(reserved);
  }

  /** Numbers of a layer. */
  constant(name: string, data: Float32Array, shape: readonly number[]): string {
    return this.#initializer(name, "float32", new Uint8Array(data.buffer, data.byteOffset, data.byteLength), shape);
  }

  /** The same of int8, with a scale for each place along an axis: a quarter of the file. Each number is its scale times a whole one, exactly. */
  rounded(name: string, data: Float32Array, [rows, columns]: readonly [number, number], axis: 0 | 1): string {
    const scales = new Float32Array(axis === 0 ? rows : columns);
    const place = (i: number) => (axis === 0 ? Math.floor(i / columns) : i % columns);
    for (const [i, value] of data.entries()) scales[place(i)] = Math.max(scales[place(i)] as number, Math.abs(value) / 127);
    const codes = Int8Array.from(data, (value, i) => Math.round(value / (scales[place(i)] || 1)));
    const inputs = [
      this.#initializer(`${name} int8`, "int8", new Uint8Array(codes.buffer), [rows, columns]),
      this.#initializer(`${name} scale`, "float32", new Uint8Array(scales.buffer), [scales.length]),
    ];
    return this.node("DequantizeLinear", name, inputs, { axis: { i: axis } });
  }

  /** Integers, each list once. @param shape [] for a single one */
  integers(numbers: readonly number[], shape: readonly number[] = [numbers.length]): string {
    const key = `${numbers.join()} ${shape.join()}`;
    const found = this.#integers.get(key);
    if (found !== undefined) return found;
    const raw = new Uint8Array(BigInt64Array.from(numbers, BigInt).buffer);
    const name = this.#initializer(`integers ${shape.length === 0 ? numbers[0] : `[${numbers.join(", ")}]`}`, "int64", raw, shape);
    this.#integers.set(key, name);
    return name;
  }

  /** @returns the name of its output */
  node(op: string, name: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    return this.nodeOf(op, name, { inputs, outputs: [op], attributes })[0] as string;
  }

  /** The same of a node with several outputs: their names, in their order. */
  nodeOf(op: string, name: string, { inputs, outputs, attributes }: Omit<NodeMessage, "name" | "op">): string[] {
    const own = this.#own(name);
    const given = outputs.map((output) => this.#own(`${own}.${output}`));
    const last = inputs.findLastIndex((input) => input !== "");
    this.#nodes.push({ name: own, op, inputs: inputs.slice(0, last + 1), outputs: given, attributes });
    return given;
  }

  input(name: string, type: ElementType, shape: readonly (number | string)[]): string {
    this.#inputs.push({ name, type, shape });
    return name;
  }

  /** Gives a value to the outside. */
  output(value: string, name: string, shape: readonly (number | string)[]): void {
    const isTaken = this.#public.has(value) || this.#inputs.some((input) => input.name === value);
    this.#public.set(isTaken ? this.node("Identity", `${name} as it is`, [value]) : value, name);
    this.#outputs.push({ name, type: "float32", shape });
  }

  /** @throws {ArgumentError} when no file holds so many parameters */
  bytes(): Uint8Array<ArrayBuffer> {
    const size = this.#initializers.reduce((sum, { raw }) => sum + raw.length, 0);
    if (size > MOST_BYTES) throw new ArgumentError("model", `parameters of less than ${MOST_BYTES} bytes, as a file holds`, `${size}`);
    const named = (names: readonly string[]) => names.map((name) => this.#public.get(name) ?? name);
    const nodes = this.#nodes.map((node) => ({ ...node, inputs: named(node.inputs), outputs: named(node.outputs) }));
    return writeModel({ nodes, initializers: this.#initializers, inputs: this.#inputs, outputs: this.#outputs });
  }

  #initializer(name: string, type: ElementType, raw: Uint8Array, shape: readonly number[]): string {
    const own = this.#own(name);
    this.#initializers.push({ name: own, type, shape, raw });
    return own;
  }

  /** The name, or the next that is free. */
  #own(name: string): string {
    let own = name;
    for (let i = 2; this.#names.has(own); i++) own = `${name}_${i}`;
    this.#names.add(own);
    return own;
  }
}
