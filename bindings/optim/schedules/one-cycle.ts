import { checkNumber, checkOneOf, checkOptions, checkPositive } from "../../checks.js";
import { ArgumentError } from "../../errors.js";
import { cosine, type HasRate, Schedule } from "./schedule.js";

/** Options of OneCycleLR, by PyTorch's names. */
export interface OneCycleOptions {
  /** The peak. */
  maxLr: number;
  /** Steps of the cycle. */
  totalSteps: number;
  /** Part of the cycle that rises, in (0, 1). Default 0.3. */
  pctStart?: number;
  /** `"cos"` or `"linear"`. Default `"cos"`. */
  annealStrategy?: "cos" | "linear";
  /** It begins at maxLr/divFactor. Default 25. */
  divFactor?: number;
  /** It ends at the beginning's rate/finalDivFactor. Default 1e4. */
  finalDivFactor?: number;
}

/**
 * Up to the peak and down to almost nothing. Momentum stays as it is (PyTorch's cycleMomentum false).
 *
 * @example
 * const schedule = new OneCycleLR(optimizer, { maxLr: 0.01, totalSteps: 1000 }); // with scheduleEvery: "step"
 * Source: torch.optim.lr_scheduler.OneCycleLR; Smith & Topin, arXiv:1708.07120.
 */
export class OneCycleLR extends Schedule {
  readonly kind = "OneCycleLR";
  readonly totalSteps: number;
  readonly #rates: readonly [number, number, number];
  readonly #peak: number;
  readonly #linear: boolean;

  /** @throws {ArgumentError} on numbers out of range */
  constructor(optimizer: HasRate, options: OneCycleOptions) {
    checkOptions(options, ["maxLr", "totalSteps", "pctStart", "annealStrategy", "divFactor", "finalDivFactor"]);
    super(optimizer);
    const maxLr = checkNumber("maxLr", options.maxLr, 0);
    this.totalSteps = checkPositive("totalSteps", options.totalSteps);
    const pctStart = checkNumber("pctStart", options.pctStart ?? 0.3, 0, 1);
    this.#linear = checkOneOf("annealStrategy", options.annealStrategy ?? "cos", ["cos", "linear"]) === "linear";
    const first = maxLr / checkNumber("divFactor", options.divFactor ?? 25, Number.MIN_VALUE);
    this.#rates = [first, maxLr, first / checkNumber("finalDivFactor", options.finalDivFactor ?? 1e4, Number.MIN_VALUE)];
    this.#peak = Math.max(0, pctStart * this.totalSteps - 1); // a rise of less than one step is none
    this.begin();
  }

  /** The last rate from totalSteps − 1 on: a loop steps once more after its last step. @throws {ArgumentError} past totalSteps */
  rate(k: number): number {
    if (k > this.totalSteps) throw new ArgumentError("step", `at most ${this.totalSteps} steps of OneCycleLR`, `${k}`);
    const [first, peak, last] = this.#rates;
    const end = this.totalSteps - 1;
    if (k >= end) return k === this.#peak ? peak : last;
    if (k <= this.#peak) return this.#peak === 0 ? peak : this.#anneal(first, peak, k / this.#peak);
    return this.#anneal(peak, last, (k - this.#peak) / (end - this.#peak));
  }

  protected settings() {
    const [first, peak, last] = this.#rates;
    return { totalSteps: this.totalSteps, first, peak, last, peakStep: this.#peak, annealStrategy: this.#linear ? "linear" : "cos" };
  }

  #anneal(from: number, to: number, part: number): number {
    return this.#linear ? from + (to - from) * part : to + (from - to) * cosine(part);
  }
}
