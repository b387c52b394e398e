import { checkNumber, checkOneOf, checkOptions, checkPositive, show } from "../../checks.js";
import { ArgumentError } from "../../errors.js";
import { between, checkRate, cosine, type HasRate, Schedule } from "./schedule.js";

/** Options of OneCycleLR, by PyTorch's names. */
export interface OneCycleOptions {
  /** The peak. */
  maxLr: number;
  /** Steps of the cycle. */
  totalSteps: number;
  /** Part of the cycle that rises, in [0, 1); less than one step is none. Default 0.3. */
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
    const { maxLr, totalSteps, pctStart = 0.3, annealStrategy = "cos", divFactor = 25, finalDivFactor = 1e4 } = options;
    this.totalSteps = checkPositive("totalSteps", totalSteps, Number.MAX_SAFE_INTEGER);
    this.#linear = checkOneOf("annealStrategy", annealStrategy, ["cos", "linear"]) === "linear";
    const first = quotient("divFactor", checkRate("maxLr", optimizer, maxLr), divFactor);
    this.#rates = [first, maxLr, quotient("finalDivFactor", first, finalDivFactor)];
    this.#peak = Math.max(0, checkNumber("pctStart", pctStart, 0, 1) * this.totalSteps - 1);
    this.begin();
  }

  override get most(): number {
    return this.totalSteps;
  }

  /** The last rate from totalSteps − 1 on: a loop steps once more after its last step. */
  rate(k: number): number {
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
    return between(from, to, this.#linear ? part : cosine(part));
  }
}

function quotient(argument: string, rate: number, given: number): number {
  const divisor = checkNumber(argument, given, 0);
  if (Number.isFinite(rate / divisor)) return rate / divisor;
  throw new ArgumentError(argument, `a divisor of ${rate} with a finite quotient`, show(given));
}
