/** Learning rates that change on the way. k counts the schedule's steps; η₀ is the optimizer's rate when its first schedule was made. */
import { checkNumber, checkOneOf, show } from "../../checks.js";
import { ArgumentError } from "../../errors.js";
import { isImpostor } from "../../heir.js";
import { checkCoefficient, checkSteps } from "../moments.js";
import { Optimizer } from "../optimizer.js";
import { Steering } from "./steering.js";

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

/** @internal What a schedule was made with. */
export type Settings = Readonly<Record<string, number | string | readonly number[]>>;

/** @internal A rate that the optimizer will take. @throws {ArgumentError} */
export function checkRate(argument: string, optimizer: HasRate, given: unknown): number {
  const rate = checkNumber(argument, given, 0) + 0; // −0 is 0
  return optimizer instanceof Optimizer ? checkCoefficient(argument, rate, optimizer.parameters) : rate;
}

/** @internal The optimizer's rate. @throws {ArgumentError} when it is none */
export function rateOf(optimizer: HasRate): number {
  return checkNumber("optimizer.lr", optimizer.lr, 0);
}

/** @internal @throws {ArgumentError} */
export function checkSteered(optimizer: HasRate): HasRate {
  if (isImpostor(Optimizer, optimizer)) throw new ArgumentError("optimizer", "the optimizer itself", "a Proxy or an heir of one");
  if (typeof optimizer?.lr !== "number") throw new ArgumentError("optimizer", "an optimizer", show(optimizer));
  rateOf(optimizer);
  return optimizer;
}

/** @internal @throws {ArgumentError} when it is no rate, or the optimizer does not take it; nothing has changed then */
export function setRate(optimizer: HasRate, lr: number): void {
  const rate = checkNumber("lr", lr, 0) + 0; // −0 is 0
  if (!Reflect.set(optimizer, "lr", rate)) throw new ArgumentError("optimizer", "one whose lr can be set", show(optimizer));
}

/** @internal μ or β₁, where there is one to set. The schedule that gives one has seen that the optimizer takes it. */
export function setMomentum(optimizer: HasRate, momentum: number | undefined): void {
  if (momentum !== undefined) (optimizer as Optimizer).inertia = momentum;
}

/** @internal A state's own entries, each read once. @throws {ArgumentError} */
export function entriesOf(argument: string, state: unknown, kind: string): Record<string, unknown> {
  if (typeof state !== "object" || state === null || Array.isArray(state))
    throw new ArgumentError(argument, `the state of a ${kind}`, show(state));
  return { ...state };
}

/**
 * @internal
 * @param rest names of the entries that are no settings
 * @throws {ArgumentError} when the state is of another kind of schedule, of one that was made with other settings, or holds more
 */
export function checkKind(
  argument: string,
  state: Record<string, unknown>,
  kind: string,
  settings: Settings,
  rest: readonly string[],
): void {
  checkOneOf(`${argument}.kind`, state.kind, [kind]);
  for (const [name, value] of Object.entries(settings)) {
    if (!isSame(state[name], value)) throw new ArgumentError(`${argument}.${name}`, `${show(value)}, as here`, show(state[name]));
  }
  const stranger = Object.keys(state).find((name) => name !== "kind" && !Object.hasOwn(settings, name) && !rest.includes(name));
  if (stranger !== undefined) throw new ArgumentError(argument, `the state of a ${kind} alone`, `one with ${show(stranger)}`);
}

function isSame(a: unknown, b: Settings[string]): boolean {
  if (!Array.isArray(b)) return a === b;
  return Array.isArray(a) && a.length === b.length && b.every((value, i) => value === a[i]);
}

/** A rate as a function of the number of steps. */
export abstract class Schedule extends Steering {
  /** @internal */
  readonly optimizer: HasRate;
  /** η₀. */
  #baseLr: number;
  #count = 0;

