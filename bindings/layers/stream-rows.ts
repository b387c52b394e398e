/** The rows of a stream: which are live, which a step is about, and how any of them go through it apart from the others. */
import type { Buffers } from "../buffers.js";
import { checkIndex, lengthOf, show } from "../checks.js";
import { ArgumentError, ShapeError } from "../errors.js";
import type { Runtime } from "../runtime.js";
import { bytesPer, type DType } from "../tensor.js";
import { LiveView } from "./live-view.js";

/**
 * Most rows that are computed at once where not all are: what they need beside their state stays small, and in the cache. More gain nothing
 * (measured: LSTM, µs a row at H 64: 1.83 for 24 rows, 1.78 for 48, 1.75 for 96; at H 256 17.1 for each; at H 512 67, 71, 73).
 */
export const ROWS_AT_ONCE = 48;

/** What takes rows through a step: a stream, or a part of one. `table`: address of the u32 numbers of the rows at work, `count` of them. */
export interface Rowwise {
  /** Throws where one of these rows cannot be read; nothing has changed then. */
  checkRows(rows: Int32Array, count: number): void;
  /** Brings their inputs to the rows at work. */
  gatherRows(table: number, count: number): void;
  /** One step of the rows at work. */
  stepRows(table: number, count: number): void;
  /** Brings what they gave to their places in the output. */
  scatterRows(table: number, count: number): void;
}

/** Rows of a stream, by their numbers: 0 … N − 1, all live at first. */
export class StreamRows {
  readonly N: number;
  /** Of each row. */
  readonly #is: Uint8Array;
  /** The live rows, in order; and how many there are. */
  readonly #live: Int32Array;
  #count: number;
  readonly #asked: Int32Array;
  /** Whether a list of rows is being read. */
  #isReading = false;
  readonly #ptr: number;
  readonly #table: LiveView;

  /** @throws {MemoryError} */
  constructor(runtime: Runtime, buffers: Buffers, N: number) {
    const most = rowsAtOnce(N);
    this.N = N;
    this.#is = new Uint8Array(N).fill(LIVE);
    this.#live = Int32Array.from({ length: N }, (_, row) => row);
    this.#count = N;
    this.#asked = new Int32Array(N);
    this.#ptr = N > 1 ? buffers.get("rows", 4 * most) : 0; // one row goes a step or it does not
    this.#table = new LiveView(runtime, "i32", this.#ptr, most, this);
  }

  /** How many are live. */
  get live(): number {
    return this.#count;
  }

  /** Whether all are. */
  get full(): boolean {
    return this.#count === this.N;
  }

