/** Numbers as integers with scales, and back: one scale for all, or one for each place along an axis. */
import { FormatError } from "../../errors.js";
import { arrayFor, type Constant } from "../constant.js";
import type { ElementType } from "../element-types.js";
import type { OnnxNode } from "../node.js";
import type { OnnxOperator, OnnxOperators } from "../operator.js";
import { axisOf, input } from "./common.js";

/** What the integers of a type go from and to. */
const BOUNDS: Readonly<Partial<Record<ElementType, readonly [number, number]>>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
};

/** For each element the place of its scale. @throws {FormatError} when there are not as many as the axis is long */
function placesOf(node: OnnxNode, { shape }: Constant, scale: Constant, zero: Constant | undefined): (i: number) => number {
  for (const [name, given] of Object.entries({ scale, zero_point: zero }))
    if (given && (given.shape.length > 1 || given.data.length !== scale.data.length))
      throw new FormatError(
        `onnx: ${node.label}: expected ${name} of one number or a list of ${scale.data.length}, got [${given.shape.join(", ")}]`,
      );
  if (scale.shape.length === 0 || (scale.data.length === 1 && shape.length === 0)) return () => 0;
  const axis = axisOf(node, node.int("axis", 1), shape.length);
  if (scale.data.length !== shape[axis])
    throw new FormatError(`onnx: ${node.label}: expected ${shape[axis]} scales, as axis ${axis} is long, got ${scale.data.length}`);
  const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  return (i) => Math.floor(i / inner) % scale.data.length;
}

/** One scale for a list of one stands for all, whatever the axis. */
const single = (scale: Constant): Constant => (scale.data.length === 1 ? { ...scale, shape: [] } : scale);

const DEQUANTIZE: OnnxOperator = {
  attributes: ["axis", "block_size", "output_dtype"],
  check: blocks,
  fold(node, inputs) {
    const [x, scale, zero] = [input(node, inputs, 0), single(input(node, inputs, 1)), inputs[2]];
    const at = placesOf(node, x, scale, zero);
    const data = arrayFor(scale.type, x.data.length);
    for (let i = 0; i < data.length; i++) data[i] = ((x.data[i] as number) - (zero?.data[at(i)] ?? 0)) * (scale.data[at(i)] as number);
    return [{ type: scale.type, shape: x.shape, data }];
  },
};

const QUANTIZE: OnnxOperator = {
  attributes: ["axis", "block_size", "output_dtype", "saturate"],
  check: blocks,
  fold(node, inputs) {
    const [x, scale, zero] = [input(node, inputs, 0), single(input(node, inputs, 1)), inputs[2]];
    const type = zero?.type ?? "uint8";
    const bounds = BOUNDS[type];
    if (!bounds) throw new FormatError(`onnx: ${node.label}: expected a zero_point of int8, uint8, int16 or uint16, got ${type}`);
    const at = placesOf(node, x, scale, zero);
    const data = arrayFor(type, x.data.length);
    for (let i = 0; i < data.length; i++) {
      const code = roundEven(Math.fround((x.data[i] as number) / (scale.data[at(i)] as number))) + (zero?.data[at(i)] ?? 0);
      data[i] = Math.min(Math.max(code || 0, bounds[0]), bounds[1]);
    }
    return [{ type, shape: x.shape, data }];
  },
};

function blocks(node: OnnxNode): string | undefined {
  if (node.int("block_size", 0) !== 0) return "scales of blocks are not known here";
  return node.int("output_dtype", 0) === 0 ? undefined : "its output_dtype is not known here";
}

/** To the nearest, of two the even one. */
function roundEven(x: number): number {
  const low = Math.floor(x);
  return x - low === 0.5 ? low + (low % 2 === 0 ? 0 : 1) : Math.round(x);
}

export const QUANTIZATION: OnnxOperators = { DequantizeLinear: DEQUANTIZE, QuantizeLinear: QUANTIZE };
