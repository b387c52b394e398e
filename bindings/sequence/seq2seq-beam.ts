/** The likeliest targets of each source, several followed side by side; those of all sources in one batch. */
import { best, continuations, repeating } from "../beam-search.js";
import { checkNumber, checkPositive, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import type { FloatArray } from "../tensor.js";
import type { Decoded, GreedyOptions } from "./seq2seq-draw.js";
import type { Session } from "./seq2seq-session.js";

/** Options of `beam`. */
export interface BeamDecodingOptions extends GreedyOptions {
  /** Targets that are followed side by side. Default 4; 1 is `greedy`. */
  beams?: number;
  /** α: a target Y ranks by log p / ((5 + |Y|)/6)^α, where |Y| counts its tokens and the one that ends it. Default 0. */
  lengthPenalty?: number;
  /**
   * β: adds β·Σₛ log min(Σₜ aₜₛ, 1) to what a target ranks by in the end, so that no step of the source is left out. Default 0.
   * Source, of both: Wu et al. 2016 (GNMT), arXiv:1609.08144, equation 14.
   */
  coveragePenalty?: number;
  /** No n tokens in a row occur twice in a target. Default: they may. */
  noRepeatNgramSize?: number;
}

/** A target and what it ranks by. */
export interface DecodedBeam extends Decoded {
  /** `logProbability`, with the penalties where there are any. */
  score: number;
}

/** @internal */
export const BEAM_OPTIONS = ["length", "beams", "lengthPenalty", "coveragePenalty", "noRepeatNgramSize"];

/** @internal */
export interface Searching extends Required<Omit<BeamDecodingOptions, "noRepeatNgramSize">> {
  readonly noRepeatNgramSize: number | undefined;
  readonly bos: number;
  readonly eos: number;
}

/** @internal @throws {ArgumentError} */
export function checkBeam(options: BeamDecodingOptions, hasAttention: boolean): Omit<Searching, "bos" | "eos"> {
  const { length, beams = 4, lengthPenalty = 0, coveragePenalty = 0, noRepeatNgramSize } = options;
  checkPositive("length", length);
  checkPositive("beams", beams);
  checkNumber("lengthPenalty", lengthPenalty, 0);
  checkNumber("coveragePenalty", coveragePenalty, 0);
  if (coveragePenalty > 0 && !hasAttention) throw new ArgumentError("coveragePenalty", "none without attention", show(coveragePenalty));
  if (noRepeatNgramSize !== undefined) checkPositive("noRepeatNgramSize", noRepeatNgramSize);
  return { length, beams, lengthPenalty, coveragePenalty, noRepeatNgramSize };
}

/** A target by its last token and what goes before. */
interface Path {
  readonly before: Path | undefined;
  readonly token: number;
  readonly logProbability: number;
  /** Among those of one length: log p. */
  readonly score: number;
  /** Of the last step. */
  readonly row: number;
  readonly weights: FloatArray | undefined;
}

/** One source's search. */
class Search {
  live: Path[];
  readonly #source: number;
  readonly #how: Searching;
  #ended: Path[] = [];

  constructor(source: number, how: Searching) {
    this.#source = source;
    this.#how = how;
    this.live = [{ before: undefined, token: how.bos, logProbability: 0, score: 0, row: source, weights: undefined }];
  }

  /** One step: rows of the session from `first` on are those of the live ones. */
  advance(session: Session, first: number, step: number): void {
    const { beams, noRepeatNgramSize: n, eos, length } = this.#how;
    const stuck: Path[] = [];
    const next = this.live.flatMap((path, i) => {
      const row = first + i;
      const banned = n === undefined ? [] : repeating(tokensOf(path), n);
      const ways = continuations(path, session.logits(row), banned, beams);
      if (ways.length === 0 && path.before) stuck.push(this.#ranked(path));
      const weights = ways.length > 0 ? session.weights(row, this.#source) : undefined;
      return ways.map((way) => ({ ...way, before: path, score: way.logProbability, row, weights }));
    });
    const kept = best<Path>(next, beams);
    const over = kept.filter(({ token }) => token === eos).map((path) => this.#ranked(path));
    this.#ended = best([...this.#ended, ...stuck, ...over], beams);
    this.live = kept.filter(({ token }) => token !== eos);
    if (step === length || this.#isDecided()) this.#end();
  }

  /** Log p only falls, and no penalty of coverage is above 0: the best that a live one can come to is what it has, over the longest's penalty. */
  #isDecided(): boolean {
    const { beams, length } = this.#how;
    const [first] = this.live;
    if (!first || this.#ended.length < beams) return false;
    return (this.#ended[beams - 1] as Path).score >= first.logProbability / this.#penalty(length);
  }

  #end(): void {
    this.#ended = best([...this.#ended, ...this.live.map((path) => this.#ranked(path))], this.#how.beams);
    this.live = [];
  }

  #penalty(count: number): number {
    return ((5 + count) / 6) ** this.#how.lengthPenalty;
  }

  /** By what it ranks in the end. */
  #ranked(path: Path): Path {
    const { coveragePenalty } = this.#how;
    const steps = stepsOf(path);
    let score = path.logProbability / this.#penalty(steps.length);
    if (coveragePenalty > 0) score += coveragePenalty * coverageOf(steps);
    return { ...path, score };
  }

  /** Best first. */
  results(): DecodedBeam[] {
    const { eos } = this.#how;
    return this.#ended.map((path) => {
      const { logProbability, score } = path;
      const steps = stepsOf(path).filter(({ token }) => token !== eos);
      const weights = steps.flatMap(({ weights }) => (weights ? [weights] : []));
      return { tokens: steps.map(({ token }) => token), logProbability, score, weights: path.weights && weights };
    });
  }
}

/** @internal Searches for the targets of all sources of a session side by side. */
export function searched(session: Session, how: Searching): DecodedBeam[][] {
  const searches = session.lengths.map((_, source) => new Search(source, how));
  for (let step = 1; ; step++) {
    const rows = searches.flatMap(({ live }, source) => live.map((path) => ({ path, source })));
    if (rows.length === 0) break;
    session.step(
      rows.map(({ path }) => path.token),
      rows.map(({ path }) => path.row),
      rows.map(({ source }) => source),
    );
    let first = 0;
    for (const search of searches) {
      const count = search.live.length;
      if (count > 0) search.advance(session, first, step);
      first += count;
    }
  }
  return searches.map((search) => search.results());
}

/** From the first to the last; what the decoder begins with is none. */
function stepsOf(path: Path): Path[] {
  const steps: Path[] = [];
  for (let at: Path = path; at.before; at = at.before) steps.push(at);
  return steps.reverse();
}

function tokensOf(path: Path): number[] {
  return stepsOf(path).map(({ token }) => token);
}

/** Σₛ log min(Σₜ aₜₛ, 1). */
function coverageOf(steps: readonly Path[]): number {
  const sums = new Float64Array(steps[0]?.weights?.length ?? 0);
  for (const { weights } of steps) for (let s = 0; s < sums.length; s++) sums[s] = (sums[s] as number) + (weights?.[s] ?? 0);
  return sums.reduce((sum, covered) => sum + Math.log(Math.min(covered, 1)), 0);
}
