/** The streams of several layers, one after another. */
import { checkIndex, show } from "./checks.js";
import { Owner } from "./dispose.js";
import { ArgumentError } from "./errors.js";
import type { FloatArray } from "./tensor.js";

/** A copy of a recurrent stream's state, [L, N, H] flat. */
export interface StreamStateCopy {
  readonly h: FloatArray;
  readonly c?: FloatArray;
}

/** @internal The stream of one layer. */
export interface StreamPart {
  readonly input: FloatArray | Int32Array;
  readonly output: FloatArray;
  state?: StreamStateCopy;
  step(): void;
  reset?(row?: number): void;
  /** Checks a state; what is returned takes it. */
  accept?(state: unknown, argument: string): () => void;
  select?(rows: readonly number[]): void;
  dispose(): void;
}

/** Made by `model.stream()`. Follows changes of the parameters; a step allocates nothing. */
export class ModelStream extends Owner {
  readonly #parts: readonly StreamPart[];
  readonly #rows: number;

  /** @internal Use `model.stream()`. @param rows of a step, N */
  constructor(parts: readonly StreamPart[], rows: number) {
    super("stream", null);
    this.#parts = parts;
    this.#rows = rows;
  }

  /** What the next step reads: [N, I] flat, or N tokens. Live: write into it. */
  get input(): FloatArray | Int32Array {
    return (this.#parts[0] as StreamPart).input;
  }

  /** What the last step gave, [N, O] flat. Live: the next step overwrites it. */
  get output(): FloatArray {
    return (this.#parts[this.#parts.length - 1] as StreamPart).output;
  }

  /** One time step. @throws {DisposedError} */
  step(): void {
    const parts = this.#parts;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i] as StreamPart;
      if (i > 0) part.input.set((parts[i - 1] as StreamPart).output);
      part.step();
    }
  }

  /** Back to the zero state: all rows, or one. @throws {ArgumentError} when there is no such row @throws {DisposedError} */
  reset(row?: number): void {
    if (row !== undefined) checkIndex("row", row, this.#rows);
    for (const part of this.#parts) part.reset?.(row);
  }

  /** Copies of the states of the recurrent layers, first to last. */
  get state(): StreamStateCopy[] {
    return this.#recurrent().map((part) => part.state as StreamStateCopy);
  }

  /** Takes such copies: all, or where one does not fit none. @throws {ShapeError} @throws {ArgumentError} @throws {DisposedError} */
  set state(states: readonly StreamStateCopy[]) {
    this.accept(states, "state")();
  }

  /** @internal Checks states and copies them; what is returned takes them, and does not fail. */
  accept(states: unknown, argument: string): () => void {
    const recurrent = this.#recurrent();
    if (!Array.isArray(states) || states.length !== recurrent.length)
      throw new ArgumentError(argument, `an array of ${recurrent.length}, one for each recurrent layer`, show(states));
    const takes = recurrent.map((part, i) => part.accept?.(states[i], `${argument}[${i}]`));
    return () => {
      for (const take of takes) take?.();
    };
  }

  /** @internal Row n of every state becomes what row rows[n] was; rows that are not named stay. */
  select(rows: readonly number[]): void {
    for (const part of this.#parts) part.select?.(rows);
  }

  /** @internal */
  protected override release(): void {
    for (const part of this.#parts) part.dispose();
  }

  #recurrent(): StreamPart[] {
    return this.#parts.filter((part) => "state" in part);
  }
}
