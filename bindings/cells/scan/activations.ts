/** ONNX's activations of recurrent layers, with alpha and beta. */
import { checkList, checkNumber, checkOneOf } from "../../checks.js";
import { ArgumentError } from "../../errors.js";
import type { Layer } from "../../layers/layer.js";
import { add, div, minimum, mul, sub } from "../../ops/binary.js";
import { clip } from "../../ops/clip.js";
import { less } from "../../ops/compare.js";
import { abs, exp, relu, sigmoid, softplus, tanh } from "../../ops/unary.js";
import { where } from "../../ops/where.js";
import type { Tensor } from "../../tensor.js";
import type { ScanLayerOptions } from "./cell.js";

/** The activations that ONNX's RNN, GRU and LSTM know. */
export type ActivationName =
  | "Relu"
  | "Tanh"
  | "Sigmoid"
  | "Affine"
  | "LeakyRelu"
  | "ThresholdedRelu"
  | "ScaledTanh"
  | "HardSigmoid"
  | "Elu"
  | "Softsign"
  | "Softplus";

/** Options of ActivatedRNN, ActivatedLSTM and ActivatedGRU: attributes of ONNX's operators. */
export interface ActivationOptions extends ScanLayerOptions {
  /** The activations, in ONNX's order: f, g, h of an LSTM, f, g of a GRU, f of an RNN. Default: those of the plain layer. */
  activations?: readonly ActivationName[] | undefined;
  /**
   * Values of alpha, in the order of those activations that take one. Where they end, the default of ONNX's operator of the name holds: LeakyRelu 0.01,
   * ThresholdedRelu 1, HardSigmoid 0.2, Elu 1; ScaledTanh and Affine have none, and must be given theirs.
   */
  activationAlpha?: readonly number[] | undefined;
  /** The same for beta: HardSigmoid 0.5. */
  activationBeta?: readonly number[] | undefined;
}

/** @internal */
export type Activation = (x: Tensor) => Tensor;

interface Kind {
  /** Their defaults; null: one that must be given; absent: none is taken. */
  readonly alpha?: number | null;
  readonly beta?: number | null;
  of(x: Tensor, alpha: number, beta: number): Tensor;
}

const KINDS: Readonly<Record<ActivationName, Kind>> = {
  Relu: { of: relu },
  Tanh: { of: tanh },
  Sigmoid: { of: sigmoid },
  Affine: { alpha: null, beta: null, of: (x, alpha, beta) => add(mul(x, alpha), beta) },
  LeakyRelu: { alpha: 0.01, of: (x, alpha) => where(less(x, 0), mul(x, alpha), x) },
  ThresholdedRelu: { alpha: 1, of: (x, alpha) => where(less(x, alpha), 0, x) },
  ScaledTanh: { alpha: null, beta: null, of: (x, alpha, beta) => mul(tanh(mul(x, beta)), alpha) },
  HardSigmoid: { alpha: 0.2, beta: 0.5, of: (x, alpha, beta) => clip(add(mul(x, alpha), beta), 0, 1) },
  // exp of a large x, which is not chosen, would be ∞, and its gradient 0·∞.
  Elu: { alpha: 1, of: (x, alpha) => where(less(x, 0), mul(sub(exp(minimum(x, 0)), 1), alpha), x) },
  Softsign: { of: (x) => div(x, add(abs(x), 1)) },
  Softplus: { of: softplus },
};

/** @internal The names of the options. */
export const NAMES = ["activations", "activationAlpha", "activationBeta"] as const;

/**
 * @internal The activations as functions, and the options with lists of their own.
 * @param defaults of the plain layer @throws {ArgumentError} on a name it does not know, a value too many, or one that is missing
 */
export function checkActivations<Options extends ActivationOptions>(
  options: Options,
  defaults: readonly ActivationName[],
): [Activation[], Options] {
  const { activations = defaults, activationAlpha = [], activationBeta = [] } = options ?? {};
  const count = defaults.length;
  const names = checkList("activations", activations, count, `an array of ${count} names`) as ActivationName[];
  if (names.length !== count) throw new ArgumentError("activations", `an array of ${count} names`, `${names.length}`);
  const alphas = numbers("activationAlpha", activationAlpha, count);
  const betas = numbers("activationBeta", activationBeta, count);
  const lists = { activations: [...names], activationAlpha: [...alphas], activationBeta: [...betas] };
  const made = names.map((name, i): Activation => {
    const kind = KINDS[checkOneOf(`activations[${i}]`, name, Object.keys(KINDS) as ActivationName[])];
    const alpha = taken("activationAlpha", alphas, name, kind.alpha);
    const beta = taken("activationBeta", betas, name, kind.beta);
    return (x) => kind.of(x, alpha, beta);
  });
  for (const [argument, { length }] of Object.entries({ activationAlpha: alphas, activationBeta: betas }))
    if (length > 0) throw new ArgumentError(argument, "as many as the activations take", `${length} more`);
  return [made, options && { ...options, ...lists }];
}

/** @internal What `describe()` says of them: weights are for these. */
export function described(layer: Layer): { activations: string } {
  const { activations, activationAlpha, activationBeta } = layer.config().options as ActivationOptions;
  return { activations: JSON.stringify([activations, activationAlpha, activationBeta]) };
}

/** @internal The activations of such a layer, and every alpha and beta that they take, in their order. */
export function activationsOf(layer: Layer): { activations: readonly ActivationName[]; alpha: number[]; beta: number[] } {
  const { activations = [], activationAlpha = [], activationBeta = [] } = layer.config().options as ActivationOptions;
  const [alphas, betas] = [[...activationAlpha], [...activationBeta]];
  const all = (argument: string, values: number[], key: "alpha" | "beta") =>
    activations.filter((name) => KINDS[name][key] !== undefined).map((name) => taken(argument, values, name, KINDS[name][key]));
  return { activations, alpha: all("activationAlpha", alphas, "alpha"), beta: all("activationBeta", betas, "beta") };
}

/** The next value, where one is taken. */
function taken(argument: string, values: number[], name: string, standard: number | null | undefined): number {
  const value = standard === undefined ? 0 : (values.shift() ?? standard);
  if (value === null) throw new ArgumentError(argument, `a value for ${name}`, "none");
  return value;
}

function numbers(argument: string, list: unknown, most: number): number[] {
  return checkList(argument, list, most, `an array of at most ${most} numbers`).map((value, i) => checkNumber(`${argument}[${i}]`, value));
}
