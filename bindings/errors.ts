/** Text of anything: to make an error never fails. */
function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "an object";
  }
}

/** Every error this package throws on purpose: what was asked of which argument, and what came. */
export class WasmRnnError extends Error {
  override name = "WasmRnnError";

  constructor(message?: string, options?: { readonly cause?: unknown }) {
    super(message === undefined ? message : textOf(message), options);
  }
}

/** A value that the argument cannot take: "hiddenSize: expected a positive integer, got 0". */
export class ArgumentError extends WasmRnnError {
  override name = "ArgumentError";
  /** The argument's name. */
  readonly argument: string;
  readonly expected: string;
  readonly got: string;

  constructor(argument: string, expected: string, got: string, options?: { readonly cause?: unknown }) {
    super(`${textOf(argument)}: expected ${textOf(expected)}, got ${textOf(got)}`, options);
    this.argument = argument;
    this.expected = expected;
    this.got = got;
  }
}

/** A tensor of the wrong shape, or data of the wrong length. */
export class ShapeError extends ArgumentError {
  override name = "ShapeError";
}

/** A tensor of the wrong element type. */
export class DTypeError extends ArgumentError {
  override name = "DTypeError";
}

/** Use of a runtime, layer, stream or tensor after its `dispose()`. */
export class DisposedError extends WasmRnnError {
  override name = "DisposedError";

  constructor(what: string) {
    super(`${textOf(what)}: expected it to be alive, got one that was disposed of`);
  }
}

/** Use of a result after the call that replaced it, or of a recording that no longer fits its layer. */
export class StaleError extends WasmRnnError {
  override name = "StaleError";
}

/** Memory that the runtime may not take. */
export class MemoryError extends WasmRnnError {
  override name = "MemoryError";
}

/** A file or binary that is not what it should be. */
export class FormatError extends WasmRnnError {
  override name = "FormatError";
}

/** Where training met a number that is not finite. */
export interface NonFinitePlace {
  /** Optimizer step, from 1. */
  readonly step: number;
  /** Batch of the epoch, from 1. */
  readonly batch: number;
  /** What gave the first output that is not finite: a layer by its full name, or an operator, as "log (call 4 of 6)"; of a gradient the layer, or the parameter of one's own. Undefined where every output is finite. */
  readonly layer: string | undefined;
}

/** A loss, gradient or output that is not finite where training needs it to be. */
export class NonFiniteError extends WasmRnnError {
  override name = "NonFiniteError";
  /** Where training was; undefined outside `fit`. */
  readonly place: NonFinitePlace | undefined;

  constructor(message: string, place?: NonFinitePlace) {
    super(message);
    this.place = place;
  }
}

/** The worker that a runtime of `wasm-rnn/worker` runs in could not be started, or has ended. */
export class WorkerError extends WasmRnnError {
  override name = "WorkerError";
}
