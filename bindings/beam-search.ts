/** The likeliest sequences of a model, several followed side by side. */
import { checkOptions, checkPositive } from "./checks.js";
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
}

/** A continuation and its probability. */
export interface Beam {
  tokens: number[];
  /** Σ log p, in nats. */
  logProbability: number;
}

/** A continuation by its last token and what goes before. */
interface Path {
  readonly before: Path | undefined;
  readonly token: number;
  readonly logProbability: number;
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
  const { length, beams = 4, stop } = checkOptions(options, ["length", "beams", "stop"]);
  checkPositive("length", length);
  checkPositive("beams", beams);
  checkStop(stop);
  const first = readPrompt(prompt, vocabulary);
  const C = classesOf(model);
  checkStop(stop, C);
  const stream = model.stream({ batch: Math.min(beams, C ** (length - 1)) }); // rows beyond would hold nothing
  try {
    read(stream, first);
    let live: Path[] = [{ before: undefined, token: -1, logProbability: 0, row: 0 }];
    let ended: Path[] = [];
    for (let step = 1; ; step++) {
      const next = best(
        live.flatMap((path, row) => continuations(path, row, stream.output.subarray(row * C, (row + 1) * C), beams)),
        beams,
      );
      ended = best([...ended, ...next.filter(({ token }) => token === stop)], beams);
      live = next.filter(({ token }) => token !== stop);
      if (live.length === 0 || step === length) break;
      if (ended.length === beams && (ended[beams - 1] as Path).logProbability >= (live[0] as Path).logProbability) break; // none can pass them
      stream.select(live.map(({ row }) => row));
      for (const [row, { token }] of live.entries()) feed(stream, row, token, vocabulary);
      stream.step();
    }
    return best([...ended, ...live], beams).map((path) => ({ tokens: tokensOf(path, stop), logProbability: path.logProbability }));
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

/** The likeliest first; ties stay in order. */
function best(paths: readonly Path[], count: number): Path[] {
  return [...paths].sort((a, b) => b.logProbability - a.logProbability).slice(0, count);
}

/** The likeliest ways to go on, impossible ones left out. */
function continuations(before: Path, row: number, output: ArrayLike<number>, count: number): Path[] {
  const logits = readLogits(output);
  const top = logits.reduce((a, b) => Math.max(a, b));
  const norm = top + Math.log(logits.reduce((sum, z) => sum + Math.exp(z - top), 0));
  const all = logits.map((z) => before.logProbability + z - norm);
  return bestOf(all, count).flatMap((token) => {
    const logProbability = all[token] as number;
    return logProbability > Number.NEGATIVE_INFINITY ? [{ before, token, logProbability, row }] : [];
  });
}

function tokensOf(path: Path, stop: number | undefined): number[] {
  const tokens: number[] = [];
  for (let at = path; at.before; at = at.before) if (at.token !== stop) tokens.push(at.token);
  return tokens.reverse();
}
