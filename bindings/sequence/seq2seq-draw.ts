/** Targets token by token: the likeliest each time, or drawn. */
import { checkPositive } from "../checks.js";
import { Generator } from "../random.js";
import { readLogits, type SampleOptions, sampler } from "../sampling.js";
import type { FloatArray } from "../tensor.js";
import type { Session } from "./seq2seq-session.js";

/** What a model makes of a source. */
export interface Decoded {
  /** Without the one that ends it. */
  tokens: number[];
  /** Σ log p of the tokens, in nats; of the one that ends it too. */
  logProbability: number;
  /** For each token how much the decoder took of each step of the source; undefined without attention. */
  weights: FloatArray[] | undefined;
}

/** A token as it comes. */
export interface DecodedToken {
  token: number;
  /** log p, in nats. */
  logProbability: number;
  /** Of each step of the source; undefined without attention. */
  weights: FloatArray | undefined;
}

/** Options of `greedy`. */
export interface GreedyOptions {
  /** Most tokens of a target. */
  length: number;
}

/** Options of `sample`. */
export interface DrawOptions extends GreedyOptions, Omit<SampleOptions, "generator"> {
  /** Each source draws from a generator of its own with this seed, so that what it gets does not depend on the others. Default 0. */
  seed?: number;
}

/** @internal */
export const DRAW_OPTIONS = ["length", "temperature", "topK", "topP", "seed"];

/** @internal */
export interface Drawing {
  readonly bos: number;
  readonly eos: number;
  readonly length: number;
  /** A chooser for each source. */
  readonly choosers: readonly ((logits: Float64Array) => number)[];
}

/** @internal @throws {ArgumentError} */
export function choosersOf(count: number, { length, seed = 0, ...how }: DrawOptions): Pick<Drawing, "length" | "choosers"> {
  checkPositive("length", length);
  new Generator(seed); // checks it, though nothing may be drawn
  return { length, choosers: Array.from({ length: count }, () => sampler(how, () => new Generator(seed))) };
}

/** @internal Of a source, in one step. */
export interface Drawn extends DecodedToken {
  readonly source: number;
  /** Σ log p so far. */
  readonly total: number;
}

/** @internal Decodes all sources of a session side by side: those that go on, step by step. */
export function* drawing(session: Session, { bos, eos, length, choosers }: Drawing): Iterable<Drawn[]> & Iterator<Drawn[], void> {
  let live = choosers.map((_, source) => source);
  let from = live;
  let tokens = live.map(() => bos);
  const totals = live.map(() => 0);
  for (let step = 0; step < length && live.length > 0; step++) {
    session.step(tokens, from, live);
    const chosen = live.map((source, row): Drawn => {
      const logits = readLogits(session.logits(row));
      const token = (choosers[source] as Drawing["choosers"][number])(logits);
      const [logit, norm] = [logits[token] as number, logNorm(logits)];
      const total = (totals[source] as number) + logit - norm; // in the order of a beam: the same bits
      totals[source] = total;
      return { source, token, logProbability: logit - norm, total, weights: token === eos ? undefined : session.weights(row, source) };
    });
    yield chosen;
    const rows = live.map((_, row) => row).filter((row) => chosen[row]?.token !== eos);
    live = rows.map((row) => live[row] as number);
    tokens = rows.map((row) => (chosen[row] as Drawn).token);
    from = rows;
  }
}

/** @internal All of it. */
export function drawnAll(session: Session, how: Drawing): Decoded[] {
  const results = how.choosers.map((): Decoded => ({ tokens: [], logProbability: 0, weights: session.hasWeights ? [] : undefined }));
  for (const step of drawing(session, how)) {
    for (const { source, token, total, weights } of step) {
      const result = results[source] as Decoded;
      result.logProbability = total;
      if (token === how.eos) continue;
      result.tokens.push(token);
      if (weights) result.weights?.push(weights);
    }
  }
  return results;
}

/** log Σ exp. */
function logNorm(logits: Float64Array): number {
  const top = logits.reduce((a, b) => Math.max(a, b));
  return top + Math.log(logits.reduce((sum, z) => sum + Math.exp(z - top), 0));
}
