import { checkNumber, checkOptions, checkPositive } from "../../checks.js";
import { type HasRate, Schedule } from "./schedule.js";

/**
 * A warm-up: η₀ times a factor that goes from startFactor to endFactor in totalIters steps, in a straight line.
 *
 * @example
 * const warmUp = new LinearLR(optimizer, { startFactor: 0.1, totalIters: 100 });
 * Source: torch.optim.lr_scheduler.LinearLR.
 */
export class LinearLR extends Schedule {
  readonly kind = "LinearLR";
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

  protected settings() {
    const { startFactor, endFactor, totalIters } = this;
    return { startFactor, endFactor, totalIters };
  }
}
