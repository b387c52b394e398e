/** What decoders of CTC read: frames of C logits, checked at the door. */
import { checkLengths, checkList, isArray, lengthOf, readNumbers, show } from "../checks.js";
import { ArgumentError, ShapeError } from "../errors.js";
import { sequences } from "../losses/loss.js";
import { Tensor } from "../tensor.js";

/** The logits of one sequence: T frames of C numbers, or flat with the shape [T, C], as `predict` gives them and metrics of one's own get them. */
export type CTCLogits = ArrayLike<ArrayLike<number>> | CTCSample;

/** The logits of one sequence, flat: [T, C]. */
export interface CTCSample {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
}

/** Sequences of a list: more would be a mistake. */
const MOST = 2 ** 24;

/** @internal One sequence. */
export interface Frames {
  readonly T: number;
  readonly C: number;
  frame(t: number): Float64Array;
}

/** @internal The class that stands for no label. @throws {ArgumentError} */
export function checkBlank(blank: unknown = 0): number {
  if (typeof blank !== "number" || blank !== (blank | 0) || blank < 0)
    throw new ArgumentError("blank", "a class, an integer from 0", show(blank));
  return blank + 0; // −0 is 0
}

/** @internal A frame: a copy. @param C logits that it has to have; 0: one or more @throws {ArgumentError} @throws {ShapeError} */
export function readFrame(argument: string, frame: unknown, C: number, blank: number): Float64Array {
  const copy = readNumbers(argument, frame);
  if (C > 0 ? copy.length !== C : copy.length <= blank)
    throw new ShapeError(
      argument,
      C > 0 ? `${C} logits, as the first` : `more than ${blank} logits, that being the blank`,
      `${copy.length}`,
    );
  const bad = copy.findIndex((z) => Number.isNaN(z) || z === Number.POSITIVE_INFINITY);
  if (bad >= 0) throw new ArgumentError(`${argument}[${bad}]`, "a number below ∞", show(copy[bad]));
  if (copy.every((z) => z === Number.NEGATIVE_INFINITY)) throw new ArgumentError(argument, "a logit over −∞", "none");
  return copy;
}

/**
 * @internal The sequences of a tensor [T, N, C], or [N, T, C] as it says, or [T, C]; of a list, as `predict` gives; or one alone.
 *
 * @param lengths of a tensor of three axes
 * @param decode gives one sequence's result: a list of them, or of one alone its own
 * @throws {ArgumentError} @throws {ShapeError}
 */
export function decoded<R>(logits: unknown, lengths: unknown, blank: number, decode: (frames: Frames) => R): R | R[] {
  if (logits instanceof Tensor) return ofTensor(logits, lengths, blank).map(decode);
  if (lengths !== undefined) throw new ArgumentError("lengths", "none, there being no tensor", show(lengths));
  if (isArray(logits) && isSample(logits[0]))
    return checkList("logits", logits, MOST, `an array of at most ${MOST} sequences`).map((each, i) =>
      decode(ofSample(`logits[${i}]`, each, blank)),
    );
  return decode(isSample(logits) ? ofSample("logits", logits, blank) : ofFrames(logits, blank));
}

function isSample(value: unknown): boolean {
  return memberOf(value, "data") !== undefined && memberOf(value, "shape") !== undefined;
}

function ofSample(argument: string, sample: unknown, blank: number): Frames {
  return ofFlat(argument, memberOf(sample, "data"), memberOf(sample, "shape"), blank);
}

function ofFrames(logits: unknown, blank: number): Frames {
  const T = lengthOf(logits);
  if (typeof T !== "number" || !Number.isSafeInteger(T) || T < 0)
    throw new ArgumentError("logits", "a Tensor, { data, shape } or frames of logits", show(logits));
  const frames: Float64Array[] = [];
  for (let t = 0; t < T; t++) frames.push(readFrame(`logits[${t}]`, (logits as ArrayLike<unknown>)[t], frames[0]?.length ?? 0, blank));
  return { T, C: frames[0]?.length ?? 0, frame: (t) => frames[t] as Float64Array };
}

/** undefined where there is none, or it cannot be asked, as of a revoked Proxy. */
function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  try {
    return (value as Record<string, unknown>)[name];
  } catch (cause) {
    if (cause instanceof TypeError) return undefined;
    throw cause;
  }
}

function ofFlat(argument: string, data: unknown, given: unknown, blank: number): Frames {
  const values = readNumbers(`${argument}.data`, data);
  const shape = [...readNumbers(`${argument}.shape`, given)];
  const [T, C, ...rest] = shape;
  if (rest.length > 0 || !Number.isInteger(T) || T === undefined || C === undefined || T * C !== values.length)
    throw new ShapeError(argument, `[T, C] of ${values.length} numbers`, show(shape));
  return { T, C, frame: (t) => readFrame(`${argument}[${t}]`, values.subarray(t * C, t * C + C), 0, blank) };
}

function ofTensor(logits: Tensor, lengths: unknown, blank: number): readonly Frames[] {
  const { shape, batchFirst } = logits;
  if (shape.length === 2 && lengths === undefined) return [ofFlat("logits", logits.toArray(), shape, blank)];
  if (shape.length !== 3) throw new ShapeError("logits", `${sequences(batchFirst, "C")}, or [T, C] without lengths`, show([...shape]));
  const [first = 0, second = 0, C = 0] = shape;
  const [T, N] = batchFirst ? [second, first] : [first, second];
  const steps = lengths === undefined ? Array.from({ length: N }, () => T) : checkLengths("lengths", lengths, N, T);
  const values = logits.toArray();
  return steps.map((own, n) => ({
    T: own,
    C,
    frame(t) {
      const at = (batchFirst ? n * T + t : t * N + n) * C;
      return readFrame(`logits of sequence ${n}, step ${t}`, values.subarray(at, at + C), 0, blank);
    },
  }));
}
