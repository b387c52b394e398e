/** Gradients against differences, for people who write their own pieces. */
import { checkNumber, checkOptions } from "./checks.js";
import { DTypeError } from "./errors.js";
import type { Parameter } from "./parameters.js";
import { Generator } from "./random.js";
import { Tensor } from "./tensor.js";

/** What gradcheck looks at: a layer, a model, or an object of your own. */
export interface Checkable {
  /** The output, as a tensor or as `output`. */
  forward(x: Tensor): Tensor | { output: Tensor };
  /** ∂L/∂x as a tensor or as `dX`, or nothing where x is not differentiated. */
  backward(dOutput: Tensor): unknown;
  /** What is differentiated beside x. */
  parameters(): Parameter[];
  /** Sets the gradients to zero. */
  zeroGrad(): void;
}

/** What gradcheck found. */
export interface GradcheckResult {
  passed: boolean;
  /** Greatest |analytic − numeric| / max(1, |analytic|, |numeric|) of all elements. */
  error: number;
  /** Where: "x" or a parameter's name. */
  worst: { name: string; index: number; analytic: number; numeric: number };
}

/**
 * Compares backward with central differences of Σ r·output, r drawn at random, for every element of x and of all parameters; twice
 * as many forward passes as there are elements. Switch dropout off before (`eval()`).
 *
 * @param x f64; tokens (i32) are not differentiated
 * @param options eps: the step, default 1e-6; tolerance: default 1e-6
 * @throws {DTypeError} when a parameter or x is f32, whose differences are too coarse
 *
 * @example
 * const { passed, error, worst } = gradcheck(new Dense(rt, { inputSize: 3, outputSize: 2, dtype: "f64" }), x);
 * Source: torch.autograd.gradcheck.
 */
export function gradcheck(model: Checkable, x: Tensor, options: { eps?: number; tolerance?: number } = {}): GradcheckResult {
  checkOptions(options, ["eps", "tolerance"]);
  const eps = checkNumber("eps", options.eps ?? 1e-6, Number.MIN_VALUE);
  const tolerance = checkNumber("tolerance", options.tolerance ?? 1e-6, 0);
  for (const { dtype, name } of model.parameters()) if (dtype !== "f64") throw new DTypeError(name, "f64", dtype);
  if (x.dtype === "f32") throw new DTypeError("x", "f64", x.dtype);
  const outputOf = () => {
    const result = model.forward(x);
    return result instanceof Tensor ? result : result.output;
  };
  const generator = new Generator(1);
  model.zeroGrad();
  const first = outputOf();
  const r = Float64Array.from({ length: first.size }, () => 2 * generator.uniform() - 1);
  const dOutput = x.home.tensor(r, first.shape, { dtype: "f64" });
  const sum = () => {
    const { data } = outputOf();
    return r.reduce((total, weight, i) => total + weight * (data[i] as number), 0);
  };
  try {
    const back = model.backward(dOutput);
    const dX = back instanceof Tensor ? back : (back as { dX?: Tensor } | null | undefined)?.dX;
    const checks: { name: string; analytic: ArrayLike<number>; nudge(i: number, by: number): void }[] = [];
    if (x.dtype === "f64" && dX) checks.push({ name: "x", analytic: dX.toArray(), nudge: (i, by) => add(x.data, i, by) });
    for (const parameter of model.parameters()) {
      const nudge = (i: number, by: number) => parameter.update((values) => add(values, i, by));
      checks.push({ name: parameter.name, analytic: parameter.grad, nudge });
    }
    const worst = { name: "", index: 0, analytic: 0, numeric: 0 };
    let error = -1;
    for (const { name, analytic, nudge } of checks) {
      for (let index = 0; index < analytic.length; index++) {
        nudge(index, eps);
        const above = sum();
        nudge(index, -2 * eps);
        const numeric = (above - sum()) / (2 * eps);
        nudge(index, eps);
        const exact = analytic[index] as number;
        const off = Math.abs(exact - numeric) / Math.max(1, Math.abs(exact), Math.abs(numeric));
        if (off <= error) continue;
        error = Number.isNaN(off) ? Number.POSITIVE_INFINITY : off;
        Object.assign(worst, { name, index, analytic: exact, numeric });
      }
    }
    return { passed: error <= tolerance, error, worst };
  } finally {
    dOutput.dispose();
  }
}

function add(values: { [i: number]: number }, i: number, by: number): void {
  values[i] = (values[i] as number) + by;
}
