/** Operators of one tensor, element by element. */
import { checkOneOf, checkOptions } from "../checks.js";
import type { Tensor } from "../tensor.js";
import type { Operand } from "./operands.js";
import { apply, define, type Operator } from "./operator.js";
import { gradientOfX, sameAs } from "./single.js";

/** Options of gelu. */
export interface GeluOptions {
  /** "tanh": the approximation of Hendrycks & Gimpel. Default: "none", the normal distribution itself. */
  approximate?: "none" | "tanh";
}

/** The kernels' names. */
type Forward =
  | "opNeg"
  | "opExp"
  | "opLog"
  | "opSqrt"
  | "opSquare"
  | "opAbs"
  | "opSigmoid"
  | "opTanh"
  | "opRelu"
  | "opGelu"
  | "opGeluTanh"
  | "opSilu"
  | "opSoftplus";

/** @param from what its gradient is made of, beside what reaches the output */
function unary(name: string, kernel: Exclude<Forward, "opNeg">, from: "inputs" | "output"): Operator {
  return define<undefined>({
    name,
    infer: sameAs,
    forward: ({ kernels, inputs: [x], output }) => kernels[kernel]({ y: output.pointer(), x: (x as Tensor).pointer(), n: output.size }),
    again({ kernels, inputs: [x], output }) {
      const run = kernels[kernel];
      const args = { y: output.pointer(), x: (x as Tensor).pointer(), n: output.size };
      return () => run(args);
    },
    backward(call, gradients) {
      const { kernels, inputs, output } = call;
      gradientOfX(call, gradients, (dx, dy) => {
        const v = (from === "output" ? output : (inputs[0] as Tensor)).pointer();
        kernels[`${kernel}Backward`]({ dx, dy, v, n: output.size });
      });
    },
    reads: from,
  }) as Operator;
}

const NEG = define<undefined>({
  name: "neg",
  infer: sameAs,
  forward: ({ kernels, inputs: [x], output }) => kernels.opNeg({ y: output.pointer(), x: (x as Tensor).pointer(), n: output.size }),
  backward(call, gradients) {
    const { kernels, output } = call;
    gradientOfX(call, gradients, (y, x) => kernels.opNeg({ y, x, n: output.size }));
  },
  reads: "none",
}) as Operator;

const EXP = unary("exp", "opExp", "output");
const LOG = unary("log", "opLog", "inputs");
const SQRT = unary("sqrt", "opSqrt", "output");
const SQUARE = unary("square", "opSquare", "inputs");
const ABS = unary("abs", "opAbs", "inputs");
const SIGMOID = unary("sigmoid", "opSigmoid", "output");
const TANH = unary("tanh", "opTanh", "output");
const RELU = unary("relu", "opRelu", "output");
const GELU = unary("gelu", "opGelu", "inputs");
const GELU_TANH = unary("gelu by tanh", "opGeluTanh", "inputs");
const SILU = unary("silu", "opSilu", "inputs");
const SOFTPLUS = unary("softplus", "opSoftplus", "inputs");

/**
 * −x; element by element, in the shape of x.
 *
 * @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const y = frame.run(() => neg(x));
 * Source: torch.neg.
 */
export function neg(x: Operand): Tensor {
  return apply(NEG, [x], undefined);
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
  return apply(EXP, [x], undefined);
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
  return apply(LOG, [x], undefined);
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
  return apply(SQRT, [x], undefined);
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
  return apply(SQUARE, [x], undefined);
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
  return apply(ABS, [x], undefined);
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
  return apply(SIGMOID, [x], undefined);
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
  return apply(TANH, [x], undefined);
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
  return apply(RELU, [x], undefined);
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
  return apply(SILU, [x], undefined);
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
  return apply(SOFTPLUS, [x], undefined);
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
  return apply(checkOneOf("approximate", approximate, ["none", "tanh"]) === "tanh" ? GELU_TANH : GELU, [x], undefined);
}
