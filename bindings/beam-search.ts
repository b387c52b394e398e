/** The likeliest sequences of a model, several followed side by side. */
import { checkNumber, checkOptions, checkPositive } from "./checks.js";
import { checkStop, feed, read, readPrompt, vocabularyOf } from "./prompt.js";
import { bestOf, readLogits } from "./sampling.js";
import type { Sequential } from "./sequential.js";

/** Options of `beamSearch`. */
export interface BeamOptions {
  /** Most tokens of a continuation. */
  length: number;
  /** Continuations that are followed side by side. Default 4. */
  beams?: number;
  /** A token that ends a continuation; it is not returned, its probability counts. */
  stop?: number;
  /**
   * α: a continuation Y ranks by log p / ((5 + |Y|)/6)^α, where |Y| counts its tokens and the one that ends it: from 0, by probability alone,
   * which favours the short ones, to about 1. Default 0. Source: Wu et al. 2016 (GNMT), arXiv:1609.08144, equation 14.
   */
  lengthPenalty?: number;
  /** No n tokens in a row occur twice in the prompt and a continuation together. A continuation that none may follow ends there. Default: they may. */
  noRepeatNgramSize?: number;
}

const OPTIONS = ["length", "beams", "stop", "lengthPenalty", "noRepeatNgramSize"];

/** A continuation and its probability. */
export interface Beam {
  tokens: number[];
  /** Σ log p, in nats. */
  logProbability: number;
  /** What it ranks by: `logProbability`, over the length penalty where there is one. */
  score: number;
}

/** A continuation by its last token and what goes before. */
interface Path {
  readonly before: Path | undefined;
  readonly token: number;
  readonly logProbability: number;
  readonly score: number;
  /** Row of the stream that gave it. */
  readonly row: number;
}

/**
 * The likeliest continuations that a beam of this width finds, best first; fewer than `beams` where no more are possible.
 *
 * @param model from tokens to logits, as embedding → LSTM → dense
 * @param prompt one or more tokens that the model reads first
 * @throws {ArgumentError} also when a logit of the model is NaN @throws {DisposedError} @throws {MemoryError}
 * @example
 * const [best] = beamSearch(model, [1, 5, 2], { length: 10, beams: 5 });
 */
export function beamSearch(model: Sequential, prompt: ArrayLike<number>, options: BeamOptions): Beam[] {
  const vocabulary = vocabularyOf(model);
  const { length, beams = 4, stop, lengthPenalty = 0, noRepeatNgramSize } = checkOptions(options, OPTIONS);
  checkPositive("length", length);
  checkPositive("beams", beams);
  checkStop(stop);
  checkNumber("lengthPenalty", lengthPenalty, 0);
  if (noRepeatNgramSize !== undefined) checkPositive("noRepeatNgramSize", noRepeatNgramSize);
  const first = readPrompt(prompt, vocabulary);
  const C = classesOf(model);
  checkStop(stop, C);
  const scored = (logProbability: number, tokens: number) => logProbability / ((5 + tokens) / 6) ** lengthPenalty;
  const stream = model.stream({ batch: Math.min(beams, C ** (length - 1)) }); // rows beyond would hold nothing
  try {
    read(stream, first);
    let live: Path[] = [{ before: undefined, token: -1, logProbability: 0, score: 0, row: 0 }];
    let ended: Path[] = [];
    for (let step = 1; ; step++) {
      const stuck: Path[] = [];
      const next = live.flatMap((path, row) => {
        const repeats = noRepeatNgramSize === undefined ? [] : repeating([...first, ...tokensOf(path)], noRepeatNgramSize);
        const banned = repeats.filter((token) => token !== stop); // which is not returned, so that it repeats nothing
        const ways = continuations(path, stream.output.subarray(row * C, (row + 1) * C), banned, beams);
        if (ways.length === 0) stuck.push(path);
        return ways.map(({ token, logProbability }) => ({ before: path, token, logProbability, score: scored(logProbability, step), row }));
      });
      const kept = best(next, beams);
      ended = best([...ended, ...stuck, ...kept.filter(({ token }) => token === stop)], beams);
      live = kept.filter(({ token }) => token !== stop);
      if (live.length === 0 || step === length) break;
      // Log p only falls: the best that a live one can come to is what it has now, over the penalty of the greatest length.
      if (ended.length === beams && (ended[beams - 1] as Path).score >= scored((live[0] as Path).logProbability, length)) break;
      stream.select(live.map(({ row }) => row));
      for (const [row, { token }] of live.entries()) feed(stream, row, token, vocabulary);
      stream.step();
    }
    return best([...ended, ...live], beams).map((path) => {
      const { logProbability, score } = path;
      return { tokens: tokensOf(path).filter((token) => token !== stop), logProbability, score };
    });
  } finally {
    stream.dispose();
  }
}

function classesOf(model: Sequential): number {
  const stream = model.stream();
  try {
    return stream.output.length;
  } finally {
    stream.dispose();
  }
}

/** @internal Those of the highest score first; ties stay in order. */
export function best<P extends { readonly score: number }>(paths: readonly P[], count: number): P[] {
  return [...paths].sort((a, b) => b.score - a.score).slice(0, count);
}

/** @internal The likeliest ways to go on, impossible ones left out. */
export function continuations(before: Pick<Path, "logProbability">, output: ArrayLike<number>, banned: readonly number[], count: number) {
  const logits = readLogits(output);
  const top = logits.reduce((a, b) => Math.max(a, b));
  const norm = top + Math.log(logits.reduce((sum, z) => sum + Math.exp(z - top), 0));
  const all = logits.map((z) => before.logProbability + z - norm);
  for (const token of banned) all[token] = Number.NEGATIVE_INFINITY;
  return bestOf(all, count).flatMap((token) => {
    const logProbability = all[token] as number;
    return logProbability > Number.NEGATIVE_INFINITY ? [{ token, logProbability }] : [];
  });
}

/** @internal The tokens after which the last n of a sequence would have been there before. */
export function repeating(sequence: readonly number[], n: number): number[] {
  if (sequence.length < n) return [];
  const last = sequence.slice(sequence.length - n + 1); // n − 1 tokens
  return sequence.slice(n - 1).filter((_, at) => last.every((token, i) => sequence[at + i] === token));
}

function tokensOf(path: Path): number[] {
  const tokens: number[] = [];
  for (let at = path; at.before; at = at.before) tokens.push(at.token);
  return tokens.reverse();
}