  protected constructor(optimizer: HasRate) {
    super();
    this.optimizer = checkSteered(optimizer);
    this.#baseLr = checkNumber("optimizer.initialLr", optimizer.initialLr ?? optimizer.lr, 0) + 0;
  }

  /** @internal The name in its states. */
  abstract readonly kind: string;

  /** @internal What it was made with: another schedule's state does not fit. */
  protected abstract settings(): Settings;

  /** @internal The rate after k steps. */
  abstract rate(k: number): number;

  /** @internal μ or β₁ after k steps; undefined: it stays as it is. */
  momentum(_k: number): number | undefined {
    return undefined;
  }

  /** @internal Steps that it goes. */
  get most(): number {
    return Number.MAX_SAFE_INTEGER;
  }

  /** Steps taken. */
  get count(): number {
    return this.#count;
  }

  /** η₀. */
  protected get baseLr(): number {
    return this.#baseLr;
  }

  /** Sets the optimizer's rate to that of the next step. @throws {ArgumentError} past its last step, and when the next rate is not finite */
  step(): void {
    const k = this.#count + 1;
    if (k > this.most) throw new ArgumentError("step", `at most ${this.most} steps of ${this.kind}`, `${k}`);
    setRate(this.optimizer, this.rate(k));
    setMomentum(this.optimizer, this.momentum(k));
    this.#count = k;
  }

  /** All that the next steps depend on, and the optimizer's rate. */
  state(): ScheduleState {
    return { kind: this.kind, ...this.settings(), baseLr: this.#baseLr, lr: rateOf(this.optimizer), count: this.#count };
  }

  /** @internal Throws what `load` would throw. */
  check(state: ScheduleState): void {
    this.plan("state", state);
  }

  /**
   * Continues from a state, and gives the optimizer the rate that it had: the order in which optimizer and schedule are made and loaded
   * changes nothing.
   *
   * @throws {ArgumentError} when it is another kind of schedule's, or of one that was made with other settings; nothing has changed then
   */
  load(state: ScheduleState): void {
    this.plan("state", state)();
  }

  /** @internal Reads all of a state; what comes back takes it. @throws {ArgumentError} */
  plan(argument: string, given: unknown): () => void {
    const state = entriesOf(argument, given, this.kind);
    if (state.kind !== undefined) checkOneOf(`${argument}.kind`, state.kind, [this.kind]); // first: the rest would not fit either
    const count = checkSteps(`${argument}.count`, state.count, this.most);
    checkKind(argument, state, this.kind, this.settings(), ["baseLr", "lr", "count"]);
    const baseLr = checkRate(`${argument}.baseLr`, this.optimizer, state.baseLr);
    const lr = checkRate(`${argument}.lr`, this.optimizer, state.lr);
    return () => {
      this.#steer(lr, baseLr);
      this.#baseLr = baseLr;
      this.#count = count;
    };
  }

  /** To be called at the end of a constructor: nothing has changed before. */
  protected begin(): void {
    this.#steer(this.rate(0), this.#baseLr);
    setMomentum(this.optimizer, this.momentum(0));
  }

  /** Sets the rate, and notes η₀ for the schedules to come. @throws {ArgumentError} nothing has changed then */
  #steer(lr: number, baseLr: number): void {
    const { optimizer } = this;
    const before = optimizer.lr;
    setRate(optimizer, lr);
    if (Reflect.set(optimizer, "initialLr", baseLr)) return;
    setRate(optimizer, before);
    throw new ArgumentError("optimizer", "one whose initialLr can be set", show(optimizer));
  }
}

/** From `a` at 0 to `b` at 1, in a straight line: both exactly, and nothing beyond them. */
export function between(a: number, b: number, part: number): number {
  return a * (1 - part) + b * part;
}

/** From 0 at 0 to 1 at 1, along half a cosine. */
export function cosine(part: number): number {
  return (1 - Math.cos(Math.PI * part)) / 2;
}
