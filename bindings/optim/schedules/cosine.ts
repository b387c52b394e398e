import { checkOptions, checkPositive } from "../../checks.js";
import { between, checkRate, cosine, type HasRate, Schedule } from "./schedule.js";

/**
 * η_min + (η₀ − η_min)·(1 + cos(π·k/tMax))/2.
 *
 * @example
 * const schedule = new CosineAnnealingLR(optimizer, { tMax: 100 });
 * Source: torch.optim.lr_scheduler.CosineAnnealingLR; Loshchilov & Hutter, arXiv:1608.03983, without restarts.
 */
export class CosineAnnealingLR extends Schedule {
  readonly kind = "CosineAnnealingLR";
  readonly tMax: number;
  readonly etaMin: number;

  /** @throws {ArgumentError} unless tMax is a positive integer and etaMin ≥ 0 */
  constructor(optimizer: HasRate, options: { tMax: number; etaMin?: number }) {
    checkOptions(options, ["tMax", "etaMin"]);
    super(optimizer);
    const { tMax, etaMin = 0 } = options;
    this.tMax = checkPositive("tMax", tMax, Number.MAX_SAFE_INTEGER);
    this.etaMin = checkRate("etaMin", optimizer, etaMin);
    this.begin();
  }

  rate(k: number): number {
    return between(this.baseLr, this.etaMin, cosine((k % (2 * this.tMax)) / this.tMax)); // of a great k/tMax, π·k/tMax would be a rough angle
  }

  protected settings() {
    const { tMax, etaMin } = this;
    return { tMax, etaMin };
  }
}
