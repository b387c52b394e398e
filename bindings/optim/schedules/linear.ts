import { checkNumber, checkOptions, checkPositive, show } from "../../checks.js";
import { ArgumentError } from "../../errors.js";
import { between, type HasRate, Schedule } from "./schedule.js";

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
    const { startFactor = 1 / 3, endFactor = 1, totalIters = 5 } = options;
    this.startFactor = checkFactor("startFactor", startFactor, this.baseLr);
    this.endFactor = checkFactor("endFactor", endFactor, this.baseLr);
    this.totalIters = checkPositive("totalIters", totalIters, Number.MAX_SAFE_INTEGER);
    this.begin();
  }

  rate(k: number): number {
    return this.baseLr * between(this.startFactor, this.endFactor, Math.min(k, this.totalIters) / this.totalIters);
  }

  protected settings() {
    const { startFactor, endFactor, totalIters } = this;
    return { startFactor, endFactor, totalIters };
  }
}

function checkFactor(argument: string, given: number, baseLr: number): number {
  const factor = checkNumber(argument, given, 0);
  if (Number.isFinite(factor * baseLr)) return factor;
  throw new ArgumentError(argument, `a factor of ${baseLr} with a finite product`, show(given));
}
