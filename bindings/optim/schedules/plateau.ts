import { checkNumber, checkOneOf, checkOptions, show } from "../../checks.js";
import { ArgumentError } from "../../errors.js";
import { checkSteps } from "../moments.js";
import { checkKind, checkRate, checkSteered, entriesOf, type HasRate, rateOf, type ScheduleState, setRate } from "./schedule.js";
import { Steering } from "./steering.js";

const KIND = "ReduceLROnPlateau";

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
  /** `"rel"`: times the best metric's absolute value; `"abs"`: as it is. Default `"rel"`. */
  thresholdMode?: "rel" | "abs";
  /** Steps of rest after a reduction. Default 0. */
  cooldown?: number;
  /** Default 0. */
  minLr?: number;
  /** A smaller change of the rate is left out. Default 1e-8. */
  eps?: number;
}

/**
 * Reduces the rate when a metric has stopped getting better. A negative metric, such as a log-likelihood, has to be better by as much as a
 * positive one (PyTorch's threshold turns its sign with the metric, and lets what gets worse pass for better).
 *
 * @example
 * const schedule = new ReduceLROnPlateau(optimizer, { factor: 0.5, patience: 2 });
 * schedule.step(validationLoss);
 * Source: torch.optim.lr_scheduler.ReduceLROnPlateau.
 */
export class ReduceLROnPlateau extends Steering {
  /** @internal */
  readonly optimizer: HasRate;
  readonly #options: Required<PlateauOptions>;
  #best: number | undefined;
  #bad = 0;
  #rest = 0;

  /** @throws {ArgumentError} on numbers out of range */
  constructor(optimizer: HasRate, options: PlateauOptions = {}) {
    super();
    checkOptions(options, ["mode", "factor", "patience", "threshold", "thresholdMode", "cooldown", "minLr", "eps"]);
    this.optimizer = checkSteered(optimizer);
    const {
      mode = "min",
      factor = 0.1,
      patience = 10,
      threshold = 1e-4,
      thresholdMode = "rel",
      cooldown = 0,
      minLr = 0,
      eps = 1e-8,
    } = options;
    this.#options = {
      mode: checkOneOf("mode", mode, ["min", "max"]),
      factor: checkNumber("factor", factor, 0, 1),
      patience: checkSteps("patience", patience),
      threshold: checkNumber("threshold", threshold, 0),
      thresholdMode: checkOneOf("thresholdMode", thresholdMode, ["rel", "abs"]),
      cooldown: checkSteps("cooldown", cooldown),
      minLr: checkRate("minLr", optimizer, minLr),
      eps: checkNumber("eps", eps, 0),
    };
  }

  /** @internal */
  override get byMetric(): boolean {
    return true;
  }

  /**
   * @param metric of the epoch; NaN is no value: such an epoch does not count; an infinite one is never better
   * @throws {ArgumentError} when it is no number
   */
  step(metric?: number): void {
    if (typeof metric !== "number") throw new ArgumentError("metric", "a number", show(metric));
    if (Number.isNaN(metric)) return;
    const better = this.#isBetter(metric);
    const bad = better || this.#rest > 0 ? 0 : this.#bad + 1;
    const patient = bad <= this.#options.patience;
    if (!patient) this.#reduce();
    if (better) this.#best = metric;
    this.#bad = patient ? bad : 0;
    this.#rest = patient ? Math.max(0, this.#rest - 1) : this.#options.cooldown;
  }

  /** All that the next steps depend on, and the optimizer's rate. The best metric is left out while there is none. */
  state(): ScheduleState {
    const best = this.#best === undefined ? {} : { best: this.#best };
    return { kind: KIND, ...this.#options, lr: rateOf(this.optimizer), ...best, bad: this.#bad, rest: this.#rest };
  }

  /** @internal Throws what `load` would throw. */
  check(state: ScheduleState): void {
    this.#plan(state);
  }

  /**
   * Continues from a state, and gives the optimizer the rate that it had.
   *
   * @throws {ArgumentError} when it is another kind of schedule's, or of one that was made with other settings; nothing has changed then
   */
  load(state: ScheduleState): void {
    this.#plan(state)();
  }

  #plan(given: ScheduleState): () => void {
    const state = entriesOf("state", given, KIND);
    checkKind("state", state, KIND, this.#options, ["lr", "best", "bad", "rest"]);
    const lr = checkRate("state.lr", this.optimizer, state.lr);
    const best = state.best === undefined ? undefined : checkNumber("state.best", state.best);
    const bad = checkSteps("state.bad", state.bad, this.#options.patience);
    const rest = checkSteps("state.rest", state.rest, this.#options.cooldown);
    return () => {
      setRate(this.optimizer, lr);
      this.#best = best;
      this.#bad = bad;
      this.#rest = rest;
    };
  }

  #reduce(): void {
    const { factor, minLr, eps } = this.#options;
    const lr = rateOf(this.optimizer);
    const next = Math.max(lr * factor, minLr);
    if (lr - next > eps) setRate(this.optimizer, next);
  }

  #isBetter(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options;
    const best = this.#best;
    if (best === undefined || !Number.isFinite(metric)) return Number.isFinite(metric);
    const sign = mode === "min" ? -1 : 1;
    const factor = 1 + (best < 0 ? -sign : sign) * threshold;
    const bound = thresholdMode === "rel" ? best * factor : best + sign * threshold;
    return mode === "min" ? metric < bound : metric > bound;
  }
}
