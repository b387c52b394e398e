/** A model's stream in a worker, as its caller holds it. */
import type { StreamStateCopy } from "../layers/stream-parts.js";
import type { FloatArray } from "../tensor.js";
import { ownCopy } from "./parcels.js";
import { Remote } from "./remote.js";

/** Made by `model.stream()` of a model in a worker. Steps are taken in the order of the calls. */
export class WorkerStream extends Remote {
  /** @internal Use `model.stream()`. */
  constructor(model: Remote, id: number) {
    super("stream", model.runtime, model, id);
  }

  /**
   * One time step of all live rows, or of these alone.
   *
   * @param sample what they read, [N, I] flat, or N tokens; copied, so that one array can serve for all steps. With rows that of these, in their order
   * @param rows live rows, each once; without them the sample has all N, and what it has of free ones is not read
   * @returns what they gave, [N, O] flat; with rows that of these, in their order
   * @throws {ShapeError} @throws {ArgumentError} also on a row that is not live; then no row has gone a step @throws {DisposedError}
   */
  async step(sample: ArrayLike<number>, rows?: ArrayLike<number>): Promise<FloatArray> {
    const some = rows === undefined ? [] : [ownCopy("rows", rows)];
    return this.ask("step", [ownCopy("sample", sample), ...some]) as Promise<FloatArray>;
  }

  /**
   * A free row becomes live, with the zero state or these states.
   *
   * @param states of one row, as `getState(row)` gives them; copied
   * @returns the lowest free row: it is the newcomer's until it leaves
   * @throws {ArgumentError} when no row is free @throws {ShapeError} @throws {DisposedError}
   */
  async join(states?: readonly StreamStateCopy[]): Promise<number> {
    return this.ask("join", [states]) as Promise<number>;
  }

  /** A row becomes free, or all: no step computes it until another joins. @throws {ArgumentError} unless it is live @throws {DisposedError} */
  leave(): Promise<void>;
  leave(row: number): Promise<void>;
  async leave(...given: [row?: number]): Promise<void> {
    await this.ask("leave", given);
  }

  /** Back to the zero state: all rows, or one. @throws {ArgumentError} unless it is a live row @throws {DisposedError} */
  reset(): Promise<void>;
  reset(row: number): Promise<void>;
  async reset(...given: [row?: number]): Promise<void> {
    await this.ask("reset", given);
  }

  /** Copies of one row's states: what a stream alone would have. @throws {ArgumentError} unless it is a live row @throws {DisposedError} */
  getState(row: number): Promise<StreamStateCopy[]> {
    return this.ask("getState", [row]) as Promise<StreamStateCopy[]>;
  }

  /** Gives one row such states, of this or of another stream; copied. @throws {ShapeError} @throws {ArgumentError} @throws {DisposedError} */
  async setState(row: number, states: readonly StreamStateCopy[]): Promise<void> {
    await this.ask("setState", [row, states]);
  }

  /** Copies of the states of the recurrent layers, first to last. */
  get state(): Promise<StreamStateCopy[]> {
    return this.ask("state", []) as Promise<StreamStateCopy[]>;
  }

  /**
   * Takes such copies: all, or where one does not fit none. A method in the place of a setter, which cannot be awaited.
   *
   * @throws {ShapeError} @throws {ArgumentError} @throws {DisposedError}
   */
  async load(states: readonly StreamStateCopy[]): Promise<void> {
    await this.ask("restore", [states]);
  }
}
