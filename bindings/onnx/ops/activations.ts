/** Operators of ONNX of one tensor, with attributes, element by element. */
import { clip } from "../../ops/clip.js";
import { isFloat } from "../element-types.js";
import { elementwise } from "../fold/elementwise.js";
import type { OnnxNode } from "../node.js";
import type { OnnxOperator, OnnxOperators, Value } from "../operator.js";
import { input, result } from "./common.js";

/** @param make the function, with the attributes of a node */
function activation(attributes: readonly string[], make: (node: OnnxNode) => (x: number) => number): OnnxOperator {
  return {
    attributes,
    fold(node, inputs) {
      const x = input(node, inputs, 0);
      return [elementwise([x], x.type, make(node) as (...values: number[]) => number)];
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

const selu = { alpha: 1.6732632423543772, gamma: 1.0507009873554805 };

export const ACTIVATIONS: OnnxOperators = {
  Clip: CLIP,
  LeakyRelu: activation(["alpha"], (node) => (x) => (x < 0 ? node.float("alpha", 0.01) * x : x)),
  Elu: activation(["alpha"], (node) => (x) => (x < 0 ? node.float("alpha", 1) * Math.expm1(x) : x)),
  Celu: activation(["alpha"], (node) => {
    const alpha = node.float("alpha", 1);
    return (x) => Math.max(x, 0) + Math.min(0, alpha * Math.expm1(x / alpha));
  }),
  Selu: activation(["alpha", "gamma"], (node) => {
    const [alpha, gamma] = [node.float("alpha", selu.alpha), node.float("gamma", selu.gamma)];
    return (x) => (x > 0 ? gamma * x : gamma * alpha * Math.expm1(x));
  }),
  ThresholdedRelu: activation(["alpha"], (node) => (x) => (x > node.float("alpha", 1) ? x : 0)),
  HardSigmoid: activation(["alpha", "beta"], (node) => {
    const [alpha, beta] = [node.float("alpha", 0.2), node.float("beta", 0.5)];
    return (x) => Math.max(0, Math.min(1, alpha * x + beta));
  }),
  HardSwish: activation([], () => (x) => x * Math.max(0, Math.min(1, x / 6 + 0.5))),
  Softsign: activation([], () => (x) => x / (1 + Math.abs(x))),
  Sign: activation([], () => Math.sign),
  Round: activation([], () => round),
  Floor: activation([], () => Math.floor),
  Ceil: activation([], () => Math.ceil),
  Reciprocal: activation([], () => (x) => 1 / x),
  Erf: activation([], () => erf),
  Sin: activation([], () => Math.sin),
  Cos: activation([], () => Math.cos),
  Tan: activation([], () => Math.tan),
  Asin: activation([], () => Math.asin),
  Acos: activation([], () => Math.acos),
  Atan: activation([], () => Math.atan),
  Sinh: activation([], () => Math.sinh),
  Cosh: activation([], () => Math.cosh),
  Asinh: activation([], () => Math.asinh),
  Acosh: activation([], () => Math.acosh),
  Atanh: activation([], () => Math.atanh),
};
