/** Where layers add their nodes: what flows from one to the next, and what they ask of the outside. */
import { ArgumentError } from "../../errors.js";
import { GraphDraft } from "./graph.js";

/** A name of an axis that is free, or its size. */
export type Axis = string | number;

/** What a layer reads: [T, N, features], [N, T, features], or rows without time. */
export interface Flow {
  readonly value: string;
  readonly layout: "time first" | "batch first" | "rows";
}

/** The axes of a sequence. */
export interface SequenceAxes {
  readonly T: Axis;
  readonly N: Axis;
  readonly batchFirst: boolean;
}

export interface PlaceOptions {
  /** Of x but for its features. */
  readonly axes: readonly Axis[];
  /** Where layers go over time. */
  readonly sequence: SequenceAxes | undefined;
  readonly lengths: boolean;
  readonly states: boolean;
  /** Whether several layers have states: then their names tell which. */
  readonly severalStates: boolean;
}

export class Place {
  readonly options: PlaceOptions;
  readonly graph: GraphDraft;
  flow: Flow;
  /** The full name of the layer at work. */
  layer = "";
  /** Of its input; undefined until a layer says it. */
  #features: number | undefined;
  #inputFeatures: number | undefined;
  /** Whether x is tokens, which have no features. */
  #tokens = false;
  #batchSize: string | undefined;
  readonly #stateInputs: [string, readonly Axis[]][] = [];
  readonly #stateOutputs: [string, string, readonly Axis[]][] = [];

  constructor(options: PlaceOptions, reserved: readonly string[]) {
    this.options = options;
    this.graph = new GraphDraft(["x", "y", "lengths", ...reserved]);
    const { sequence } = options;
    this.flow = { value: "x", layout: sequence ? (sequence.batchFirst ? "batch first" : "time first") : "rows" };
  }

  /** A node of the layer at work. */
  node(...[op, inputs, attributes]: [string, readonly string[], Parameters<GraphDraft["node"]>[3]?]): string {
    return this.graph.node(op, `${this.layer}.${op}`, inputs, attributes);
  }

  constant(name: string, data: Float32Array, shape: readonly number[]): string {
    return this.graph.constant(`${this.layer}.${name}`, data, shape);
  }

  /** What the layer reads has so many features. @throws {ArgumentError} where another gives it others */
  reads(features: number): void {
    this.#features ??= this.#inputFeatures = features;
    if (this.#features !== features)
      throw new ArgumentError("model", `${features} features for ${this.layer}`, `${this.#features} of what is before it`);
  }

  /** What it gives. */
  gives(value: string, features = this.#features, layout = this.flow.layout): void {
    this.flow = { value, layout };
    this.#features = features;
  }

  /** x is tokens. */
  readsTokens(): void {
    this.#tokens = true;
  }

  /** The flow as an operator of ONNX reads it, [T, N, features]. */
  timeFirst(): string {
    return this.#laidOut("time first");
  }

  #laidOut(layout: "time first" | "batch first"): string {
    if (this.flow.layout === layout) return this.flow.value;
    return this.node("Transpose", [this.flow.value], { perm: { ints: [1, 0, 2] } });
  }

  /** Steps of each sequence, "" where all have all. */
  get lengths(): string {
    return this.options.lengths ? "lengths" : "";
  }

  /** N as a list of one integer. */
  batchSize(): string {
    const { N = 1, batchFirst } = this.options.sequence ?? {};
    if (typeof N === "number") return this.graph.integers([N]);
    this.#batchSize ??= this.graph.node("Gather", "batch size", [
      this.graph.node("Shape", "shape", ["x"]),
      this.graph.integers([batchFirst ? 0 : 1]),
    ]);
    return this.#batchSize;
  }

  /** An initial state from outside, [count, N, size]. @param part h or c */
  stateInput(part: string, count: number, size: number): string {
    const name = this.options.severalStates ? `${this.layer}.${part}0` : `${part}0`;
    this.#stateInputs.push([name, this.#stateShape(count, size)]);
    return name;
  }

  stateOutput(part: string, value: string, count: number, size: number): void {
    const name = this.options.severalStates ? `${this.layer}.${part}n` : `${part}n`;
    this.#stateOutputs.push([name, value, this.#stateShape(count, size)]);
  }

  #stateShape(count: number, size: number): readonly Axis[] {
    return [count, this.options.sequence?.N ?? 1, size];
  }

  /** What has come of all layers, as a file. */
  bytes(): Uint8Array<ArrayBuffer> {
    const { graph, options, flow } = this;
    const { axes, sequence } = options;
    const features = (size: number | undefined) => size ?? "";
    graph.input("x", this.#tokens ? "int64" : "float32", this.#tokens ? axes : [...axes, features(this.#inputFeatures)]);
    if (options.lengths) graph.input("lengths", "int32", [sequence?.N ?? 1]);
    for (const [name, shape] of this.#stateInputs) graph.input(name, "float32", shape);
    const isOverTime = sequence && flow.layout !== "rows";
    const y = isOverTime ? this.#laidOut(sequence.batchFirst ? "batch first" : "time first") : flow.value;
    const leading = sequence && !isOverTime ? [sequence.N] : axes;
    graph.output(y, "y", [...leading, features(this.#features)]);
    for (const [name, value, shape] of this.#stateOutputs) graph.output(value, name, shape);
    return graph.bytes();
  }
}
