/** Operators of ONNX of matrices' triangles and diagonals. */
import { sizeOf } from "../../checks.js";
import { FormatError } from "../../errors.js";
import { where } from "../../ops/where.js";
import { arrayFor, type Constant, constantOf } from "../constant.js";
import { ELEMENT_TYPES, type ElementType, isComputed, isFloat } from "../element-types.js";
import type { OnnxNode } from "../node.js";
import type { OnnxOperator, OnnxOperators } from "../operator.js";
import { known } from "../values.js";
import { input, result } from "./common.js";

/** Rows and columns of the last two axes. @throws {FormatError} */
function sidesOf(node: OnnxNode, shape: readonly number[]): [number, number] {
  const [rows, columns] = shape.slice(-2);
  if (rows === undefined || columns === undefined)
    throw new FormatError(`onnx: ${node.label}: expected matrices, got [${shape.join(", ")}]`);
  return [rows, columns];
}

/** Whether an element stays. @param k the diagonal where the triangle begins or ends */
const stays = (isUpper: boolean, k: number) => (row: number, column: number) => (isUpper ? column - row >= k : column - row <= k);

const TRILU: OnnxOperator = {
  attributes: ["upper"],
  fold(node, inputs) {
    const x = input(node, inputs, 0);
    const [rows, columns] = sidesOf(node, x.shape);
    const isIn = stays(node.int("upper", 1) === 1, inputs[1]?.data[0] ?? 0);
    return [{ ...x, data: x.data.map((value, i) => (isIn(Math.floor(i / columns) % rows, i % columns) ? value : 0)) }];
  },
  build(build, node, inputs) {
    const x = input(node, inputs, 0);
    const k = inputs[1] ? build.constantIf(inputs[1])?.data[0] : 0;
    if (k === undefined || !isFloat(x.type) || sizeOf(x.shape) === 0) return undefined;
    const [rows, columns] = sidesOf(node, x.shape);
    const isIn = stays(node.int("upper", 1) === 1, k);
    const mask = Uint8Array.from({ length: rows * columns }, (_, i) => Number(isIn(Math.floor(i / columns), i % columns)));
    const chosen = build.tensor(known(constantOf("bool", [rows, columns], mask)));
    return [result(build, where(chosen, build.tensor(x), 0), x.type, x.shape)];
  },
};

const EYE_LIKE: OnnxOperator = {
  attributes: ["dtype", "k"],
  check(node) {
    const type = ELEMENT_TYPES[node.int("dtype", 1)] ?? "undefined";
    return isComputed(type) ? undefined : `it is of ${type}`;
  },
  build(_, node, inputs) {
    const { type: own, shape } = input(node, inputs, 0);
    const [rows, columns] = sidesOf(node, shape);
    if (shape.length > 2) throw new FormatError(`onnx: ${node.label}: expected a matrix, got [${shape.join(", ")}]`);
    const type = (node.has("dtype") ? ELEMENT_TYPES[node.int("dtype", 1)] : own) as ElementType;
    const constant: Constant = { type, shape, data: arrayFor(type, rows * columns) };
    const k = node.int("k", 0);
    for (let row = Math.max(0, -k); row < rows && row + k < columns; row++) constant.data[row * columns + row + k] = 1;
    return [known(constant)];
  },
};

export const TRIANGLES: OnnxOperators = { Trilu: TRILU, EyeLike: EYE_LIKE };