  /** @throws {ArgumentError} unless it is a live row */
  check(row: unknown): number {
    const checked = checkIndex("row", row, this.N);
    if (this.#is[checked] === FREE) throw new ArgumentError("row", "a live row", `${checked}, which is free`);
    return checked;
  }

  /**
   * The row that a call names; undefined where it names none, and means all. One that is undefined, as a look-up that found nothing gives it, is
   * no row: it must not end all.
   *
   * @param given the call's arguments @throws {ArgumentError} unless it is a live row
   */
  named(given: readonly unknown[]): number | undefined {
    return given.length === 0 ? undefined : this.check(given[0]);
  }

  /** What a state's own code did while it was read: a row must be as it was. @throws {ArgumentError} */
  checkStill(row: number, isLive: boolean): void {
    if (isLive ? this.#is[row] !== FREE : this.#is.indexOf(FREE) === row) return;
    throw new ArgumentError("state", "one that can be read without a change of the stream's rows", "one that changes them");
  }

  /** The lowest free row. @throws {ArgumentError} when there is none */
  free(): number {
    const row = this.#is.indexOf(FREE);
    if (row < 0) throw new ArgumentError("batch", "a free row", `${this.N} live ones`);
    return row;
  }

  /** It becomes live. */
  join(row: number): void {
    this.#is[row] = LIVE;
    this.#list();
  }

  /** It becomes free, or all do. */
  leave(row: number | undefined): void {
    if (row === undefined) this.#is.fill(FREE);
    else this.#is[row] = FREE;
    this.#list();
  }

  /**
   * What a step is about: these rows, or all live ones.
   *
   * @returns how many @throws {ArgumentError} unless each is a live row and none is there twice @throws {ShapeError} when there are too many
   */
  ask(rows: ArrayLike<number> | undefined): number {
    if (this.#isReading) throw new ArgumentError("rows", "a list that can be read without a step of its stream", "one that takes a step");
    if (rows === undefined) {
      this.#asked.set(this.#live);
      return this.#count;
    }
    const count = lengthOf(rows);
    if (typeof count !== "number" || !Number.isInteger(count) || count < 0) throw new ArgumentError("rows", "an array of rows", show(rows));
    if (count > this.N) throw new ShapeError("rows", `at most ${this.N}`, `${count}`);
    this.#read(rows, count);
    let seen = 0;
    try {
      for (; seen < count; seen++) {
        const row = this.#asked[seen] as number;
        if (this.#is[row] !== LIVE) throw new ArgumentError(`rows[${seen}]`, `a live row in 0 … ${this.N - 1}, once`, show(row));
        this.#is[row] = ASKED;
      }
    } finally {
      for (let i = 0; i < seen; i++) this.#is[this.#asked[i] as number] = LIVE;
    }
    return count;
  }

  /** Each once. A getter that calls the stream again would change what is asked: it is refused. */
  #read(rows: ArrayLike<number>, count: number): void {
    this.#isReading = true;
    try {
      for (let i = 0; i < count; i++) {
        const row: unknown = rows[i];
        if (typeof row !== "number" || !(row >= 0 && row < this.N && Number.isInteger(row)))
          throw new ArgumentError(`rows[${i}]`, `a live row in 0 … ${this.N - 1}, once`, show(row));
        this.#asked[i] = row;
      }
    } finally {
      this.#isReading = false;
    }
  }

  #list(): void {
    this.#count = 0;
    for (let n = 0; n < this.N; n++) if (this.#is[n] !== FREE) this.#live[this.#count++] = n;
  }

  /** A step of what was asked for. */
  run(part: Rowwise, count: number): void {
    part.checkRows(this.#asked, count);
    for (let from = 0; from < count; from += ROWS_AT_ONCE) {
      const some = Math.min(ROWS_AT_ONCE, count - from);
      const table = this.#table.get();
      for (let i = 0; i < some; i++) table[i] = this.#asked[from + i] as number;
      part.gatherRows(this.#ptr, some);
      part.stepRows(this.#ptr, some);
      part.scatterRows(this.#ptr, some);
    }
  }
}

const FREE = 0;
const LIVE = 1;
/** While a list of rows is read. */
const ASKED = 2;

/** Rows at work in a stream of N. */
export function rowsAtOnce(N: number): number {
  return Math.min(N, ROWS_AT_ONCE);
}

/** Moves rows between a block of all of them and one of those at work. Makes no garbage: its arguments are one object. */
export class RowMove {
  readonly #runtime: Runtime;
  readonly #dtype: "f32" | "f64";
  readonly #all: number;
  readonly #some: number;
  readonly #args: { dst: number; ldd: number; src: number; lds: number; index: number; M: number; width: number };

  /** @param all address of [N,width] @param some address of [rows at work,width] */
  constructor(runtime: Runtime, dtype: DType, all: number, some: number, width: number) {
    this.#runtime = runtime;
    this.#dtype = bytesPer(dtype) === 8 ? "f64" : "f32"; // bytes are moved, whatever they mean
    this.#all = all;
    this.#some = some;
    this.#args = { dst: 0, ldd: width, src: 0, lds: width, index: 0, M: 0, width };
  }

  /** To work. */
  gather(table: number, count: number): void {
    this.#runtime.kernels(this.#dtype).gatherRows(this.#between(this.#all, this.#some, table, count));
  }

  /** And back. @param from where they lie by then */
  scatter(table: number, count: number, from = this.#some): void {
    this.#runtime.kernels(this.#dtype).scatterRows(this.#between(from, this.#all, table, count));
  }

  #between(src: number, dst: number, table: number, count: number) {
    const args = this.#args;
    args.src = src;
    args.dst = dst;
    args.index = table;
    args.M = count;
    return args;
  }
}
