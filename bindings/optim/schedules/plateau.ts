import { checkNumber, checkOneOf, checkOptions, show } from "../../checks.js";
import { ArgumentError } from "../../errors.js";
import { checkKind, checkSteered, type HasRate, type ScheduleState } from "./schedule.js";

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
    this.#optimizer = checkSteered(optimizer);
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

  /** @param metric of the epoch; NaN is no value: such an epoch does not count @throws {ArgumentError} when it is no number */
  step(metric?: number): void {
    if (typeof metric !== "number") throw new ArgumentError("metric", "a number", show(metric));
    if (Number.isNaN(metric)) return;
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

  /** The best metric is left out while there is none, JSON having no infinity. */
  state(): ScheduleState {
    return { kind: KIND, ...(Number.isFinite(this.#best) ? { best: this.#best } : {}), bad: this.#bad, rest: this.#rest };
  }

  /** @internal Throws what `load` would throw. */
  check(state: ScheduleState): void {
    checkKind(state, KIND);
    checkNumber("state.bad", state.bad, 0);
    checkNumber("state.rest", state.rest, 0);
    if (state.best !== undefined) checkNumber("state.best", state.best);
  }

  /** @throws {ArgumentError} when it is another kind of schedule's */
  load(state: ScheduleState): void {
    this.check(state);
    const none = this.#options.mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    this.#best = (state.best as number | undefined) ?? none;
    this.#bad = state.bad as number;
    this.#rest = state.rest as number;
  }

  #isBetter(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options;
    const sign = mode === "min" ? -1 : 1;
    const bound = thresholdMode === "rel" ? this.#best * (1 + sign * threshold) : this.#best + sign * threshold;
    return mode === "min" ? metric < bound : metric > bound;
  }
}
