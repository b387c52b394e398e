/** Operators of one tensor, element by element. */
import { checkOneOf, checkOptions, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { bytesPer, type Tensor } from "../tensor.js";
import type { Operand } from "./operands.js";
import { apply, define, floatsOf, type Operator } from "./operator.js";

/** Options of gelu. */
export interface GeluOptions {
  /** "tanh": the approximation of Hendrycks & Gimpel. Default: "none", the normal distribution itself. */
  approximate?: "none" | "tanh";
}

/** Bounds of clip; the others have none. */
interface Bounds {
  readonly low: number;
  readonly high: number;
}

const NONE: Bounds = { low: 0, high: 0 };

/** @param op its number in assembly/ops/unary.ts @param from what its gradient is made of */
function unary(name: string, op: number, from: "inputs" | "output" | "none"): Operator<Bounds> {
  return define<Bounds>({
    name,
    infer: ([x]) => ({ shape: (x as Tensor).shape, dtype: floatsOf([x as Tensor]), batchFirst: (x as Tensor).batchFirst }),
    forward({ kernels, inputs: [x], output, attributes }) {
      kernels.opUnary({ op, y: output.pointer(), x: (x as Tensor).pointer(), n: output.size, ...attributes });
    },
    backward({ kernels, inputs: [x], output, attributes }, gradients) {
      if (!gradients.wants(x as Tensor)) return;
      const n = output.size;
      const dx = gradients.slots.get("dx", n * bytesPer(output.dtype));
      const dy = gradients.of(output);
      const v = from === "none" ? dy : (from === "output" ? output : (x as Tensor)).pointer();
      gradients.run(() => kernels.opUnaryBackward({ op, dx, dy, v, n, ...attributes }));
      gradients.give(x as Tensor, dx);
    },
    reads: from,
  });
}

const NEG = unary("neg", 0, "none");
const EXP = unary("exp", 1, "output");
const LOG = unary("log", 2, "inputs");
const SQRT = unary("sqrt", 3, "output");
const SQUARE = unary("square", 4, "inputs");
const ABS = unary("abs", 5, "inputs");
const SIGMOID = unary("sigmoid", 6, "output");
const TANH = unary("tanh", 7, "output");
const RELU = unary("relu", 8, "output");
const GELU = unary("gelu", 9, "inputs");
const GELU_TANH = unary("gelu by tanh", 10, "inputs");
const SILU = unary("silu", 11, "inputs");
const SOFTPLUS = unary("softplus", 12, "inputs");
const CLIP = unary("clip", 13, "inputs");

/**
 * −x; element by element, in the shape of x.
 *
 * @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => neg(x));
 * Source: torch.neg.
 */
export function neg(x: Operand): Tensor {
  return apply(NEG, [x], NONE);
}

/**
 * e^x; a result below the smallest normal number is 0; element by element, in the shape of x.
 *
 * @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => exp(x));
 * Source: torch.exp.
 */
export function exp(x: Operand): Tensor {
  return apply(EXP, [x], NONE);
}

/**
 * The natural logarithm: −∞ at 0, NaN below; element by element, in the shape of x.
 *
 * @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => log(x));
 * Source: torch.log.
 */
export function log(x: Operand): Tensor {
  return apply(LOG, [x], NONE);
}

/**
 * √x; its gradient at 0 is ∞; element by element, in the shape of x.
 *
 * @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => sqrt(x));
 * Source: torch.sqrt.
 */
export function sqrt(x: Operand): Tensor {
  return apply(SQRT, [x], NONE);
}

/**
 * x²; element by element, in the shape of x.
 *
 * @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => square(x));
 * Source: torch.square.
 */
export function square(x: Operand): Tensor {
  return apply(SQUARE, [x], NONE);
}

/**
 * |x|; its gradient at 0 is 0; element by element, in the shape of x.
 *
 * @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => abs(x));
 * Source: torch.abs.
 */
export function abs(x: Operand): Tensor {
  return apply(ABS, [x], NONE);
}

/**
 * 1/(1 + e^−x); element by element, in the shape of x.
 *
 * @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => sigmoid(x));
 * Source: torch.sigmoid.
 */
export function sigmoid(x: Operand): Tensor {
  return apply(SIGMOID, [x], NONE);
}

/**
 * tanh x; element by element, in the shape of x.
 *
 * @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => tanh(x));
 * Source: torch.tanh.
 */
export function tanh(x: Operand): Tensor {
  return apply(TANH, [x], NONE);
}

/**
 * max(x, 0); its gradient at 0 is 0; element by element, in the shape of x.
 *
 * @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => relu(x));
 * Source: torch.relu.
 */
export function relu(x: Operand): Tensor {
  return apply(RELU, [x], NONE);
}

/**
 * x·sigmoid(x); element by element, in the shape of x.
 *
 * @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => silu(x));
 * Source: torch.nn.functional.silu.
 */
export function silu(x: Operand): Tensor {
  return apply(SILU, [x], NONE);
}

/**
 * log(1 + e^x), to all digits as x → −∞; x itself from 20 on; element by element, in the shape of x.
 *
 * @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => softplus(x));
 * Source: torch.nn.functional.softplus (beta 1, threshold 20).
 */
export function softplus(x: Operand): Tensor {
  return apply(SOFTPLUS, [x], NONE);
}

/**
 * x·Φ(x), Φ the standard normal distribution; element by element, in the shape of x.
 *
 * @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => gelu(x, { approximate: "tanh" }));
 * Source: torch.nn.functional.gelu.
 */
export function gelu(x: Operand, options: GeluOptions = {}): Tensor {
  const { approximate = "none" } = checkOptions(options, ["approximate"]);
  return apply(checkOneOf("approximate", approximate, ["none", "tanh"]) === "tanh" ? GELU_TANH : GELU, [x], NONE);
}

/**
 * x within low … high; element by element, in the shape of x. The gradient is 1 within and at the bounds, else 0; NaN stays NaN.
 *
 * @param low −∞ for none @param high ∞ for none
 * @throws {ArgumentError} when a bound is no number, or low > high; outside of a frame
 * @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => clip(x, -1, 1));
 * Source: torch.clamp.
 */
export function clip(x: Operand, low: number, high: number): Tensor {
  if (typeof low !== "number" || Number.isNaN(low)) throw new ArgumentError("low", "a number", show(low));
  if (typeof high !== "number" || Number.isNaN(high) || high < low) throw new ArgumentError("high", `a number from ${low} on`, show(high));
  return apply(CLIP, [x], { low, high });
}
