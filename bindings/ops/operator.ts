/**
 * What an operator is, the one table of all of them, and how one is applied. An operator is a rule for shape and element type, a forward pass and
 * a backward pass; whoever runs or records operators reads the table and knows none by name.
 */
import { sizeOf } from "../checks.js";
import { ArgumentError, DTypeError, ShapeError } from "../errors.js";
import type { OperatorKernels } from "../generated/operators.js";
import type { Gradients, Scope } from "../graph/node.js";
import { Slots } from "../graph/slots.js";
import { ViewTensor } from "../graph/view.js";
import type { Kernels } from "../kernels.js";
import type { Runtime } from "../runtime.js";
import { bytesPer, type DType, type FloatType, Tensor } from "../tensor.js";
import { operatorKernels } from "./load.js";
import { type Operand, operandsOf, runtimeOf } from "./operands.js";

/** What an operator will give. */
export interface Outcome {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** Where its elements begin in the first input, counted in elements: then it is a view, nothing is copied, and `forward` is not called. */
  readonly view?: number;
  /** The layout of a batch of sequences, where an input's is kept: see `tensor.batchFirst`. */
  readonly batchFirst?: boolean | undefined;
}

/** One application of an operator. */
export interface Call<Attributes = unknown> {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly attributes: Attributes;
  /** The element type that it computes in: of its first input of real numbers, or else of the output. */
  readonly dtype: FloatType;
  /** Operators' kernels of that type, and those of layers. */
  readonly kernels: OperatorKernels;
  readonly core: Kernels;
  readonly runtime: Runtime;
  /** Memory of the forward pass, by name: the backward pass finds it again. */
  readonly slots: Slots;
  /** Results beside the output, which `forward` adds: gradients reach them, too. */
  readonly beside: Tensor[];
}

/** An operator. */
export interface Operator<Attributes = unknown> {
  /** As it is called; in an error of `fit`, too. */
  readonly name: string;
  /** @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} when the inputs or the attributes do not fit */
  infer(inputs: readonly Tensor[], attributes: Attributes): Outcome;
  /** Fills the output. */
  forward(call: Call<Attributes>): void;
  /**
   * `forward` for a list of steps that is run again and again over the same memory: what does not change from run to run is found here, once. Absent:
   * `forward` is called each time.
   *
   * @returns fills the output
   */
  again?(call: Call<Attributes>): () => void;
  /**
   * Plans the backward pass: takes memory of `gradients.slots`, says with `gradients.run` what to do once nothing can fail, and gives each input
   * that `gradients.wants` its part (`give`, a whole piece of `slots` or the gradient of the output itself; or `into`, to add to). Absent: no
   * gradient goes through, as of a comparison.
   */
  backward?(call: Call<Attributes>, gradients: Gradients): void;
  /** What the backward pass goes over, and what therefore may not be written in between. */
  readonly reads: "inputs" | "output" | "both" | "none";
  /** Numbers among its inputs are real ones, though only integers stand beside them. */
  readonly numbersAreReal?: boolean;
}

/** All operators by name. */
export const operators: ReadonlyMap<string, Operator<never>> = new Map();

/** Enters one into the table. */
export function define<Attributes = undefined>(operator: Operator<Attributes>): Operator<Attributes> {
  (operators as Map<string, Operator<never>>).set(operator.name, operator as unknown as Operator<never>);
  return operator;
}

/**
 * Applies an operator in the frame at work. Numbers among the inputs become tensors [1] of the others' element type.
 *
 * @throws {ArgumentError} outside of a frame, or where the runtime has no operators
 */
