/** Learning rates that change on the way. k counts the schedule's steps; η₀ is the optimizer's rate when its first schedule was made. */
import { checkNumber, checkOneOf, checkOptions, checkPositive, show } from "../checks.js";
import { ArgumentError } from "../errors.js";

/** What a schedule steers. */
export interface HasRate {
  lr: number;
}

/** Everything that a schedule's next steps depend on; plain numbers, for JSON. */
export type ScheduleState = Readonly<Record<string, number>>;

/** Of each optimizer: the rate that its schedules start from. */
const initialRates = new WeakMap<HasRate, number>();

/** A rate as a function of the number of steps. */
export abstract class Schedule {
  protected readonly optimizer: HasRate;
  /** η₀. */
  protected readonly baseLr: number;
  #count = 0;

  protected constructor(optimizer: HasRate) {
    if (typeof optimizer?.lr !== "number") throw new ArgumentError("optimizer", "an optimizer", show(optimizer));
    this.optimizer = optimizer;
    const base = initialRates.get(optimizer) ?? optimizer.lr;
    initialRates.set(optimizer, base);
    this.baseLr = base;
  }

  /** @internal The rate after k steps. */
  abstract rate(k: number): number;

  /** Steps taken. */
  get count(): number {
    return this.#count;
  }

  /** Sets the optimizer's rate to that of the next step. */
  step(): void {
    this.optimizer.lr = this.rate(this.#count + 1);
    this.#count++;
  }

  /** All that the next steps depend on. */
  state(): ScheduleState {
    return { count: this.#count };
  }

  /** Continues from a state. The optimizer's rate comes with the optimizer's state. @throws {ArgumentError} */
  load(state: ScheduleState): void {
    const count = state?.count;
    if (!Number.isInteger(count) || (count as number) < 0) throw new ArgumentError("state.count", "a count of steps", show(count));
    this.#count = count as number;
  }

  /** To be called at the end of a constructor. */
  protected begin(): void {
    this.optimizer.lr = this.rate(0);
  }
}

/**
 * η₀·γ^⌊k/stepSize⌋.
 *
 * @example
 * const schedule = new StepLR(optimizer, { stepSize: 10, gamma: 0.5 });
 * Source: torch.optim.lr_scheduler.StepLR.
 */
export class StepLR extends Schedule {
  readonly stepSize: number;
  readonly gamma: number;

  /** @throws {ArgumentError} unless stepSize is a positive integer and gamma ≥ 0 */
  constructor(optimizer: HasRate, options: { stepSize: number; gamma?: number }) {
    checkOptions(options, ["stepSize", "gamma"]);
    super(optimizer);
    this.stepSize = checkPositive("stepSize", options.stepSize);
    this.gamma = checkNumber("gamma", options.gamma ?? 0.1, 0);
    this.begin();
  }

  rate(k: number): number {
    return this.baseLr * this.gamma ** Math.floor(k / this.stepSize);
  }
}

/**
 * η_min + (η₀ − η_min)·(1 + cos(π·k/tMax))/2.
 *
 * @example
 * const schedule = new CosineAnnealingLR(optimizer, { tMax: 100 });
 * Source: torch.optim.lr_scheduler.CosineAnnealingLR; Loshchilov & Hutter, arXiv:1608.03983, without restarts.
 */
export class CosineAnnealingLR extends Schedule {
  readonly tMax: number;
  readonly etaMin: number;

  /** @throws {ArgumentError} unless tMax is a positive integer and etaMin ≥ 0 */
  constructor(optimizer: HasRate, options: { tMax: number; etaMin?: number }) {
    checkOptions(options, ["tMax", "etaMin"]);
    super(optimizer);
    this.tMax = checkPositive("tMax", options.tMax);
    this.etaMin = checkNumber("etaMin", options.etaMin ?? 0, 0);
    this.begin();
  }

  rate(k: number): number {
    return this.etaMin + (this.baseLr - this.etaMin) * cosine(k / this.tMax);
  }
}

/**
 * A warm-up: η₀ times a factor that goes from startFactor to endFactor in totalIters steps, in a straight line.
 *
 * @example
 * const warmUp = new LinearLR(optimizer, { startFactor: 0.1, totalIters: 100 });
 * Source: torch.optim.lr_scheduler.LinearLR.
 */
export class LinearLR extends Schedule {
  readonly startFactor: number;
  readonly endFactor: number;
  readonly totalIters: number;

  /** @throws {ArgumentError} when a factor is negative or totalIters no positive integer */
  constructor(optimizer: HasRate, options: { startFactor?: number; endFactor?: number; totalIters?: number } = {}) {
    checkOptions(options, ["startFactor", "endFactor", "totalIters"]);
    super(optimizer);
    this.startFactor = checkNumber("startFactor", options.startFactor ?? 1 / 3, 0);
    this.endFactor = checkNumber("endFactor", options.endFactor ?? 1, 0);
    this.totalIters = checkPositive("totalIters", options.totalIters ?? 5);
    this.begin();
  }

  rate(k: number): number {
    const part = Math.min(k, this.totalIters) / this.totalIters;
    return this.baseLr * (this.startFactor + (this.endFactor - this.startFactor) * part);
  }
}

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
    this.#peak = pctStart * this.totalSteps - 1;
    this.begin();
  }

