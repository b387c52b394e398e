/** What a Keras layer does beside our layers, by operators: a table that plans name. */
import { rowsOf } from "../cells/scan/operators.js";
import { add, maximum, minimum, mul, sub } from "../ops/binary.js";
import { conv2d } from "../ops/conv2d.js";
import { concat, expand, flip, pad, permute, reshape, split, squeeze, unsqueeze } from "../ops/move.js";
import type { Operand } from "../ops/operands.js";
import { avgPool2d, maxPool2d } from "../ops/pool2d.js";
import { softmax } from "../ops/softmax.js";
import type { Tensor } from "../tensor.js";
import { type ActivationPlan, activate } from "./activations.js";
import type { PlanOptions } from "./plan.js";

/** An operation of a plan. */
export interface Operation {
  run(inputs: readonly Tensor[], options: PlanOptions, uses: readonly Operand[]): Tensor;
  /** Whether each step goes by itself, so that padding behind the last step of a sequence reaches none of its steps. */
  readonly stepwise?: (options: PlanOptions) => boolean;
}

const always = () => true;

type Merge = (a: Tensor, b: Tensor) => Tensor;

const folded = (merge: Merge): Operation => ({ run: (inputs) => inputs.reduce(merge), stepwise: always });

/** Both directions as one. Keras: `merge_mode`. */
const MERGES: Readonly<Record<string, Merge>> = {
  concat: (a, b) => concat([a, b], -1),
  sum: (a, b) => add(a, b),
  mul: (a, b) => mul(a, b),
  ave: (a, b) => mul(add(a, b), 0.5),
};

/** Names of merge modes. */
export const MERGE_MODES = Object.keys(MERGES);

const merge = ({ mode }: PlanOptions): Merge => MERGES[mode as string] as Merge;

/** Zeros before and after the steps, so that there are ceil(T/stride) places ("same"), or that none sees what comes later ("causal"). */
function padding(T: number, { kind, size, stride, dilation }: PlanOptions): [number, number] {
  const window = ((size as number) - 1) * (dilation as number) + 1;
  if (kind === "causal") return [window - 1, 0];
  if (kind !== "same") return [0, 0];
  const all = Math.max(0, (Math.ceil(T / (stride as number)) - 1) * (stride as number) + window - T);
  return [all >> 1, all - (all >> 1)];
}

/** [N, T, C] as pictures of one row, [N, C, 1, T]. */
const asPictures = (x: Tensor) => unsqueeze(permute(x, [0, 2, 1]), 2);
const asSteps = (x: Tensor) => permute(squeeze(x, 2), [0, 2, 1]);

function conv1d([x]: readonly Tensor[], options: PlanOptions, [weight, bias]: readonly Operand[]): Tensor {
  const steps = x as Tensor;
  const zeros = padding(steps.shape[1] as number, options);
  const padded = zeros[0] + zeros[1] > 0 ? pad(steps, [[0, 0], zeros, [0, 0]]) : steps;
  const { stride, dilation } = options as Record<string, number>;
  return asSteps(conv2d(asPictures(padded), weight as Operand, bias, { stride: [1, stride as number], dilation: [1, dilation as number] }));
}

function pool1d([x]: readonly Tensor[], { average, size, stride }: PlanOptions): Tensor {
  const options = { kernelSize: [1, size as number] as const, stride: [1, stride as number] as const };
  return asSteps((average ? avgPool2d : maxPool2d)(asPictures(x as Tensor), options));
}

/** Negative sizes: what is left, as in Keras. */
function reshaped(x: Tensor, target: readonly number[]): Tensor {
  return reshape(x, [x.shape[0] as number, ...target]);
}

/** By name. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  activation: { run: ([x], options) => activate(x as Tensor, options as unknown as ActivationPlan), stepwise: always },
  add: folded(add),
  multiply: folded(mul),
  subtract: folded(sub),
  maximum: folded(maximum),
  minimum: folded(minimum),
  average: {
    run: (inputs) =>
      mul(
        inputs.reduce((a, b) => add(a, b)),
        1 / inputs.length,
      ),
    stepwise: always,
  },
  concat: { run: (inputs, { axis }) => concat(inputs, axis as number), stepwise: ({ axis }) => axis === -1 },
  scale: { run: ([x], _, [scale, shift]) => add(mul(x as Tensor, scale as Operand), shift as Operand), stepwise: always },
  softmax: { run: ([x], { axis }) => softmax(x as Tensor, axis as number) },
  /** Time from its end. */
  reverse: { run: ([x]) => flip(x as Tensor, [1]) },
  /** [N, T, 2H] of both directions, as the mode says. */
  merge: {
    run: ([x], options) => merge(options)(...(split(x as Tensor, 2, -1) as [Tensor, Tensor])),
    stepwise: always,
  },
  /** Final h of both directions, [2, N, H], as the mode says. */
  ends: {
    run: ([h], options) => merge(options)(...(split(h as Tensor, 2, 0).map((part) => squeeze(part, 0)) as [Tensor, Tensor])),
    stepwise: always,
  },
  flatten: { run: ([x]) => reshaped(x as Tensor, [-1]) },
  reshape: { run: ([x], { target }) => reshaped(x as Tensor, target as number[]) },
  permute: { run: ([x], { axes }) => permute(x as Tensor, axes as number[]) },
  /** [N, F] at every one of so many steps, [N, n, F]. */
  repeat: {
    run([x], { n }) {
      const [N, F] = (x as Tensor).shape as [number, number];
      return expand(unsqueeze(x as Tensor, 1), [N, n as number, F]);
    },
  },
  conv1d: { run: conv1d },
  pool1d: { run: pool1d },
};

/** The same tensor, said to be [N, T, …]. */
export function batchFirst(x: Tensor): Tensor {
  return x.batchFirst === undefined ? rowsOf(x, { shape: x.shape, batchFirst: true }) : x;
}
