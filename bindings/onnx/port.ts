/** Inputs and outputs of a model. */
import { FormatError } from "../errors.js";
import type { DType } from "../tensor.js";
import { dtypeOf, ELEMENT_TYPES, isComputed } from "./element-types.js";
import type { ProtoValue } from "./proto-values.js";

/** An input or an output of a model. */
export interface OnnxPort {
  readonly name: string;
  /** ONNX's element type, such as "float32" or "int64". */
  readonly type: string;
  /** What a tensor of it is here: integers and truth values are i32, halves f32. */
  readonly dtype: DType;
  /** Sizes; a name, or "", of one that may vary. Undefined where the rank may. */
  readonly shape: readonly (number | string)[] | undefined;
}

/** @throws {FormatError} when it is no tensor of numbers */
export function portOf(kind: string, { name, type, shape }: ProtoValue): OnnxPort {
  const element = ELEMENT_TYPES[type ?? 0] ?? "undefined";
  if (!isComputed(element))
    throw new FormatError(
      `onnx: ${kind} ${name.slice(0, 200)}: expected a tensor of numbers, got ${type === undefined ? "no tensor" : element}`,
    );
  return { name, type: element, dtype: dtypeOf(element), shape };
}
