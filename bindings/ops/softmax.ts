/** Softmax, its logarithm, and log Σ exp over axes. */
import { checkOptions } from "../checks.js";
import type { Tensor } from "../tensor.js";
import { type AxesOptions, alongAxis, overAxes, sizesOf, type Walk } from "./axes.js";
import type { Operand } from "./operands.js";
import { apply, define, floatsOf, type Operator } from "./operator.js";
import { gradientOfX } from "./single.js";

/** As the kernel numbers them. */
const SOFTMAX_KIND = 0;
const LOG_SOFTMAX_KIND = 1;
const LOG_SUM_EXP_KIND = 2;

function normalising(name: string, kind: typeof SOFTMAX_KIND | typeof LOG_SOFTMAX_KIND): Operator<Walk> {
  return define<Walk>({
    name,
    infer: ([x], { shape }) => ({ shape, dtype: floatsOf([x as Tensor]), batchFirst: (x as Tensor).batchFirst }),
    forward({ kernels, inputs: [x], output, attributes }) {
      kernels.opSoftmax({ y: output.pointer(), z: (x as Tensor).pointer(), ...sizesOf(attributes), kind });
    },
    backward(call, gradients) {
      const { kernels, output, attributes } = call;
      const isLog = kind; // 0 or 1
      gradientOfX(call, gradients, (dz, dy) => kernels.opSoftmaxBackward({ dz, dy, y: output.pointer(), ...sizesOf(attributes), isLog }));
    },
    reads: "output",
  });
}

const SOFTMAX = normalising("softmax", SOFTMAX_KIND);
const LOG_SOFTMAX = normalising("logSoftmax", LOG_SOFTMAX_KIND);

const LOG_SUM_EXP = define<Walk>({
  name: "logSumExp",
  infer: ([x], { shape, batchFirst }) => ({ shape, dtype: floatsOf([x as Tensor]), batchFirst }),
  forward({ kernels, inputs: [x], output, attributes }) {
    kernels.opSoftmax({ y: output.pointer(), z: (x as Tensor).pointer(), ...sizesOf(attributes), kind: LOG_SUM_EXP_KIND });
  },
  backward(call, gradients) {
    const { kernels, inputs, output, attributes } = call;
    gradientOfX(call, gradients, (dz, ds) => {
      kernels.opLogSumExpBackward({ dz, ds, s: output.pointer(), z: (inputs[0] as Tensor).pointer(), ...sizesOf(attributes) });
    });
  },
  reads: "both",
});

/**
 * exp x over its sum along an axis. NaN where one is NaN or +∞, or where all are −∞, as in PyTorch; a −∞ beside others gives 0.
 *
 * @param axis the last by default; a negative one counts from the end
 * @throws {ArgumentError} when the axis is out of range @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const weights = frame.run(() => softmax(scores)); // [N, T, T], rows that sum to 1
 * Source: torch.softmax.
 */
export function softmax(x: Operand, axis = -1): Tensor {
  return apply(SOFTMAX, [x], alongAxis("softmax", x, axis));
}

/**
 * The logarithm of softmax, without its underflow: a probability near 1 keeps its digits. Special values as those of softmax.
 *
 * @param axis the last by default; a negative one counts from the end
 * @throws {ArgumentError} when the axis is out of range @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const logs = frame.run(() => logSoftmax(logits));
 * Source: torch.log_softmax.
 */
export function logSoftmax(x: Operand, axis = -1): Tensor {
  return apply(LOG_SOFTMAX, [x], alongAxis("logSoftmax", x, axis));
}

/**
 * log Σ exp x over axes, without overflow. −∞ where all are; there the gradient is NaN, as that of PyTorch 1.13. Axes that do not lie together: of
 * what `permute` makes of x.
 *
 * @throws {ArgumentError} when an axis is out of range or named twice @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const evidence = frame.run(() => logSumExp(scores, { axes: -1 }));
 * Source: torch.logsumexp.
 */
export function logSumExp(x: Operand, options: AxesOptions = {}): Tensor {
  const found = overAxes("logSumExp", x, checkOptions(options, ["axes", "keepDims"]));
  return apply(LOG_SUM_EXP, [found.x], found.walk);
}
