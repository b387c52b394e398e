/** What a Seq2Seq is given: pairs, sources, batches of both. */
import { isPlain } from "../by-name.js";
import { checkLengths, checkList, checkOptions, readNumbers, show } from "../checks.js";
import { ArgumentError, ShapeError } from "../errors.js";
import { Tensor } from "../tensor.js";
import type { Settled } from "./seq2seq-options.js";

/** A source and what it should become: tokens, without those that begin and end a target. */
export interface Pair {
  source: ArrayLike<number>;
  target: ArrayLike<number>;
}

/** A sample as `fit` takes it: the target twice, a step apart. */
export interface Seq2SeqSample {
  x: { source: Int32Array; target: Int32Array };
  y: Int32Array;
}

/** Pairs, or sources: more would be a mistake. */
const MOST = 2 ** 24;

/** @throws {ArgumentError} naming the token by its place */
function tokensOf(name: string, tokens: unknown, vocabulary: number): Int32Array {
  const read = readNumbers(name, tokens);
  const bad = read.findIndex((token) => !(Number.isInteger(token) && token >= 0 && token < vocabulary));
  if (bad >= 0) throw new ArgumentError(`${name}[${bad}]`, `a token in 0 … ${vocabulary - 1}`, show(read[bad]));
  return Int32Array.from(read);
}

/** @internal The tensors of a batch. @throws {ArgumentError} @throws {ShapeError} */
export function inputsOf(x: unknown): { source: Tensor; target: Tensor } {
  if (!isPlain(x)) throw new ArgumentError("x", "{ source, target }", show(x));
  const { source, target } = checkOptions(x as { source?: unknown; target?: unknown }, ["source", "target"], "x");
  for (const [name, tensor] of Object.entries({ source, target })) {
    if (!(tensor instanceof Tensor)) throw new ArgumentError(name, "a Tensor", show(tensor));
    if (tensor.shape.length !== 2) throw new ShapeError(name, "[T, N] tokens (of samples, an Int32Array each)", show([...tensor.shape]));
  }
  const [from, to] = [source as Tensor, target as Tensor];
  if (from.shape[1] !== to.shape[1]) throw new ShapeError("target", `${from.shape[1]} sequences, as the source`, show([...to.shape]));
  return { source: from, target: to };
}

type Lengths = ArrayLike<number> | undefined;

/** @internal Those of a batch. @throws {ArgumentError} @throws {ShapeError} */
export function lengthsOf(lengths: unknown, target: Tensor): { source: Lengths; target: Lengths } {
  if (lengths === undefined) return { source: undefined, target: undefined };
  if (!isPlain(lengths)) throw new ArgumentError("lengths", "{ source, target }", show(lengths));
  const { source, target: own } = checkOptions(lengths as { source?: Lengths; target?: Lengths }, ["source", "target"], "lengths");
  const [T, N] = target.shape as [number, number];
  return { source, target: own === undefined ? undefined : checkLengths("lengths.target", own, N, T) };
}

/** @internal @throws {ArgumentError} naming the token that is none of the vocabulary's */
export function samplesOf(pairs: unknown, settled: Settled): Seq2SeqSample[] {
  const { bos, eos, targetVocabularySize } = settled;
  return checkList("pairs", pairs, MOST, "an array of { source, target }").map((pair, i) => {
    if (!isPlain(pair)) throw new ArgumentError(`pairs[${i}]`, "{ source, target }", show(pair));
    const { source, target } = checkOptions(pair as { source?: unknown; target?: unknown }, ["source", "target"], `pairs[${i}]`);
    const tokens = tokensOf(`pairs[${i}].target`, target, targetVocabularySize);
    const x = { source: sourceOf(`pairs[${i}].source`, source, settled), target: Int32Array.of(bos, ...tokens) };
    return { x, y: Int32Array.of(...tokens, eos) };
  });
}

/** @internal @throws {ArgumentError} naming the token that is none of the vocabulary's */
export function sourcesOf(sources: unknown, settled: Settled): Int32Array[] {
  return checkList("sources", sources, MOST, "an array of sources").map((source, i) => sourceOf(`sources[${i}]`, source, settled));
}

/** @internal @throws {ArgumentError} */
export function sourceOf(name: string, source: unknown, { sourceVocabularySize }: Settled): Int32Array {
  const tokens = tokensOf(name, source, sourceVocabularySize);
  if (tokens.length === 0) throw new ArgumentError(name, "one or more tokens", "none");
  return tokens;
}
