/** Operators of ONNX whose indices name whole parts of a tensor, or are made of its numbers. In JavaScript. */
import { sameShape, sizeOf } from "../../checks.js";
import { FormatError } from "../../errors.js";
import { arrayFor, type Constant } from "../constant.js";
import { stridesOf } from "../fold/regions.js";
import type { OnnxNode } from "../node.js";
import type { OnnxOperator, OnnxOperators } from "../operator.js";
import { known } from "../values.js";
import { axisOf, boundedShape, input } from "./common.js";
import { REDUCTIONS_OF_SCATTER } from "./places.js";

const listedIn = (shape: readonly number[]) => `[${shape.join(", ")}]`;

/** Where the part begins that a list of indices names, from axis `first` on. @throws {FormatError} */
function partAt(node: OnnxNode, shape: readonly number[], first: number, list: ArrayLike<number>): number {
  const strides = stridesOf(shape);
  let place = 0;
  for (let i = 0; i < list.length; i++) {
    const [at, size] = [list[i] as number, shape[first + i] as number];
    const own = at < 0 ? at + size : at;
    if (!(Number.isInteger(own) && own >= 0 && own < size))
      throw new FormatError(`onnx: ${node.label}: expected indices of ${size} places, got ${at}`);
    place += own * (strides[first + i] as number);
  }
  return place;
}

/** How many indices name a part. @throws {FormatError} */
function depthOf(node: OnnxNode, x: Constant, indices: Constant, batch: number): number {
  const depth = indices.shape.at(-1) ?? 0;
  const isBatch = batch >= 0 && batch < indices.shape.length && sameShape(x.shape.slice(0, batch), indices.shape.slice(0, batch));
  if (isBatch && depth > 0 && batch + depth <= x.shape.length) return depth;
  throw new FormatError(
    `onnx: ${node.label}: expected indices of at most ${x.shape.length} axes, got ${listedIn(indices.shape)} of ${listedIn(x.shape)}`,
  );
}

const GATHER_ND: OnnxOperator = {
  attributes: ["batch_dims"],
  fold(node, inputs) {
    const [x, indices] = [input(node, inputs, 0), input(node, inputs, 1)];
    const batch = node.int("batch_dims", 0);
    const depth = depthOf(node, x, indices, batch);
    const rest = x.shape.slice(batch + depth);
    const shape = [...indices.shape.slice(0, -1), ...rest];
    const data = arrayFor(x.type, sizeOf(shape));
    if (data.length === 0) return [{ type: x.type, shape, data }];
    const [width, whole] = [sizeOf(rest), sizeOf(x.shape.slice(batch))];
    const each = sizeOf(indices.shape.slice(batch, -1));
    for (let i = 0; i * width < data.length; i++) {
      const list = indices.data.subarray(i * depth, (i + 1) * depth);
      const from = Math.floor(i / each) * whole + partAt(node, x.shape, batch, list);
      data.set(x.data.subarray(from, from + width), i * width);
    }
    return [{ type: x.type, shape, data }];
  },
};

const SCATTER_ND: OnnxOperator = {
  attributes: ["reduction"],
  check: (node) => (Object.hasOwn(REDUCTIONS_OF_SCATTER, node.string("reduction", "none")) ? undefined : "its reduction is not known here"),
  fold(node, inputs) {
    const [x, indices, updates] = [input(node, inputs, 0), input(node, inputs, 1), input(node, inputs, 2)];
    const depth = depthOf(node, x, indices, 0);
    const shape = [...indices.shape.slice(0, -1), ...x.shape.slice(depth)];
    if (!sameShape(shape, updates.shape))
      throw new FormatError(`onnx: ${node.label}: expected updates of ${listedIn(shape)}, got ${listedIn(updates.shape)}`);
    const join = REDUCTIONS_OF_SCATTER[node.string("reduction", "none")] as (old: number, value: number) => number;
    const data = x.data.slice();
    const width = sizeOf(x.shape.slice(depth));
    if (updates.data.length === 0) return [x];
    for (let i = 0; i * width < updates.data.length; i++) {
      const to = partAt(node, x.shape, 0, indices.data.subarray(i * depth, (i + 1) * depth));
      for (let k = 0; k < width; k++) data[to + k] = join(data[to + k] as number, updates.data[i * width + k] as number);
    }
    return [{ ...x, data }];
  },
};

const ONE_HOT: OnnxOperator = {
  attributes: ["axis"],
  fold(node, inputs) {
    const [indices, depths, values] = [input(node, inputs, 0), input(node, inputs, 1), input(node, inputs, 2)];
    const depth = Math.trunc(depths.data[0] ?? 0);
    const rank = indices.shape.length;
    const axis = axisOf(node, node.int("axis", -1), rank + 1);
    if (values.data.length !== 2) throw new FormatError(`onnx: ${node.label}: expected two values, got ${values.data.length}`);
    const shape = boundedShape(node, [...indices.shape.slice(0, axis), depth, ...indices.shape.slice(axis)]);
    const [off, on] = values.data as unknown as [number, number];
    const data = arrayFor(values.type, sizeOf(shape)).fill(off);
    const inner = sizeOf(indices.shape.slice(axis));
    for (const [i, index] of indices.data.entries()) {
      const own = index < 0 ? index + depth : index;
      if (Number.isInteger(own) && own >= 0 && own < depth) data[(Math.floor(i / inner) * depth + own) * inner + (i % inner)] = on;
    }
    return [{ type: values.type, shape, data }];
  },
  build(build, node, inputs) {
    build.constant(input(node, inputs, 1), "a depth");
    return undefined;
  },
};

/** Of what is known alone: how many there are is the shape of the result. */
const NON_ZERO: OnnxOperator = {
  attributes: [],
  fold(node, inputs) {
    const x = input(node, inputs, 0);
    const [strides, rank] = [stridesOf(x.shape), x.shape.length];
    const places = Array.from(x.data.keys()).filter((i) => x.data[i] !== 0);
    const data = arrayFor("int64", rank * places.length);
    for (let d = 0; d < rank; d++)
      for (const [k, i] of places.entries()) data[d * places.length + k] = Math.floor(i / (strides[d] as number)) % (x.shape[d] as number);
    return [{ type: "int64", shape: [rank, places.length], data }];
  },
  build(build, node, inputs) {
    const constant = build.constant(input(node, inputs, 0), "numbers");
    return NON_ZERO.fold?.(node, [constant], build.opset).map(known);
  },
};

export const INDICES: OnnxOperators = { GatherND: GATHER_ND, ScatterND: SCATTER_ND, OneHot: ONE_HOT, NonZero: NON_ZERO };
