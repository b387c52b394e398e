/** Operators of ONNX of one tensor, with attributes, element by element. */
import { add, div, mul, sub } from "../../ops/binary.js";
import { clip } from "../../ops/clip.js";
import { greater, less } from "../../ops/compare.js";
import { abs, tanh } from "../../ops/unary.js";
import { where } from "../../ops/where.js";
import type { Tensor } from "../../tensor.js";
import { byElement } from "../by-element.js";
import { isFloat } from "../element-types.js";
import { broadcast, elementwise } from "../fold/elementwise.js";
import type { OnnxNode } from "../node.js";
import type { OnnxOperator, OnnxOperators, Value } from "../operator.js";
import { input, result } from "./common.js";

/** @param make the function, with the attributes of a node @param kernels the same of a tensor of real numbers */
function activation(
  attributes: readonly string[],
  make: (node: OnnxNode) => (x: number) => number,
  kernels?: (x: Tensor, node: OnnxNode) => Tensor,
): OnnxOperator {
  return {
    attributes,
    fold(node, inputs) {
      const x = input(node, inputs, 0);
      return [elementwise([x], x.type, make(node) as (...values: number[]) => number)];
    },
    build(build, node, inputs) {
      const x = input(node, inputs, 0);
      if (!kernels || !isFloat(x.type)) return [byElement(build, x, x.type, make(node))];
      return [result(build, kernels(build.tensor(x), node), x.type, x.shape)];
    },
  };
}

const CLIP: OnnxOperator = {
  attributes: ["min", "max"],
  fold(node, inputs) {
    const x = input(node, inputs, 0);
    const low = inputs[1]?.data[0] ?? node.float("min", Number.NEGATIVE_INFINITY);
    const high = inputs[2]?.data[0] ?? node.float("max", Number.POSITIVE_INFINITY);
    return [elementwise([x], x.type, (value) => Math.min(Math.max(value as number, low), high))];
  },
  build(build, node, inputs) {
    const x = input(node, inputs, 0);
    const known = (value: Value | undefined) => (value ? build.constantIf(value)?.data[0] : Number.NaN);
    if (known(inputs[1]) === undefined || known(inputs[2]) === undefined) return undefined;
    const bound = (i: number, name: string) => (inputs[i] ? known(inputs[i]) : node.float(name));
    const [low, high] = [bound(1, "min") ?? Number.NEGATIVE_INFINITY, bound(2, "max") ?? Number.POSITIVE_INFINITY];
    return isFloat(x.type) && low <= high ? [result(build, clip(build.tensor(x), low, high), x.type, x.shape)] : undefined;
  },
};

const P_RELU: OnnxOperator = {
  attributes: [],
  fold(node, inputs) {
    const [x, slope] = [input(node, inputs, 0), input(node, inputs, 1)];
    return [elementwise([x, slope], x.type, ((value: number, s: number) => (value < 0 ? s * value : value)) as typeof Math.max)];
  },
  build(build, node, inputs) {
    const [x, slope] = [input(node, inputs, 0), input(node, inputs, 1)];
    if (!isFloat(x.type)) return undefined;
    const tensor = build.tensor(x);
    return [result(build, leaky(tensor, build.tensor(slope)), x.type, broadcast([x.shape, slope.shape]))];
  },
};

const leaky = (x: Tensor, slope: Tensor | number): Tensor => where(less(x, 0), mul(x, slope), x);

/** e^x − 1 of x up to 0, to all digits near 0: 2t/(1 − t), t = tanh(x/2), which takes away nothing. */
function expm1(x: Tensor): Tensor {
  const t = tanh(mul(x, 0.5));
  return div(mul(t, 2), sub(1, t));
}

/** Half to even. */
function round(x: number): number {
  const near = Math.round(x);
  return Math.abs(x % 1) === 0.5 && near % 2 !== 0 ? near - 1 : near;
}

