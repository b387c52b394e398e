/** Operators of ONNX that ask for shapes, or give the same elements another. */

import { sizeOf } from "../../checks.js";
import { FormatError } from "../../errors.js";
import { concat, permute, reshape } from "../../ops/move.js";
import { byElement } from "../by-element.js";
import { arrayFor, type Constant, constantOf, integersOf } from "../constant.js";
import { dtypeOf, ELEMENT_TYPES, type ElementType, isComputed, isFloat, isNarrow, wrapped } from "../element-types.js";
import { elementwise } from "../fold/elementwise.js";
import { read, stridesOf } from "../fold/regions.js";
import type { OnnxNode } from "../node.js";
import type { OnnxOperator, OnnxOperators, Value } from "../operator.js";
import { shown } from "../values.js";
import { axesOf, axisOf, boundedShape, input, listed, result } from "./common.js";

/** The same elements in another shape, which the node tells from the old one and from lists that are known. */
function reshaping(
  attributes: readonly string[],
  shapeOf: (node: OnnxNode, shape: readonly number[], list: readonly number[] | undefined) => readonly number[],
  list?: { readonly attribute: string; readonly place: number },
): OnnxOperator {
  return {
    attributes,
    fold(node, inputs) {
      const x = input(node, inputs, 0);
      const given = list && inputs[list.place];
      const shape = shapeOf(node, x.shape, given ? [...given.data] : list && node.ints(list.attribute));
      return [{ ...x, shape }];
    },
    build(build, node, inputs) {
      const x = input(node, inputs, 0);
      const shape = shapeOf(node, x.shape, list && listed(build, node, inputs, list));
      return [result(build, reshape(build.tensor(x), shape.length === 0 ? [1] : shape), x.type, shape)];
    },
  };
}

const SHAPE: OnnxOperator = {
  attributes: ["start", "end"],
  build(_, node, inputs) {
    const { shape } = input(node, inputs, 0);
    const constant = integersOf(shape.slice(node.int("start", 0), node.int("end") ?? shape.length));
    return [{ ...constant, constant }];
  },
};

const SIZE: OnnxOperator = {
  attributes: [],
  build(_, node, inputs) {
    const constant = constantOf("int64", [], [sizeOf(input(node, inputs, 0).shape)]);
    return [{ ...constant, constant }];
  },
};

const CONSTANT: OnnxOperator = {
  attributes: ["value", "value_float", "value_floats", "value_int", "value_ints"],
  fold(node) {
    const value = node.tensor("value");
    if (value) return [value];
    const [float, int] = [node.float("value_float"), node.int("value_int")];
    if (float !== undefined) return [constantOf("float32", [], [float])];
    if (int !== undefined) return [constantOf("int64", [], [int])];
    const [floats, ints] = [node.floats("value_floats"), node.ints("value_ints")];
    if (floats) return [constantOf("float32", [floats.length], floats)];
    return [integersOf(ints ?? [])];
  },
};

const IDENTITY: OnnxOperator = {
  attributes: [],
  fold: (node, inputs) => [input(node, inputs, 0)],
  build: (_, node, inputs) => [input(node, inputs, 0)],
};

/** What a number becomes. Of a real number beyond 32 bits nothing is said: it is the nearest integer there is. */
function castTo(to: ElementType, from: ElementType): (x: number) => number {
  if (to === "bool") return (x) => Number(x !== 0);
  if (isFloat(to)) return (x) => x;
  const wraps = isNarrow(to) || !isFloat(from);
  return (x) => {
    const whole = Math.trunc(x) || 0; // NaN is none
    return wraps ? wrapped(to, whole) : whole;
  };
}

const CAST: OnnxOperator = {
  attributes: ["to", "saturate"],
  check(node) {
    const to = ELEMENT_TYPES[node.int("to", 0)] ?? "undefined";
    return isComputed(to) ? undefined : `it casts to ${to}`;
  },
  fold(node, inputs) {
    const to = ELEMENT_TYPES[node.int("to", 0)] as "float32";
    const x = input(node, inputs, 0);
    return [elementwise([x], to, castTo(to, x.type) as (...values: number[]) => number)];
  },
  build(build, node, inputs) {
    const x = input(node, inputs, 0);
    const to = ELEMENT_TYPES[node.int("to", 0)] as "float32";
    const isSame = dtypeOf(to) === dtypeOf(x.type) && (to === x.type || !((to as string) === "bool" || isNarrow(to)));
    if (isSame) return [{ ...x, type: to, ...(x.constant && { constant: { ...x.constant, type: to } }) }];
    return [byElement(build, x, to, castTo(to, x.type))];
  },
};

const CONSTANT_OF_SHAPE: OnnxOperator = {
  attributes: ["value"],
  fold(node, inputs) {
    const shape = boundedShape(node, [...input(node, inputs, 0).data]);
    const { type, data } = node.tensor("value") ?? constantOf("float32", [1], [0]);
    return [{ type, shape, data: arrayFor(type, sizeOf(shape)).fill(data[0] as number) }];
  },
  build(build, node, inputs) {
    const shape = build.constant(input(node, inputs, 0), "a shape");
    const [constant] = CONSTANT_OF_SHAPE.fold?.(node, [shape], build.opset) ?? [];
    return constant && [{ ...constant, constant }];
  },
};

