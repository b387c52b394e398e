import { checkBoolean, checkNumber, checkOneOf, checkOptions, checkPositive, show } from "../../checks.js";
import { ArgumentError } from "../../errors.js";
import { Optimizer } from "../optimizer.js";
import { between, checkRate, cosine, entriesOf, type HasRate, Schedule, type ScheduleState, setMomentum } from "./schedule.js";

const OPTIONS = [
  ...["maxLr", "totalSteps", "pctStart", "annealStrategy", "divFactor", "finalDivFactor"],
  ...["cycleMomentum", "baseMomentum", "maxMomentum"],
];

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
  /**
   * Momentum goes the other way, from maxMomentum to baseMomentum and back: β₁ of Adam and AdamW, else μ. Default false (PyTorch's is true):
   * a schedule of the rate changes nothing else unasked, and works with every optimizer.
   */
  cycleMomentum?: boolean;
  /** Where the rate is highest. Default 0.85. */
  baseMomentum?: number;
  /** At both ends. Default 0.95. */
  maxMomentum?: number;
}

/**
 * Up to the peak and down to almost nothing; with `cycleMomentum` momentum down and up again meanwhile.
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
  readonly #momenta: readonly [number, number, number] | undefined;

  /** @throws {ArgumentError} on numbers out of range, and with `cycleMomentum` on an optimizer without momentum */
  constructor(optimizer: HasRate, options: OneCycleOptions) {
    const given = checkOptions(options, OPTIONS);
    super(optimizer);
    const { maxLr, totalSteps, pctStart = 0.3, annealStrategy = "cos", divFactor = 25, finalDivFactor = 1e4 } = given;
    this.totalSteps = checkPositive("totalSteps", totalSteps, Number.MAX_SAFE_INTEGER);
    this.#linear = checkOneOf("annealStrategy", annealStrategy, ["cos", "linear"]) === "linear";
    const first = quotient("divFactor", checkRate("maxLr", optimizer, maxLr), divFactor);
    this.#rates = [first, maxLr, quotient("finalDivFactor", first, finalDivFactor)];
    this.#peak = Math.max(0, checkNumber("pctStart", pctStart, 0, 1) * this.totalSteps - 1);
    this.#momenta = momentaOf(optimizer, given);
    this.begin();
  }

  override get most(): number {
    return this.totalSteps;
  }

  /** The last rate from totalSteps − 1 on: a loop steps once more after its last step. */
  rate(k: number): number {
    return this.#along(this.#rates, k);
  }

  override momentum(k: number): number | undefined {
    return this.#momenta && this.#along(this.#momenta, k);
  }

  /** With the momentum, where it is steered. */
  override state(): ScheduleState {
    return { ...super.state(), ...(this.#momenta ? { momentum: (this.optimizer as Optimizer).inertia } : {}) };
  }

  override plan(argument: string, given: unknown): () => void {
    if (!this.#momenta) return super.plan(argument, given);
    const { momentum, ...own } = entriesOf(argument, given, this.kind);
    const take = super.plan(argument, own);
    const kept = checkNumber(`${argument}.momentum`, momentum, 0, 1);
    return () => {
      take();
      setMomentum(this.optimizer, kept);
    };
  }

  #along([first, peak, last]: readonly [number, number, number], k: number): number {
    const end = this.totalSteps - 1;
    if (k >= end) return k === this.#peak ? peak : last;
    if (k <= this.#peak) return this.#peak === 0 ? peak : this.#anneal(first, peak, k / this.#peak);
    return this.#anneal(peak, last, (k - this.#peak) / (end - this.#peak));
  }

  protected settings() {
    const [first, peak, last] = this.#rates;
    const cycle = { totalSteps: this.totalSteps, first, peak, last, peakStep: this.#peak, annealStrategy: this.#linear ? "linear" : "cos" };
    const [maxMomentum, baseMomentum] = this.#momenta ?? [];
    return maxMomentum === undefined || baseMomentum === undefined ? cycle : { ...cycle, baseMomentum, maxMomentum };
  }

  #anneal(from: number, to: number, part: number): number {
    return between(from, to, this.#linear ? part : cosine(part));
  }
}

/** At the beginning, the peak and the end; undefined: momentum stays. */
function momentaOf(optimizer: HasRate, options: OneCycleOptions): [number, number, number] | undefined {
  const { cycleMomentum = false, baseMomentum, maxMomentum } = options;
  if (!checkBoolean("cycleMomentum", cycleMomentum)) {
    if (baseMomentum === undefined && maxMomentum === undefined) return undefined;
    throw new ArgumentError("cycleMomentum", "true for baseMomentum and maxMomentum", show(cycleMomentum));
  }
  if (!(optimizer instanceof Optimizer) || optimizer.inertia === undefined)
    throw new ArgumentError("optimizer", "Adam or AdamW, or SGD or RMSprop with momentum, for cycleMomentum", show(optimizer));
  const [base, most] = [
    checkNumber("baseMomentum", baseMomentum === undefined ? 0.85 : baseMomentum, 0, 1),
    checkNumber("maxMomentum", maxMomentum === undefined ? 0.95 : maxMomentum, 0, 1),
  ];
  return [most, base, most];
}

function quotient(argument: string, rate: number, given: number): number {
  const divisor = checkNumber(argument, given, 0);
  if (Number.isFinite(rate / divisor)) return rate / divisor;
  throw new ArgumentError(argument, `a divisor of ${rate} with a finite quotient`, show(given));
}
