/** What an operator of ONNX is, and what it sees of the graph that it is in. */
import type { Runtime } from "../runtime.js";
import type { Tensor, WeightStorage } from "../tensor.js";
import type { Constant } from "./constant.js";
import type { ElementType } from "./element-types.js";
import type { OnnxNode } from "./node.js";

/** What a name stands for while a graph is laid out for given shapes. */
export interface Value {
  readonly type: ElementType;
  /** [] of a single number. */
  readonly shape: readonly number[];
  /** Its numbers, where they are known. */
  readonly constant?: Constant;
  /** Where they will lie: of what is computed anew each time. Of shape [1] where the value's is []. */
  readonly tensor?: Tensor;
  /** Whether its tensor is computed once, from constants alone. */
  readonly isFixed?: boolean;
  /** Inputs of the graph that it is made of alone, integers all: where its numbers have to be known, those inputs' have. */
  readonly origins?: ReadonlySet<string>;
}

/** An operator of ONNX. At least one of `fold` and `build`. */
export interface OnnxOperator {
  /** Attributes that are read. A node with another is refused. */
  readonly attributes: readonly string[];
  /** What is wrong with a node, as far as attributes tell. */
  check?(node: OnnxNode, opset: number): string | undefined;
  /**
   * In JavaScript, by the definition: for what is known beforehand, such as arithmetic with shapes, and for what no kernel does.
   * @throws {FormatError}
   */
  fold?(node: OnnxNode, inputs: readonly (Constant | undefined)[], opset: number): readonly Constant[];
  /** By kernels. Undefined: not these inputs; then `fold` does it, each time anew. @throws {FormatError} */
  build?(build: Build, node: OnnxNode, inputs: readonly (Value | undefined)[]): readonly Value[] | undefined;
}

/** What lays a graph out, as operators see it. */
export interface Build {
  readonly runtime: Runtime;
  readonly opset: number;
  /** How products of f32 keep weights that are known. */
  readonly storage: WeightStorage;
  /** The tensor of a value; numbers that are known come into memory once. Shape [1] where the value's is []. @throws {FormatError} */
  tensor(value: Value): Tensor;
  /** Numbers that have to be known, such as a shape. @param what for the message */
  constant(value: Value, what: string): Constant;
  /** The same where they are known; nothing where they are not. */
  constantIf(value: Value): Constant | undefined;
  /** What a tensor stands for. @param shape [] where the tensor's is [1] and the operator gives a single number */
  value(tensor: Tensor, type: ElementType, shape?: readonly number[]): Value;
  /** A tensor for a step of one's own to fill. */
  empty(type: ElementType, shape: readonly number[]): Tensor;
  /** Memory for a step of one's own, kept from run to run; contents are unknown. @returns its address */
  take(bytes: number): number;
  /**
   * Memory for what a node makes of constants, such as packed weights: made once for all plans, where the constants are the file's.
   *
   * @param how tells apart what a node makes of the same @param fill writes it @returns its address @throws {MemoryError}
   */
  kept(node: OnnxNode, of: readonly Constant[], how: string, bytes: number, fill: (ptr: number) => void): number;
  /** Work beyond operators: done now, and at every run. */
  step(work: () => void): void;
  /** Ends with the plan. */
  own<Owned extends { dispose(): void }>(owned: Owned): Owned;
}

/** Some of the table, by their names. */
export type OnnxOperators = Readonly<Record<string, OnnxOperator>>;