export function apply<Attributes>(operator: Operator<Attributes>, given: readonly Operand[], attributes: Attributes): Tensor {
  const { name } = operator;
  const runtime = runtimeOf(name, given);
  const scope = scopeOf(name, runtime);
  const inputs = operandsOf(name, given, {
    runtime,
    arena: scope.constants ?? scope.arena,
    integers: operator.numbersAreReal ? runtime.dtype : "i32",
  });
  const { shape, dtype, view, batchFirst } = inferred(operator, inputs, attributes);
  const floats = inputs.filter((input) => input.dtype !== "i32");
  const own = (floats[0]?.dtype ?? (dtype === "i32" ? runtime.dtype : dtype)) as FloatType;
  const { lease } = scope.arena;
  const first = inputs[0] as Tensor;
  const output =
    view === undefined
      ? new Tensor(runtime, scope.arena.take(sizeOf(shape) * bytesPer(dtype)), Object.freeze([...shape]), dtype, lease, batchFirst)
      : new ViewTensor(first, view * bytesPer(dtype), Object.freeze([...shape]), lease, batchFirst);
  // What is run again over pieces that others take in between keeps its plans where nobody does.
  const slots = new Slots((scope.trace && scope.constants) ?? scope.arena);
  const call: Call<Attributes> = {
    ...{ inputs, output, attributes, dtype: own, runtime, slots, beside: [] },
    ...{ kernels: operatorKernels(runtime, own), core: runtime.kernels(own) },
  };
  const forward = view === undefined ? () => operator.forward(call) : undefined;
  forward?.();
  scope.trace?.(output, forward && (operator.again?.(call) ?? forward), forward ? undefined : first);
  const { backward } = operator;
  if (!scope.nodes || !backward || floats.length === 0) return output;
  const reads = readBy(operator, call).map((tensor) => ({ tensor, version: tensor.version(name) }));
  scope.nodes.push({
    ...{ name, inputs: floats, outputs: [output, ...call.beside] },
    plan: (gradients) => {
      for (const { tensor, version } of reads) tensor.checkVersion(name, version);
      backward.call(operator, call, gradients);
    },
  });
  return output;
}

/** What does not fit is said with the operator's name. */
function inferred<Attributes>(operator: Operator<Attributes>, inputs: readonly Tensor[], attributes: Attributes): Outcome {
  try {
    return operator.infer(inputs, attributes);
  } catch (error) {
    if (!(error instanceof ShapeError || error instanceof DTypeError)) throw error;
    const Kind = error instanceof ShapeError ? ShapeError : DTypeError;
    throw new Kind(`${operator.name}: ${error.argument}`, error.expected, error.got, { cause: error });
  }
}

function readBy({ reads }: Operator<never>, { inputs, output, beside }: Call): readonly Tensor[] {
  if (reads === "inputs") return inputs;
  if (reads === "output") return [output, ...beside];
  return reads === "both" ? [...inputs, output, ...beside] : [];
}

/** @internal The frame at work. @throws {ArgumentError} when there is none */
export function scopeOf(name: string, { scope }: Runtime): Scope {
  if (!scope) throw new ArgumentError(name, "a call inside of frame.run() or frame.record()", "one outside");
  return scope;
}

/** The layout that the inputs say, if any does. @throws {ShapeError} when two say others */
export function layoutOf(inputs: readonly Tensor[], names: readonly string[] = ["a", "b", "c"]): boolean | undefined {
  const said = inputs.find(({ batchFirst }) => batchFirst !== undefined)?.batchFirst;
  const other = inputs.findIndex(({ batchFirst }) => batchFirst !== undefined && batchFirst !== said);
  const text = (batchFirst: boolean | undefined) => `batchFirst: ${batchFirst}`;
  if (other >= 0)
    throw new ShapeError(names[other] ?? `tensors[${other}]`, `${text(said)}, as the others say`, text(inputs[other]?.batchFirst));
  return said;
}

/** The element type that all inputs of real numbers share. @throws {DTypeError} */
export function floatsOf(inputs: readonly Tensor[], names: readonly string[] = ["a", "b", "c"]): FloatType {
  const [first] = inputs as [Tensor];
  for (const [i, { dtype }] of inputs.entries()) {
    const name = inputs.length === 1 ? "x" : (names[i] ?? `inputs[${i}]`);
    if (dtype === "i32") throw new DTypeError(name, "f32 or f64", dtype);
    if (dtype !== first.dtype) throw new DTypeError(name, `${first.dtype}, as the first`, dtype);
  }
  return first.dtype as FloatType;
}