  /** @throws {ArgumentError} past the end of the cycle */
  rate(k: number): number {
    if (k > this.totalSteps) throw new ArgumentError("step", `at most ${this.totalSteps} steps of OneCycleLR`, `${k}`);
    const [first, peak, last] = this.#rates;
    if (k <= this.#peak) return this.#anneal(first, peak, k / this.#peak);
    return this.#anneal(peak, last, (k - this.#peak) / (this.totalSteps - 1 - this.#peak));
  }

  #anneal(from: number, to: number, part: number): number {
    return this.#linear ? from + (to - from) * part : to + (from - to) * cosine(part);
  }
}

/**
 * Schedules one after another: the i-th takes over at milestones[i − 1].
 *
 * @example
 * const warmUp = new LinearLR(optimizer, { startFactor: 0.1, totalIters: 10 });
 * const schedule = new SequentialLR(optimizer, [warmUp, new CosineAnnealingLR(optimizer, { tMax: 90 })], { milestones: [10] });
 * Source: torch.optim.lr_scheduler.SequentialLR.
 */
export class SequentialLR extends Schedule {
  readonly #schedules: readonly Schedule[];
  readonly #milestones: readonly number[];

  /** @throws {ArgumentError} unless there is a milestone between every two schedules, each later than the one before */
  constructor(optimizer: HasRate, schedules: readonly Schedule[], options: { milestones: readonly number[] }) {
    checkOptions(options, ["milestones"]);
    super(optimizer);
    const { milestones } = options;
    const rising = milestones.every((at, i) => Number.isInteger(at) && at > (milestones[i - 1] ?? 0));
    if (milestones.length !== schedules.length - 1 || !rising) {
      throw new ArgumentError("milestones", `${schedules.length - 1} rising counts of steps`, show([...milestones]));
    }
    this.#schedules = schedules;
    this.#milestones = milestones;
    this.begin();
  }

