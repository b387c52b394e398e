/** Keras' activations by name: as operators, and as ONNX's for the recurrent layers that take those. */
import type { ActivationName } from "../cells/scan/activations.js";
import { add, div, minimum, mul, sub } from "../ops/binary.js";
import { clip } from "../ops/clip.js";
import { less } from "../ops/compare.js";
import { logSoftmax, softmax } from "../ops/softmax.js";
import { abs, exp, gelu, relu, sigmoid, silu, softplus, tanh } from "../ops/unary.js";
import { where } from "../ops/where.js";
import type { Tensor } from "../tensor.js";

/** An activation, with the numbers that it takes. */
export interface ActivationPlan {
  readonly name: string;
  /** Slope of hard_sigmoid or leaky_relu, scale of elu. */
  readonly alpha?: number;
  /** Where hard_sigmoid crosses 0. */
  readonly beta?: number;
}

// Klambauer et al., arXiv:1706.02515, (14)
const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

const elu = (x: Tensor, alpha: number) => where(less(x, 0), mul(sub(exp(minimum(x, 0)), 1), alpha), x); // exp of a large x would be ∞

const ACTIVATIONS: Readonly<Record<string, (x: Tensor, alpha: number, beta: number) => Tensor>> = {
  linear: (x) => x,
  tanh,
  sigmoid,
  relu,
  relu6: (x) => clip(x, 0, 6),
  leaky_relu: (x, alpha) => where(less(x, 0), mul(x, alpha), x),
  hard_sigmoid: (x, alpha, beta) => clip(add(mul(x, alpha), beta), 0, 1),
  softmax: (x) => softmax(x),
  log_softmax: (x) => logSoftmax(x),
  elu,
  selu: (x) => mul(elu(x, SELU_ALPHA), SELU_SCALE),
  softplus,
  softsign: (x) => div(x, add(abs(x), 1)),
  silu,
  mish: (x) => mul(x, tanh(softplus(x))),
  gelu: (x) => gelu(x),
  gelu_new: (x) => gelu(x, { approximate: "tanh" }),
  exponential: exp,
};

const OTHER_NAMES: Readonly<Record<string, string>> = { swish: "silu", hard_sigmoid_v2: "hard_sigmoid" };

/**
 * What a config says of an activation; none is linear.
 *
 * @param major of Keras' version: hard_sigmoid is clip(0.2·x + 0.5) in 2 and in TensorFlow.js, clip(x/6 + 0.5) from 3 on
 * @returns undefined for one that is not known
 */
export function readActivation(value: unknown, major: number): ActivationPlan | undefined {
  if (value === undefined || value === null) return { name: "linear" };
  if (typeof value !== "string") return undefined;
  const said = value.replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
  const name = Object.hasOwn(OTHER_NAMES, said) ? (OTHER_NAMES[said] as string) : said;
  if (!Object.hasOwn(ACTIVATIONS, name)) return undefined;
  if (name === "hard_sigmoid") return { name, alpha: major >= 3 ? 1 / 6 : 0.2, beta: 0.5 };
  if (name === "leaky_relu") return { name, alpha: 0.2 };
  return name === "elu" ? { name, alpha: 1 } : { name };
}

/** Its value. */
export function activate(x: Tensor, { name, alpha = 1, beta = 0 }: ActivationPlan): Tensor {
  return (ACTIVATIONS[name] as (typeof ACTIVATIONS)[string])(x, alpha, beta);
}

/** Whether it is one of these. */
export function isActivation(name: unknown): boolean {
  return typeof name === "string" && Object.hasOwn(ACTIVATIONS, name);
}

const RECURRENT: Readonly<Record<string, ActivationName>> = {
  tanh: "Tanh",
  sigmoid: "Sigmoid",
  relu: "Relu",
  hard_sigmoid: "HardSigmoid",
  leaky_relu: "LeakyRelu",
  linear: "Affine",
  elu: "Elu",
  softsign: "Softsign",
  softplus: "Softplus",
};

/** Options of an ActivatedLSTM and the like for these, in their order; undefined where one is not among ONNX's. */
export function recurrentOptions(plans: readonly ActivationPlan[]) {
  const names: (ActivationName | undefined)[] = plans.map(({ name }) => RECURRENT[name]);
  if (names.includes(undefined)) return undefined;
  const numbers = plans.map((plan) => (plan.name === "linear" ? { alpha: 1, beta: 0 } : plan));
  const given = (values: (number | undefined)[]) => values.filter((value) => value !== undefined);
  return {
    activations: names as ActivationName[],
    activationAlpha: given(numbers.map(({ alpha }) => alpha)),
    activationBeta: given(numbers.map(({ beta }) => beta)),
  };
}
