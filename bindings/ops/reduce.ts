/** Sums, means, variances and maxima over axes. */
import { checkOptions, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import type { Tensor } from "../tensor.js";
import { type AxesOptions, overAxes, overAxis, sizesOf, type Walk } from "./axes.js";
import type { Operand } from "./operands.js";
import { apply, define, floatsOf, type Operator } from "./operator.js";
import { gradientOfX } from "./single.js";

/** Options of variance. */
export interface VarianceOptions extends AxesOptions {
  /** The variance is the sum of squares over R − correction. Default: 1, as in PyTorch. */
  correction?: 0 | 1;
}

/** Options of argMax. */
export interface ArgMaxOptions {
  /** Keeps the axis, with size 1. Default: false; where no axis is left, the shape is [1]. */
  keepDims?: boolean;
}

type Spread = Walk & { readonly correction: number };

const inferred = ([x]: readonly Tensor[], { shape, batchFirst }: Walk) => ({ shape, dtype: floatsOf([x as Tensor]), batchFirst });

function summing(name: string, divisorOf: (walk: Walk) => number): Operator<Walk> {
  return define<Walk>({
    name,
    infer: inferred,
    forward({ kernels, inputs: [x], output, attributes: walk }) {
      kernels.opSum({ y: output.pointer(), x: (x as Tensor).pointer(), ...sizesOf(walk), divisor: divisorOf(walk) });
    },
    again({ kernels: { opSum }, inputs: [x], output, attributes: walk }) {
      const args = { y: output.pointer(), x: (x as Tensor).pointer(), ...sizesOf(walk), divisor: divisorOf(walk) };
      return () => opSum(args);
    },
    backward(call, gradients) {
      const { kernels, attributes: walk } = call;
      gradientOfX(call, gradients, (dx, dy) => kernels.opSumBackward({ dx, dy, ...sizesOf(walk), divisor: divisorOf(walk) }));
    },
    reads: "none",
  });
}

const SUM = summing("sum", () => 1);
const MEAN = summing("mean", ({ R }) => R);

const VARIANCE = define<Spread>({
  name: "variance",
  infer: inferred,
  forward({ kernels, inputs: [x], output, attributes: walk, slots }) {
    const mean = slots.get("mean", 8 * output.size); // f64, also for f32
    kernels.opVariance({ y: output.pointer(), mean, x: (x as Tensor).pointer(), ...sizesOf(walk), correction: walk.correction });
  },
  backward(call, gradients) {
    const { kernels, inputs, output, attributes: walk, slots } = call;
    const mean = slots.get("mean", 8 * output.size);
    gradientOfX(call, gradients, (dx, dy) => {
      const x = (inputs[0] as Tensor).pointer();
      kernels.opVarianceBackward({ dx, dy, mean, x, ...sizesOf(walk), correction: walk.correction });
    });
  },
  reads: "inputs",
});

const MAX = define<Walk>({
  name: "max",
  infer: inferred,
  forward({ kernels, inputs: [x], output, attributes: walk }) {
    kernels.opMax({ y: output.pointer(), x: (x as Tensor).pointer(), ...sizesOf(walk) });
  },
  backward(call, gradients) {
    const { kernels, inputs, output, attributes: walk } = call;
    gradientOfX(call, gradients, (dx, dy) => {
      kernels.opMaxBackward({ dx, dy, y: output.pointer(), x: (inputs[0] as Tensor).pointer(), ...sizesOf(walk) });
    });
  },
  reads: "both",
});

const ARG_MAX = define<Walk>({
  name: "argMax",
  infer: ([x], { shape, batchFirst }) => {
    floatsOf([x as Tensor]);
    return { shape, dtype: "i32", batchFirst };
  },
  forward({ kernels, inputs: [x], output, attributes: walk }) {
    kernels.opArgMax({ places: output.pointer(), x: (x as Tensor).pointer(), ...sizesOf(walk) });
  },
  reads: "none",
});

function reduced(operator: Operator<Walk>, x: Operand, options: AxesOptions): Tensor {
  const found = overAxes(operator.name, x, checkOptions(options, ["axes", "keepDims"]));
  return apply(operator, [found.x], found.walk);
}

/**
 * The sum over axes. In f32 at most 32 elements are added up in f32, and those sums in f64. Axes that do not lie together: of what `permute` makes of x.
 *
 * @throws {ArgumentError} when an axis is out of range or named twice @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const rows = frame.run(() => sum(x, { axes: -1 })); // [N, H] to [N]
 * Source: torch.sum.
 */
export function sum(x: Operand, options: AxesOptions = {}): Tensor {
  return reduced(SUM, x, options);
}

/**
 * The mean over axes, of sums as those of `sum`.
 *
 * @throws {ArgumentError} when an axis is out of range or named twice @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const loss = frame.record(() => mean(x)); // [1]
 * Source: torch.mean.
 */
export function mean(x: Operand, options: AxesOptions = {}): Tensor {
  return reduced(MEAN, x, options);
}

/**
 * The greatest over axes; NaN where one is NaN. Its gradient is shared among equal ones, as that of torch.amax.
 *
 * @throws {ArgumentError} when an axis is out of range or named twice @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const peaks = frame.run(() => max(x, { axes: 0 })); // over time: [T, N, H] to [N, H]
 * Source: torch.amax.
 */
export function max(x: Operand, options: AxesOptions = {}): Tensor {
  return reduced(MAX, x, options);
}

/**
 * The variance over axes, in f64 also for f32: Σ (x − mean)² / (R − correction), R elements to one of the result. NaN where R is the correction.
 *
 * @param options.correction 1 by default, as in PyTorch: an estimate from a sample; 0: of all there are
 * @throws {ArgumentError} when an axis is out of range or named twice, or the correction is another
 * @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const spread = frame.run(() => variance(x, { axes: -1, keepDims: true, correction: 0 })); // [N, H] to [N, 1]
 * Source: torch.var.
 */
export function variance(x: Operand, options: VarianceOptions = {}): Tensor {
  const { correction = 1, ...rest } = checkOptions(options, ["axes", "keepDims", "correction"]);
  if (correction !== 0 && correction !== 1) throw new ArgumentError("correction", "0 or 1", show(correction));
  const found = overAxes("variance", x, rest);
  return apply(VARIANCE, [found.x], { ...found.walk, correction });
}

/**
 * Where the greatest of an axis is: i32, from 0; the first of equal ones, or the first NaN. No gradient goes through.
 *
 * @throws {ArgumentError} when the axis is out of range @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const classes = frame.run(() => argMax(logits)); // [N, C] to [N]
 * Source: torch.argmax.
 */
export function argMax(x: Operand, axis = -1, options: ArgMaxOptions = {}): Tensor {
  const { keepDims } = checkOptions(options, ["keepDims"]);
  return apply(ARG_MAX, [x], overAxis("argMax", x, axis, keepDims));
}
