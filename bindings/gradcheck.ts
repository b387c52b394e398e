/** Gradients against differences, for people who write their own pieces. */
import type { ByName } from "./by-name.js";
import { type CheckableByName, checkSubject, type Input, inputsOf, outputsOf } from "./checkable.js";
import { checkNumber, checkOptions } from "./checks.js";
import { type Difference, differenceOf } from "./difference.js";
import { ArgumentError, NonFiniteError } from "./errors.js";
import { Frame } from "./graph/frame.js";
import { keepBuffers } from "./named-buffers.js";
import { type Parameter, placeOf } from "./parameters.js";
import { Generator } from "./random.js";
import type { Runtime } from "./runtime.js";
import { Tensor } from "./tensor.js";

/** What gradcheck found. */
export interface GradcheckResult {
  passed: boolean;
  /**
   * Greatest (|analytic − numeric| − u)/max(|analytic|, |numeric|) of all elements, 0 at least, u being what rounding and curvature leave
   * unknown in the difference quotient; ∞ where an analytic gradient is not finite.
   */
  error: number;
  /** Where: "x", "x.source" of several inputs, or a parameter's name. */
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
 * @param x f64, or several by name; tokens (i32) are not differentiated
 * @param options eps: the step, times a value's size where that is over 1, default 1e-6; tolerance: of `error`, default 1e-6
 * @throws {DTypeError} when a parameter, x or the output is f32, whose differences are too coarse
 * @throws {ArgumentError} when the model is none, or two forward passes differ
 * @throws {NonFiniteError} when an output is not finite @throws {DisposedError} @throws {MemoryError}
 *
 * @example
 * const { passed, error, worst } = gradcheck(new Dense(rt, { inputSize: 3, outputSize: 2, dtype: "f64" }), x);
 * Source: torch.autograd.gradcheck.
 */
export function gradcheck(
  model: CheckableByName,
  x: Tensor | ByName<Tensor>,
  options: { eps?: number; tolerance?: number } = {},
): GradcheckResult {
  const { eps = 1e-6, tolerance = 1e-6 } = checkOptions(options, ["eps", "tolerance"]);
  checkNumber("eps", eps, Number.MIN_VALUE, 1);
  checkNumber("tolerance", tolerance, 0);
  const inputs = inputsOf(x);
  const parameters = checkSubject(model, inputs);
  const restore = keepBuffers(model);
  using frame = new Frame(inputs[0].tensor.home as Runtime);
  const forward = () => outputsOf(model, x instanceof Tensor ? x : { ...x });
  try {
    return compared(model, { eps, tolerance, inputs, parameters, restore, frame, forward });
  } finally {
    restore();
  }
}

interface Comparison {
  readonly eps: number;
  readonly tolerance: number;
  readonly inputs: readonly [Input, ...Input[]];
  readonly parameters: readonly [string, Parameter][];
  /** Puts the buffers back, for the next forward. */
  readonly restore: () => void;
  readonly frame: Frame;
  /** The outputs, until the next forward of the model, or the next run of the frame. */
  readonly forward: () => readonly Tensor[];
}

function compared(model: CheckableByName, how: Comparison): GradcheckResult {
  const { eps, tolerance, restore, frame, forward } = how;
  const output = () => {
    restore();
    const values = () => Float64Array.from(forward().flatMap((tensor) => [...tensor.toArray()]));
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
    checked = gradientsOf(model, r, how);
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

/** Values and gradients of all that is checked. */
function gradientsOf(model: CheckableByName, r: Float64Array, how: Comparison): Checked[] {
  const { inputs, parameters } = how;
  model.zeroGrad();
  const gradients = model.backward === undefined ? recorded(r, how) : [byHand(model, r, how)];
  const ofInputs = inputs.flatMap(({ name, tensor }, i): Checked[] => {
    const gradient = gradients[i];
    if (tensor.dtype !== "f64" || !(gradient instanceof Tensor)) return [];
    const write = (values: Float64Array) => void tensor.set(values);
    return [{ name, values: tensor.toArray() as Float64Array, analytic: gradient.toArray(), write, isFixed: () => false }];
  });
  const ofParameters = parameters.map(
    ([name, parameter]): Checked => ({
      name,
      values: parameter.toArray() as Float64Array,
      analytic: parameter.grad,
      write: (values) => parameter.set(values),
      isFixed: fixedOf(parameter),
    }),
  );
  return [...ofInputs, ...ofParameters];
}

/** Goes forward and back over a recording. Between both nothing is handed out: nothing has been written. @returns ∂L/∂x of each input that has one */
function recorded(r: Float64Array, { inputs, frame, forward }: Comparison): (Tensor | undefined)[] {
  const outputs = frame.record(forward);
  const gradients = gradientsIn(outputs, r);
  try {
    const wanted = inputs.map(({ tensor }) => tensor).filter(({ dtype }) => dtype === "f64");
    frame.backward(outputs, { gradient: gradients, inputs: wanted });
    return inputs.map(({ tensor }) => (tensor.dtype === "f64" ? frame.gradient(tensor) : undefined));
  } finally {
    for (const gradient of gradients) gradient.dispose();
  }
}

/** The same by the model's own backward. */
function byHand(model: CheckableByName, r: Float64Array, { forward }: Comparison): unknown {
  const outputs = forward();
  if (outputs.length > 1) throw new ArgumentError("model.backward", "none where there are several outputs", "one");
  const [gradient] = gradientsIn(outputs, r) as [Tensor];
  using dOutput = gradient;
  const back = model.backward?.(dOutput);
  return back instanceof Tensor ? back : (back as { dX?: unknown } | null | undefined)?.dX;
}

/** The parts of r, each of an output's shape. Yours to dispose of. */
function gradientsIn(outputs: readonly Tensor[], r: Float64Array): Tensor[] {
  let at = 0;
  return outputs.map(({ home, shape, size }) => {
    at += size;
    return home.tensor(r.subarray(at - size, at), shape, { dtype: "f64" });
  });
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