/** Abramowitz and Stegun 7.1.5, by its series near 0 and its continued fraction (7.1.14) beyond: to the last digits of f32. */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (Number.isNaN(x) || a > 6) return Number.isNaN(x) ? x : Math.sign(x);
  if (a < 2.5) {
    let [sum, term] = [a, a];
    for (let n = 1; Math.abs(term) > 1e-17 * sum; n++) {
      term *= (-a * a) / n;
      sum += term / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (a + fraction);
  return Math.sign(x) * (1 - Math.exp(-a * a) / (Math.sqrt(Math.PI) * (a + fraction)));
}

const alphaOf = (otherwise: number) => (node: OnnxNode) => node.float("alpha", otherwise);
const [leak, elu, celu, threshold, slope] = [alphaOf(0.01), alphaOf(1), alphaOf(1), alphaOf(1), alphaOf(0.2)];
const selu = alphaOf(1.6732632423543772);
const gamma = (node: OnnxNode) => node.float("gamma", 1.0507009873554805);
const beta = (node: OnnxNode) => node.float("beta", 0.5);

const bent = (x: number, alpha: number) => (x < 0 ? alpha * Math.expm1(x) : x);
const bentBy = (x: Tensor, alpha: number) => where(less(x, 0), mul(expm1(x), alpha), x);

const hard = (x: number, alpha: number, beta: number) => Math.max(0, Math.min(1, alpha * x + beta));
const hardBy = (x: Tensor, alpha: number, beta: number) => clip(add(mul(x, alpha), beta), 0, 1);

const of = (f: (x: number) => number): OnnxOperator => activation([], () => f);

export const ACTIVATIONS: OnnxOperators = {
  Clip: CLIP,
  PRelu: P_RELU,
  LeakyRelu: activation(
    ["alpha"],
    (node) => (x) => (x < 0 ? leak(node) * x : x),
    (x, node) => leaky(x, leak(node)),
  ),
  Elu: activation(
    ["alpha"],
    (node) => (x) => bent(x, elu(node)),
    (x, node) => bentBy(x, elu(node)),
  ),
  Selu: activation(
    ["alpha", "gamma"],
    (node) => (x) => gamma(node) * bent(x, selu(node)),
    (x, node) => mul(bentBy(x, selu(node)), gamma(node)),
  ),
  Celu: {
    ...activation(
      ["alpha"],
      (node) => (x) => (x < 0 ? celu(node) * Math.expm1(x / celu(node)) : x),
      (x, node) => where(less(x, 0), mul(expm1(mul(x, 1 / celu(node))), celu(node)), x),
    ),
    check: (node) => (celu(node) > 0 ? undefined : `its alpha is ${celu(node)}`),
  },
  ThresholdedRelu: activation(
    ["alpha"],
    (node) => (x) => (x > threshold(node) ? x : 0),
    (x, node) => where(greater(x, threshold(node)), x, 0),
  ),
  HardSigmoid: activation(
    ["alpha", "beta"],
    (node) => (x) => hard(x, slope(node), beta(node)),
    (x, node) => hardBy(x, slope(node), beta(node)),
  ),
  HardSwish: activation(
    [],
    () => (x) => x * hard(x, 1 / 6, 0.5),
    (x) => mul(x, hardBy(x, 1 / 6, 0.5)),
  ),
  Softsign: activation(
    [],
    () => (x) => x / (1 + Math.abs(x)),
    (x) => div(x, add(abs(x), 1)),
  ),
  Reciprocal: activation(
    [],
    () => (x) => 1 / x,
    (x) => div(1, x),
  ),
  ...{ Sign: of(Math.sign), Round: of(round), Floor: of(Math.floor), Ceil: of(Math.ceil), Erf: of(erf) },
  ...{ Sin: of(Math.sin), Cos: of(Math.cos), Tan: of(Math.tan), Asin: of(Math.asin), Acos: of(Math.acos), Atan: of(Math.atan) },
  ...{ Sinh: of(Math.sinh), Cosh: of(Math.cosh), Asinh: of(Math.asinh), Acosh: of(Math.acosh), Atanh: of(Math.atanh) },
};
