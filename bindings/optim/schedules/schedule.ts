/** Learning rates that change on the way. k counts the schedule's steps; η₀ is the optimizer's rate when its first schedule was made. */
import { checkNumber, show } from "../../checks.js";
import { ArgumentError } from "../../errors.js";

/** What a schedule steers. */
export interface HasRate {
  lr: number;
  /** η₀, noted by the first schedule. */
  initialLr?: number;
}

/** Everything that a schedule's next steps depend on, for JSON. */
export interface ScheduleState {
  /** Name of the schedule, such as "StepLR". */
  readonly kind?: string;
  readonly [name: string]: number | string | readonly ScheduleState[] | readonly number[] | undefined;
}

/** @internal @throws {ArgumentError} */
export function checkSteered(optimizer: HasRate): HasRate {
  if (typeof optimizer?.lr !== "number") throw new ArgumentError("optimizer", "an optimizer", show(optimizer));
  return optimizer;
}

/** @internal Refuses the state of another kind of schedule. @throws {ArgumentError} */
export function checkKind(state: ScheduleState, kind: string): void {
  if (typeof state !== "object" || state === null) throw new ArgumentError("state", `the state of a ${kind}`, show(state));
  if (state.kind !== kind) throw new ArgumentError("state.kind", show(kind), show(state.kind));
}

/** A rate as a function of the number of steps. */
export abstract class Schedule {
  /** @internal */
  readonly optimizer: HasRate;
  /** η₀. */
  #baseLr: number;
  #count = 0;

  protected constructor(optimizer: HasRate) {
    this.optimizer = checkSteered(optimizer);
    optimizer.initialLr ??= optimizer.lr;
    this.#baseLr = optimizer.initialLr;
  }

  /** @internal The name in its states. */
  abstract readonly kind: string;

  /** @internal What it was made with: another schedule's state does not fit. */
  protected abstract settings(): Readonly<Record<string, number | string | readonly number[]>>;

  /** @internal The rate after k steps. */
  abstract rate(k: number): number;

  /** Steps taken. */
  get count(): number {
    return this.#count;
  }

  /** η₀. */
  protected get baseLr(): number {
    return this.#baseLr;
  }

  /** Sets the optimizer's rate to that of the next step. */
  step(): void {
    this.optimizer.lr = this.rate(this.#count + 1);
    this.#count++;
  }

  /** All that the next steps depend on. */
  state(): ScheduleState {
    return { kind: this.kind, ...this.settings(), baseLr: this.#baseLr, count: this.#count };
  }

  /** @internal Throws what `load` would throw. */
  check(state: ScheduleState): void {
    const { count, baseLr } = state ?? {};
    if (!Number.isSafeInteger(count) || (count as number) < 0) throw new ArgumentError("state.count", "a count of steps", show(count));
    checkKind(state, this.kind);
    for (const [name, value] of Object.entries(this.settings())) {
      const then = state[name];
      if (!isSame(then, value)) throw new ArgumentError(`state.${name}`, `${show(value)}, as here`, show(then));
    }
    if (typeof baseLr !== "number" || !(baseLr >= 0 && Number.isFinite(baseLr)))
      throw new ArgumentError("state.baseLr", "a number from 0", show(baseLr));
    const base = this.#baseLr;
    try {
      this.#baseLr = baseLr; // for the rate alone
      checkNumber("rate of the state", this.rate(count as number), 0);
    } finally {
      this.#baseLr = base;
    }
  }

  /**
   * Continues from a state, and sets the optimizer's rate to the schedule's.
   *
   * @throws {ArgumentError} when it is another kind of schedule's, or of one that was made with other settings
   */
  load(state: ScheduleState): void {
    this.check(state);
    this.#baseLr = state.baseLr as number;
    this.#count = state.count as number;
    this.optimizer.initialLr = this.#baseLr;
    this.optimizer.lr = this.rate(this.#count);
  }

  /** To be called at the end of a constructor. */
  protected begin(): void {
    this.optimizer.lr = this.rate(0);
  }
}

function isSame(then: unknown, value: number | string | readonly number[]): boolean {
  if (typeof value !== "object") return then === value;
  return Array.isArray(then) && then.length === value.length && value.every((each, i) => each === then[i]);
}

/** From 1 at 0 to 0 at 1. */
export function cosine(part: number): number {
  return (1 + Math.cos(Math.PI * part)) / 2;
}