/** @throws {FormatError} */
function asked(node: OnnxNode, shape: readonly number[], list: readonly number[] | undefined): number[] {
  const keepsZero = node.int("allowzero", 0) === 1;
  const sizes = (list ?? []).map((size, d) => (size === 0 && !keepsZero ? (shape[d] ?? -2) : size));
  const known = sizes.reduce((product, size) => (size === -1 ? product : product * size), 1);
  const size = sizeOf(shape);
  const full = sizes.map((each) => (each === -1 ? size / known : each));
  const isWhole = full.every((each) => Number.isInteger(each) && each >= 0) && sizes.filter((each) => each === -1).length <= 1;
  if (isWhole && sizeOf(full) === size) return size === 0 ? boundedShape(node, full) : full;
  throw new FormatError(
    `onnx: ${node.label}: expected a shape of ${size} elements, got [${(list ?? []).join(", ")}] of [${shape.join(", ")}]`,
  );
}

const TRANSPOSE: OnnxOperator = {
  attributes: ["perm"],
  fold(node, inputs) {
    const x = input(node, inputs, 0);
    const perm = permOf(node, x.shape);
    const strides = stridesOf(x.shape);
    return [
      read(
        x,
        perm.map((d) => x.shape[d] as number),
        perm.map((d) => strides[d] as number),
      ),
    ];
  },
  build(build, node, inputs) {
    const x = input(node, inputs, 0);
    const perm = permOf(node, x.shape);
    const shape = perm.map((d) => x.shape[d] as number);
    return [result(build, x.shape.length < 2 ? build.tensor(x) : permute(build.tensor(x), perm), x.type, shape)];
  },
};

function permOf(node: OnnxNode, shape: readonly number[]): readonly number[] {
  const perm = node.ints("perm") ?? shape.map((_, d) => shape.length - 1 - d);
  if (perm.length !== shape.length)
    throw new FormatError(`onnx: ${node.label}: expected an order of ${shape.length} axes, got [${perm.join(", ")}]`);
  return axesOf(node, perm, shape.length);
}

/** All that are joined, and where. @throws {FormatError} when they differ along another axis */
function joinedOf<Each extends Value | Constant>(node: OnnxNode, inputs: readonly (Each | undefined)[]): { all: Each[]; axis: number } {
  const all = inputs.map((_, i) => input(node, inputs, i));
  const first = input(node, inputs, 0);
  const axis = axisOf(node, node.int("axis", 0), first.shape.length);
  for (const { shape, type } of all) {
    const fits = shape.length === first.shape.length && shape.every((size, d) => d === axis || size === first.shape[d]);
    if (!fits || type !== first.type)
      throw new FormatError(`onnx: ${node.label}: expected ${shown(first)} but for axis ${axis}, got ${shown({ shape, type })}`);
  }
  return { all, axis };
}

const CONCAT: OnnxOperator = {
  attributes: ["axis"],
  fold(node, inputs) {
    const { all, axis } = joinedOf(node, inputs);
    const [first] = all as [Constant];
    const shape = first.shape.map((size, d) => (d === axis ? all.reduce((sum, each) => sum + (each.shape[axis] as number), 0) : size));
    const data = arrayFor(first.type, sizeOf(shape));
    if (data.length === 0) return [{ type: first.type, shape, data }];
    const [outer, inner] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
    let at = 0;
    for (let o = 0; o < outer; o++)
      for (const each of all) {
        const width = (each.shape[axis] as number) * inner;
        data.set(each.data.subarray(o * width, (o + 1) * width), at);
        at += width;
      }
    return [{ type: first.type, shape, data }];
  },
  build(build, node, inputs) {
    const { all: given, axis } = joinedOf(node, inputs);
    const all = given.filter(({ shape }) => sizeOf(shape) > 0);
    const [first] = all;
    if (!first) return undefined;
    const tensor =
      all.length === 1
        ? build.tensor(first)
        : concat(
            all.map((each) => build.tensor(each)),
            axis,
          );
    return [result(build, tensor, first.type, tensor.shape)];
  },
};

export const SHAPES: OnnxOperators = {
  Shape: SHAPE,
  Size: SIZE,
  Constant: CONSTANT,
  Identity: IDENTITY,
  Cast: CAST,
  ConstantOfShape: CONSTANT_OF_SHAPE,
  Reshape: reshaping(["allowzero", "shape"], asked, { attribute: "shape", place: 1 }),
  Flatten: reshaping(["axis"], (node, shape) => {
    const axis = node.int("axis", 1);
    const own = axis === shape.length ? axis : axisOf(node, axis, shape.length);
    return [sizeOf(shape.slice(0, own)), sizeOf(shape.slice(own))];
  }),
  Squeeze: reshaping(
    ["axes"],
    (node, shape, axes) => {
      const own = axes && axesOf(node, axes, shape.length);
      return shape.filter((size, d) => (own ? !own.includes(d) : size !== 1));
    },
    { attribute: "axes", place: 1 },
  ),
  Unsqueeze: reshaping(
    ["axes"],
    (node, shape, axes = []) => {
      const own = axesOf(node, axes, shape.length + axes.length);
      const rest = [...shape];
      return Array.from({ length: shape.length + axes.length }, (_, d) => (own.includes(d) ? 1 : (rest.shift() as number)));
    },
    { attribute: "axes", place: 1 },
  ),
  Transpose: TRANSPOSE,
  Concat: CONCAT,
};