  rate(k: number): number {
    const i = this.#milestones.filter((at) => at <= k).length;
    return (this.#schedules[i] as Schedule).rate(k - (this.#milestones[i - 1] ?? 0));
  }
}

/** Options of ReduceLROnPlateau, by PyTorch's names. */
export interface PlateauOptions {
  /** Whether the metric should fall (`"min"`, default) or rise (`"max"`). */
  mode?: "min" | "max";
  /** What the rate is multiplied by, below 1. Default 0.1. */
  factor?: number;
  /** Steps without a better metric that are borne. Default 10. */
  patience?: number;
  /** How much better counts. Default 1e-4. */
  threshold?: number;
  /** `"rel"`: times the best metric; `"abs"`: as it is. Default `"rel"`. */
  thresholdMode?: "rel" | "abs";
  /** Steps of rest after a reduction. Default 0. */
  cooldown?: number;
  /** Default 0. */
  minLr?: number;
  /** A smaller change of the rate is left out. Default 1e-8. */
  eps?: number;
}

/**
 * Reduces the rate when a metric has stopped getting better.
 *
 * @example
 * const schedule = new ReduceLROnPlateau(optimizer, { factor: 0.5, patience: 2 });
 * schedule.step(validationLoss);
 * Source: torch.optim.lr_scheduler.ReduceLROnPlateau.
 */
export class ReduceLROnPlateau {
  readonly #optimizer: HasRate;
  readonly #options: Required<PlateauOptions>;
  #best: number;
  #bad = 0;
  #rest = 0;

  /** @throws {ArgumentError} on numbers out of range */
  constructor(optimizer: HasRate, options: PlateauOptions = {}) {
    checkOptions(options, ["mode", "factor", "patience", "threshold", "thresholdMode", "cooldown", "minLr", "eps"]);
    if (typeof optimizer?.lr !== "number") throw new ArgumentError("optimizer", "an optimizer", show(optimizer));
    this.#optimizer = optimizer;
    const { mode = "min", thresholdMode = "rel" } = options;
    this.#options = {
      mode: checkOneOf("mode", mode, ["min", "max"]),
      factor: checkNumber("factor", options.factor ?? 0.1, 0, 1),
      patience: checkNumber("patience", options.patience ?? 10, 0),
      threshold: checkNumber("threshold", options.threshold ?? 1e-4, 0),
      thresholdMode: checkOneOf("thresholdMode", thresholdMode, ["rel", "abs"]),
      cooldown: checkNumber("cooldown", options.cooldown ?? 0, 0),
      minLr: checkNumber("minLr", options.minLr ?? 0, 0),
      eps: checkNumber("eps", options.eps ?? 1e-8, 0),
    };
    this.#best = mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  /** @param metric of the epoch; NaN is no better than anything @throws {ArgumentError} when it is no number */
  step(metric?: number): void {
    if (typeof metric !== "number") throw new ArgumentError("metric", "a number", show(metric));
    const { factor, patience, cooldown, minLr, eps } = this.#options;
    if (this.#isBetter(metric)) {
      this.#best = metric;
      this.#bad = 0;
    } else {
      this.#bad++;
    }
    if (this.#rest > 0) {
      this.#rest--;
      this.#bad = 0;
    }
    if (this.#bad <= patience) return;
    const next = Math.max(this.#optimizer.lr * factor, minLr);
    if (this.#optimizer.lr - next > eps) this.#optimizer.lr = next;
    this.#rest = cooldown;
    this.#bad = 0;
  }

  /** Plain numbers; the best metric is left out while there is none, JSON having no infinity. */
  state(): ScheduleState {
    return { ...(Number.isFinite(this.#best) ? { best: this.#best } : {}), bad: this.#bad, rest: this.#rest };
  }

  /** @throws {ArgumentError} */
  load(state: ScheduleState): void {
    const bad = checkNumber("state.bad", state?.bad, 0);
    const rest = checkNumber("state.rest", state.rest, 0);
    const none = this.#options.mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    this.#best = state.best === undefined ? none : checkNumber("state.best", state.best);
    this.#bad = bad;
    this.#rest = rest;
  }

  #isBetter(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options;
    const sign = mode === "min" ? -1 : 1;
    const bound = thresholdMode === "rel" ? this.#best * (1 + sign * threshold) : this.#best + sign * threshold;
    return mode === "min" ? metric < bound : metric > bound;
  }
}

/** From 1 at 0 to 0 at 1. */
function cosine(part: number): number {
  return (1 + Math.cos(Math.PI * part)) / 2;
}
