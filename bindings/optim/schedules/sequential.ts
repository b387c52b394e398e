import { checkOptions, show } from "../../checks.js";
import { ArgumentError } from "../../errors.js";
import { type HasRate, Schedule, type ScheduleState } from "./schedule.js";

/**
 * Schedules one after another: the i-th takes over at milestones[i − 1].
 *
 * @example
 * const warmUp = new LinearLR(optimizer, { startFactor: 0.1, totalIters: 10 });
 * const schedule = new SequentialLR(optimizer, [warmUp, new CosineAnnealingLR(optimizer, { tMax: 90 })], { milestones: [10] });
 * Source: torch.optim.lr_scheduler.SequentialLR.
 */
export class SequentialLR extends Schedule {
  readonly kind = "SequentialLR";
  readonly #schedules: readonly Schedule[];
  readonly #milestones: readonly number[];

  /**
   * @throws {ArgumentError} unless all are schedules of this optimizer whose rates follow from the step alone (not a plateau's), with a
   * milestone between every two, each later than the one before
   */
  constructor(optimizer: HasRate, schedules: readonly Schedule[], options: { milestones: readonly number[] }) {
    checkOptions(options, ["milestones"]);
    super(optimizer);
    if (!Array.isArray(schedules) || schedules.length === 0) throw new ArgumentError("schedules", "one schedule or more", show(schedules));
    for (const [i, schedule] of schedules.entries()) {
      if (!(schedule instanceof Schedule)) throw new ArgumentError(`schedules[${i}]`, "a schedule by steps", show(schedule));
      if (schedule.optimizer !== optimizer) throw new ArgumentError(`schedules[${i}]`, "a schedule of this optimizer", "one of another");
    }
    const { milestones } = options;
    const rising = Array.isArray(milestones) && milestones.every((at, i) => Number.isInteger(at) && at > (milestones[i - 1] ?? 0));
    if (!rising || milestones.length !== schedules.length - 1) {
      throw new ArgumentError("milestones", `${schedules.length - 1} rising counts of steps`, show(milestones));
    }
    this.#schedules = [...schedules];
    this.#milestones = [...milestones];
    this.begin();
  }

  override state(): ScheduleState {
    return { ...super.state(), schedules: this.#schedules.map((schedule) => schedule.state()) };
  }

  override check(state: ScheduleState): void {
    super.check(state);
    const { schedules } = state;
    if (!Array.isArray(schedules) || schedules.length !== this.#schedules.length)
      throw new ArgumentError("state.schedules", `${this.#schedules.length} states`, show(schedules));
    for (const [i, schedule] of this.#schedules.entries()) schedule.check(schedules[i]);
  }

  override load(state: ScheduleState): void {
    this.check(state);
    for (const [i, schedule] of this.#schedules.entries()) schedule.load((state.schedules as ScheduleState[])[i] as ScheduleState);
    super.load(state); // last: the rate is this one's
  }

  protected settings() {
    return { milestones: this.#milestones };
  }

  rate(k: number): number {
    const i = this.#milestones.filter((at) => at <= k).length;
    return (this.#schedules[i] as Schedule).rate(k - (this.#milestones[i - 1] ?? 0));
  }
}
