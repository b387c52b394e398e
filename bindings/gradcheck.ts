/** Gradients against differences, for people who write their own pieces. */
import { checkNumber, checkOptions, show } from "./checks.js";
import { type Difference, differenceOf } from "./difference.js";
import { ArgumentError, DTypeError, NonFiniteError } from "./errors.js";
import { Frame } from "./graph/frame.js";
import { isImpostor } from "./heir.js";
import { Layer } from "./layers/layer.js";
import { keepBuffers } from "./named-buffers.js";
import { type Parameter, placeOf } from "./parameters.js";
import { Generator } from "./random.js";
import type { Runtime } from "./runtime.js";
import { Tensor } from "./tensor.js";

/** What gradcheck looks at: a layer, a model, or an object of your own. */
export interface Checkable {
  /** The output, as a tensor or as `output`. */
  forward(x: Tensor): Tensor | { output: Tensor };
  /**
   * A backward pass of its own, to be looked at: ∂L/∂x as a tensor or as `dX`, or nothing where x is not differentiated. Default: what a frame
   * makes of the layers and operators in `forward`.
   */
  backward?(dOutput: Tensor): unknown;
  /** What is differentiated beside x. */
  parameters(): Parameter[];
  /** Sets the gradients to zero. */
  zeroGrad(): void;
  /** What a forward pass begins with and changes, such as a state that is carried on: put back before each. */
  namedBuffers?(): [string, Tensor][];
}

/** What gradcheck found. */
export interface GradcheckResult {
  passed: boolean;
  /**
   * Greatest (|analytic − numeric| − u)/max(|analytic|, |numeric|) of all elements, 0 at least, u being what rounding and curvature leave
   * unknown in the difference quotient; ∞ where an analytic gradient is not finite.
   */
  error: number;
  /** Where: "x" or a parameter's name. */
  worst: { name: string; index: number; analytic: number; numeric: number };
}

/** One array that is differentiated. */
interface Checked {
  readonly name: string;
  readonly values: Float64Array;
  readonly analytic: ArrayLike<number>;
  write(values: Float64Array): void;
  /** Whether an element has no gradient, whatever depends on it: an embedding's padding. */
  isFixed(index: number): boolean;
}

const NOTHING: Difference = { numeric: 0, unknown: 0 };

/**
 * Compares backward with central differences of Σ r·output, r drawn at random, for every element of x and of all parameters that are not
 * frozen: relatively, however small they are; an embedding's padding has to have none. Two forward passes an element, and some twenty for one
 * whose gradient is near the difference's rounding error, or seems wrong. Afterwards x, the parameters and the model's `namedBuffers()` have
 * the bits that they had, the modes are untouched and the gradients are zero.
 *
 * @param model whose forward gives the same each time: `eval()` switches dropout off; `namedBuffers()` begin every pass as they were
 * @param x f64; tokens (i32) are not differentiated
 * @param options eps: the step, times a value's size where that is over 1, default 1e-6; tolerance: of `error`, default 1e-6
 * @throws {DTypeError} when a parameter, x or the output is f32, whose differences are too coarse
 * @throws {ArgumentError} when the model is none, or two forward passes differ
 * @throws {NonFiniteError} when an output is not finite @throws {DisposedError} @throws {MemoryError}
 *
 * @example
 * const { passed, error, worst } = gradcheck(new Dense(rt, { inputSize: 3, outputSize: 2, dtype: "f64" }), x);
 * Source: torch.autograd.gradcheck.
 */
export function gradcheck(model: Checkable, x: Tensor, options: { eps?: number; tolerance?: number } = {}): GradcheckResult {
  const { eps = 1e-6, tolerance = 1e-6 } = checkOptions(options, ["eps", "tolerance"]);
  checkNumber("eps", eps, Number.MIN_VALUE, 1);
  checkNumber("tolerance", tolerance, 0);
  const parameters = checkSubject(model, x);
  const restore = keepBuffers(model);
  using frame = new Frame(x.home as Runtime);
  try {
    return compared(model, x, { eps, tolerance, parameters, restore, frame });
  } finally {
    restore();
  }
}

interface Comparison {
  readonly eps: number;
  readonly tolerance: number;
  readonly parameters: readonly Parameter[];
  /** Puts the buffers back, for the next forward. */
  readonly restore: () => void;
  readonly frame: Frame;
}

