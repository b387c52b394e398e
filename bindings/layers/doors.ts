/** What layers and losses are given, checked at the door. */
import { checkOneOf, checkOptions, show } from "../checks.js";
import { ArgumentError, DTypeError, ShapeError } from "../errors.js";
import { Runtime } from "../runtime.js";
import { type DType, type FloatType, Tensor } from "../tensor.js";

/** Refuses a tensor that says the other layout. @throws {ShapeError} */
export function checkLayout(argument: string, { batchFirst: got }: Tensor, batchFirst: boolean | undefined): void {
  if (batchFirst === undefined || got === undefined || got === batchFirst) return;
  const layout = (first: boolean) => (first ? "[N, T, …] (batchFirst)" : "[T, N, …]");
  throw new ShapeError(argument, layout(batchFirst), layout(got));
}

/**
 * The arguments of a constructor: a living runtime and options of these names.
 *
 * @returns a copy of the options @throws {ArgumentError} @throws {DisposedError}
 */
export function checkConstruction<Options extends object>(runtime: unknown, options: Options, names: readonly string[]): Options {
  if (!(runtime instanceof Runtime)) throw new ArgumentError("runtime", "a Runtime of createRuntime() (of the same entry)", show(runtime));
  runtime.assertAlive();
  return checkOptions(options, ["dtype", ...names]);
}

/** The element type that a layer computes in. @throws {ArgumentError} on one that the runtime has no kernels for */
export function dtypeOf(runtime: Runtime, { dtype = runtime.dtype }: { dtype?: FloatType }): FloatType {
  return runtime.checkDType(dtype);
}

/** How a layer keeps its weights, where it says so. @throws {ArgumentError} also for a runtime that lacks the kernels */
export function checkStored<Way extends string>(
  runtime: Runtime,
  given: { weights?: Way; dtype?: FloatType },
  others: readonly string[],
): Way | undefined {
  const { weights } = given;
  if (weights !== undefined) {
    checkOneOf("weights", weights, [...others, runtime.int8 ? "int8" : "int8 after loadInt8(rt)"]);
    checkOneOf("dtype", dtypeOf(runtime, given), ["f32"]);
  }
  return weights;
}

/** @throws {ArgumentError} @throws {DTypeError} */
export function checkTensor(argument: string, tensor: unknown, runtime: Runtime, dtype: DType): Tensor {
  if (!(tensor instanceof Tensor)) throw new ArgumentError(argument, "a Tensor (of rt.tensor())", showResult(tensor));
  if (tensor.home !== runtime) throw new ArgumentError(argument, "a tensor of this runtime", "one of another");
  if (tensor.dtype !== dtype) throw new DTypeError(argument, dtype, `${tensor.dtype}${cureOf(tensor.dtype, dtype)}`);
  return tensor;
}

function cureOf(got: DType, expected: DType): string {
  if (expected === "i32") return ' (make it of an Int32Array, or with { dtype: "i32" })';
  return got === "i32" ? ` (make it with { dtype: "${expected}" })` : "";
}

/** What came in a tensor's place; of the result of a layer or a loss, where the tensor is. */
function showResult(value: unknown): string {
  try {
    const name = ["output", "gradient", "dX"].find(
      (part) => (value as Record<string, unknown> | null | undefined)?.[part] instanceof Tensor,
    );
    if (name !== undefined) return `an object whose ${name} is one`;
  } catch {
    // a getter that throws
  }
  return show(value);
}
