import { checkNumber, checkOptions, checkPositive } from "../../checks.js";
import { type HasRate, Schedule } from "./schedule.js";

/**
 * η₀·γ^⌊k/stepSize⌋.
 *
 * @example
 * const schedule = new StepLR(optimizer, { stepSize: 10, gamma: 0.5 });
 * Source: torch.optim.lr_scheduler.StepLR.
 */
export class StepLR extends Schedule {
  readonly kind = "StepLR";
  readonly stepSize: number;
  readonly gamma: number;

  /** @throws {ArgumentError} unless stepSize is a positive integer and gamma ≥ 0 */
  constructor(optimizer: HasRate, options: { stepSize: number; gamma?: number }) {
    checkOptions(options, ["stepSize", "gamma"]);
    super(optimizer);
    const { stepSize, gamma = 0.1 } = options;
    this.stepSize = checkPositive("stepSize", stepSize, Number.MAX_SAFE_INTEGER);
    this.gamma = checkNumber("gamma", gamma, 0);
    this.begin();
  }

  rate(k: number): number {
    const factor = this.gamma ** Math.floor(k / this.stepSize);
    return this.baseLr === 0 ? 0 : this.baseLr * factor; // the factor of γ > 1 may be infinite
  }

  protected settings() {
    const { stepSize, gamma } = this;
    return { stepSize, gamma };
  }
}