function compared(model: Checkable, x: Tensor, { eps, tolerance, parameters, restore, frame }: Comparison): GradcheckResult {
  const output = () => {
    restore();
    const values = () => outputOf(model, x).toArray() as Float64Array;
    return model.backward === undefined ? frame.run(values) : values();
  };
  const first = output();
  const bad = first.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new NonFiniteError(`output: expected finite numbers, got ${first[bad]} at ${bad}`);
  if (output().some((value, i) => value !== first[i]))
    throw new ArgumentError("model", "a forward that gives the same each time (eval() switches dropout off)", "another output");
  const generator = new Generator(1);
  const r = first.map(() => 2 * generator.uniform() - 1);
  const terms = () => output().map((value, i) => value * (r[i] as number));
  let checked: Checked[] = [];
  try {
    restore();
    checked = gradientsOf(model, frame, x, r, parameters);
    const worst = { name: "", index: 0, analytic: 0, numeric: 0 };
    let error = -1;
    for (const { name, values, analytic, write, isFixed } of checked) {
      const size = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      for (const [index, value] of values.entries()) {
        const exact = analytic[index] as number;
        const at = (nudged: number) => {
          write(nudgedCopy(values, index, nudged));
          return terms();
        };
        const { numeric, unknown } = isFixed(index) ? NOTHING : differenceOf(at, value, { exact, eps, size, tolerance });
        if (Number.isNaN(numeric)) throw new NonFiniteError(`${name}[${index}]: expected finite outputs on both sides, got others`);
        const off = errorOf(exact, numeric, unknown);
        if (off > error) Object.assign(worst, { name, index, analytic: exact, numeric });
        error = Math.max(error, off);
      }
      write(values);
    }
    return { passed: error <= tolerance, error: Math.max(error, 0), worst };
  } finally {
    for (const { values, write } of checked) write(values);
    model.zeroGrad();
  }
}

function errorOf(analytic: number, numeric: number, unknown: number): number {
  if (!Number.isFinite(analytic)) return Number.POSITIVE_INFINITY;
  const off = Math.abs(analytic - numeric) - unknown;
  return off <= 0 ? 0 : off / Math.max(Math.abs(analytic), Math.abs(numeric));
}

/** @returns the parameters that are trained */
function checkSubject(model: Checkable, x: Tensor): Parameter[] {
  if (isImpostor(Layer, model)) throw new ArgumentError("model", "the layer itself", "a Proxy or an heir of one");
  for (const method of ["forward", "parameters", "zeroGrad"] as const) {
    if (typeof model?.[method] !== "function") throw new ArgumentError("model", `a layer, or an object with ${method}()`, show(model));
  }
  if (!(x instanceof Tensor)) throw new ArgumentError("x", "a Tensor (of rt.tensor())", show(x));
  if (x.dtype === "f32") throw new DTypeError("x", "f64", x.dtype);
  x.pointer("x");
  const parameters = model.parameters();
  for (const { dtype, name } of parameters) if (dtype !== "f64") throw new DTypeError(name, "f64", dtype);
  return parameters.filter(({ requiresGrad }) => requiresGrad !== false);
}

/** The output, until the next forward of the model, or the next run of the frame. */
function outputOf(model: Checkable, x: Tensor): Tensor {
  const result: unknown = model.forward(x);
  const output = result instanceof Tensor ? result : (result as { output?: unknown } | null | undefined)?.output;
  if (!(output instanceof Tensor)) throw new ArgumentError("model", "one whose forward gives a Tensor, or one as output", show(result));
  if (output.dtype !== "f64") throw new DTypeError("output", "f64", output.dtype);
  return output;
}

/** Values and gradients of all that is checked. */
function gradientsOf(model: Checkable, frame: Frame, x: Tensor, r: Float64Array, parameters: readonly Parameter[]): Checked[] {
  model.zeroGrad();
  const dX = differentiated(model, frame, x, r);
  const checked: Checked[] = parameters.map((parameter) => ({
    name: parameter.name,
    values: parameter.toArray() as Float64Array,
    analytic: parameter.grad,
    write: (values) => parameter.set(values),
    isFixed: fixedOf(parameter),
  }));
  if (x.dtype !== "f64" || !(dX instanceof Tensor)) return checked;
  const write = (values: Float64Array) => void x.set(values);
  return [{ name: "x", values: x.toArray() as Float64Array, analytic: dX.toArray(), write, isFixed: () => false }, ...checked];
}

/** Goes forward and back. Between both nothing is handed out: nothing has been written. @returns ∂L/∂x, where there is one */
function differentiated(model: Checkable, frame: Frame, x: Tensor, r: Float64Array): unknown {
  const isOwn = model.backward !== undefined;
  const output = isOwn ? outputOf(model, x) : frame.record(() => outputOf(model, x));
  using dOutput = x.home.tensor(r, output.shape, { dtype: "f64" });
  if (!isOwn) {
    const inputs = x.dtype === "f64" ? [x] : [];
    frame.backward(output, { gradient: dOutput, inputs });
    return inputs[0] && frame.gradient(x);
  }
  const back = model.backward?.(dOutput);
  return back instanceof Tensor ? back : (back as { dX?: unknown } | null | undefined)?.dX;
}

function fixedOf(parameter: Parameter): (index: number) => boolean {
  const { block, offset } = placeOf(parameter) ?? {};
  const [from, to] = block?.fixed ?? [0, 0];
  return (index) => index + (offset ?? 0) >= from && index + (offset ?? 0) < to;
}

function nudgedCopy(values: Float64Array, index: number, value: number): Float64Array {
  const copy = values.slice();
  copy[index] = value;
  return copy;
}
