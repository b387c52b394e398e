/** A cell of operators, one step at a time. */
import { show } from "../checks.js";
import { Owner } from "../dispose.js";
import { ArgumentError } from "../errors.js";
import { Frame } from "../graph/frame.js";
import type { Runtime } from "../runtime.js";
import { Tensor } from "../tensor.js";
import { runtimeOf } from "./operands.js";
import { checkState, type ScanBody, type ScanState } from "./scan.js";

/**
 * What `scan` does, one step at a time, with the state kept: the same bits.
 *
 * @example
 * const stream = new ScanStream(cell, h0);
 * const y = stream.step(x); // [N, …], valid until the next step
 */
export class ScanStream<State extends ScanState> extends Owner {
  readonly #body: ScanBody<State>;
  readonly #frame: Frame;
  readonly #runtime: Runtime;
  readonly #initial: State;
  /** Its own. */
  #state: State;
  /** Where the next one is written: an output may still be the last one, or a view of it. */
  #next: State;

  /**
   * @param body one step, as for `scan`
   * @param state before the first step: a copy is taken
   * @throws {ArgumentError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  constructor(body: ScanBody<State>, state: State) {
    if (typeof body !== "function") throw new ArgumentError("body", "a function", show(body));
    const checked = checkState("state", state);
    const runtime = runtimeOf("state", tensorsOf(checked));
    super("stream", runtime);
    this.#body = body;
    this.#frame = new Frame(runtime);
    this.#runtime = runtime;
    this.#initial = copyOf(checked);
    this.#state = copyOf(checked);
    this.#next = copyOf(checked);
  }

  /** One step of all rows. @param x [N, …] @returns the output, valid until the next step @throws what the body throws: the state is as it was then */
  step(x: Tensor): Tensor {
    this.assertAlive();
    if (!(x instanceof Tensor)) throw new ArgumentError("x", "a Tensor", show(x));
    if (this.#runtime.scope)
      throw new ArgumentError("stream.step", "a call outside of frames (a step is a run of its own)", "a call inside of one");
    return this.#frame.run(() => {
      const made: unknown = this.#body(x, this.#state);
      const { output, state } = (made ?? {}) as { output?: unknown; state?: unknown };
      if (!(output instanceof Tensor)) throw new ArgumentError("body", "a function that gives { output, state }", show(made));
      write(this.#next, checkState("state of the step", state as State, this.#state));
      [this.#state, this.#next] = [this.#next, this.#state];
      return output;
    });
  }

  /** The state after the last step: a copy, yours to dispose of. */
  get state(): State {
    this.assertAlive();
    return copyOf(this.#state);
  }

  /** Takes such a state: a copy of all of it, or where it does not fit nothing. @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} @throws {DisposedError} */
  set state(state: State) {
    this.assertAlive();
    write(this.#state, checkState("state", state, this.#state));
  }

  /** Back to the state it began with. */
  reset(): void {
    this.state = this.#initial;
  }

  /** @internal */
  protected override release(): void {
    this.#frame.dispose();
    for (const tensor of [this.#initial, this.#state, this.#next].flatMap(tensorsOf)) tensor.dispose();
  }
}

function tensorsOf(state: ScanState): Tensor[] {
  return state instanceof Tensor ? [state] : Object.values(state);
}

function copyOf<State extends ScanState>(state: State): State {
  if (state instanceof Tensor) return state.clone() as State;
  return Object.fromEntries(Object.entries(state).map(([name, tensor]) => [name, tensor.clone()])) as unknown as State;
}

/** All values are read before the first is written: a step may swap two of them. */
function write(state: ScanState, from: ScanState): void {
  const values = tensorsOf(from).map((tensor) => tensor.toArray());
  const names = state instanceof Tensor ? undefined : Object.keys(from as object);
  for (const [i, value] of values.entries())
    (names ? ((state as Record<string, Tensor>)[names[i] as string] as Tensor) : (state as Tensor)).set(value);
}
