import { checkOptions, show } from "../../checks.js";
import { ArgumentError } from "../../errors.js";
import { entriesOf, type HasRate, Schedule, type ScheduleState } from "./schedule.js";

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
   * milestone between every two, each later than the one before, and each goes on until the next takes over
   */
  constructor(optimizer: HasRate, schedules: readonly Schedule[], options: { milestones: readonly number[] }) {
    checkOptions(options, ["milestones"]);
    super(optimizer);
    this.#schedules = readSchedules(schedules, optimizer);
    this.#milestones = readMilestones(options.milestones, this.#schedules);
    this.begin();
  }

  /** The last one's steps, after its milestone. */
  override get most(): number {
    const last = this.#schedules.at(-1) as Schedule;
    return Math.min(super.most, (this.#milestones.at(-1) ?? 0) + last.most);
  }

  override state(): ScheduleState {
    return { ...super.state(), schedules: this.#schedules.map((schedule) => schedule.state()) };
  }

  override plan(argument: string, given: unknown): () => void {
    const { schedules, ...own } = entriesOf(argument, given, this.kind);
    const last = super.plan(argument, own); // the rate is this one's
    if (!Array.isArray(schedules) || schedules.length !== this.#schedules.length)
      throw new ArgumentError(`${argument}.schedules`, `${this.#schedules.length} states`, show(schedules));
    const plans = this.#schedules.map((schedule, i) => schedule.plan(`${argument}.schedules[${i}]`, schedules[i]));
    return () => {
      for (const take of plans) take();
      last();
    };
  }

  protected settings() {
    return { milestones: this.#milestones };
  }

  rate(k: number): number {
    const [schedule, at] = this.#at(k);
    return schedule.rate(at);
  }

  override momentum(k: number): number | undefined {
    const [schedule, at] = this.#at(k);
    return schedule.momentum(at);
  }

  /** Whose turn it is after k steps, and its own step. */
  #at(k: number): [Schedule, number] {
    const i = this.#milestones.filter((at) => at <= k).length;
    return [this.#schedules[i] as Schedule, k - (this.#milestones[i - 1] ?? 0)];
  }
}

/** A copy. */
function readSchedules(schedules: unknown, optimizer: HasRate): readonly Schedule[] {
  if (!Array.isArray(schedules) || schedules.length === 0) throw new ArgumentError("schedules", "one schedule or more", show(schedules));
  const copy: Schedule[] = [];
  const { length } = schedules;
  for (let i = 0; i < length; i++) {
    const schedule: unknown = schedules[i];
    if (!(schedule instanceof Schedule)) throw new ArgumentError(`schedules[${i}]`, "a schedule by steps", show(schedule));
    if (schedule.optimizer !== optimizer) throw new ArgumentError(`schedules[${i}]`, "a schedule of this optimizer", "one of another");
    copy.push(schedule);
  }
  return copy;
}

/** A copy. */
function readMilestones(milestones: unknown, schedules: readonly Schedule[]): readonly number[] {
  const wanted = schedules.length - 1;
  const fits = Array.isArray(milestones) && milestones.length === wanted; // before it is copied: it may be long
  const copy: number[] = fits ? Array.from(milestones) : [];
  if (!fits || !copy.every((at, i) => Number.isSafeInteger(at) && at > (copy[i - 1] ?? 0)))
    throw new ArgumentError("milestones", `${wanted} rising counts of steps`, show(milestones));
  for (const [i, at] of copy.entries()) {
    const needed = at - (copy[i - 1] ?? 0) - 1; // the rate of its last step
    const { most } = schedules[i] as Schedule;
    if (most < needed) throw new ArgumentError(`schedules[${i}]`, `a schedule of ${needed} steps or more`, `one of ${most}`);
  }
  return copy;
}
