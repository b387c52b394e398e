/** What operators of ONNX have in common. */
import { FormatError } from "../../errors.js";
import { reshape } from "../../ops/move.js";
import type { Tensor } from "../../tensor.js";
import type { Constant } from "../constant.js";
import type { ElementType } from "../element-types.js";
import type { OnnxNode } from "../node.js";
import type { Build, Value } from "../operator.js";

/** @throws {FormatError} when it is left out */
export function input<Input extends Value | Constant>(node: OnnxNode, inputs: readonly (Input | undefined)[], i: number): Input {
  const found = inputs[i];
  if (!found) throw new FormatError(`onnx: ${node.label}: expected input ${i}, got none`);
  return found;
}

/** An axis, counted from the end where it is negative. @throws {FormatError} */
export function axisOf(node: OnnxNode, axis: number, rank: number): number {
  const own = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(own) && own >= 0 && own < rank) return own;
  throw new FormatError(`onnx: ${node.label}: expected an axis of ${rank}, got ${axis}`);
}

/** Axes, each once. @throws {FormatError} */
export function axesOf(node: OnnxNode, axes: readonly number[], rank: number): number[] {
  const own = axes.map((axis) => axisOf(node, axis, rank));
  if (new Set(own).size === own.length) return own;
  throw new FormatError(`onnx: ${node.label}: expected each axis once, got [${axes.join(", ")}]`);
}

/** Numbers of a result: more are more than a memory holds. */
const MOST = 2 ** 28;

/** A shape that numbers of the file ask for. @throws {FormatError} when it is none, or of too many elements */
export function boundedShape(node: OnnxNode, shape: readonly number[]): number[] {
  const size = shape.reduce((product, each) => product * Math.max(each, 1), 1);
  if (shape.every((each) => Number.isSafeInteger(each) && each >= 0) && size <= MOST) return [...shape];
  throw new FormatError(`onnx: ${node.label}: expected a shape of at most ${MOST} numbers, got [${shape.slice(0, 20).join(", ")}]`);
}

/** A result of operators, in ONNX's shape, which may have no axis. */
export function result(build: Build, tensor: Tensor, type: ElementType, shape: readonly number[]): Value {
  const own = shape.length === 0 ? [1] : shape;
  const isSame = own.length === tensor.shape.length && own.every((size, d) => size === tensor.shape[d]);
  return build.value(isSame ? tensor : reshape(tensor, own), type, shape);
}

/** Integers of a list that has to be known: an attribute in old files, an input in new ones. */
export function listed(
  build: Build,
  node: OnnxNode,
  inputs: readonly (Value | undefined)[],
  { attribute, place }: { attribute: string; place: number },
): readonly number[] | undefined {
  const value = inputs[place];
  return value ? [...build.constant(value, attribute).data] : node.ints(attribute);
}
