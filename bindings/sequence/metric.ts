/** A metric of pairs of sequences: in `fit`, of what it predicts, and by hand. */
import { checkData, checkList } from "../checks.js";
import { ArgumentError } from "../errors.js";
import type { CorpusMetric, SampleArray } from "../training/own-metrics.js";
import type { Said } from "./decoding.js";
import { type Cut, readPairs, readTokens, type Token } from "./tokens.js";

/** A metric for `metrics` of `fit` and `evaluate`, and for pairs of one's own. */
export interface SequenceMetric<Pair, Report> extends CorpusMetric {
  /**
   * All that is counted, over pairs of your own.
   *
   * @param pairs each read once, as it comes
   * @throws {ArgumentError} naming the pair by its place
   */
  of(pairs: Iterable<Pair>): Report;
}

/** @internal What makes one: its numbers add up over pairs. */
export interface Making<Report> {
  /** How many numbers there are. */
  readonly places: number;
  /** Whether a pair has a list of references, or one. */
  readonly several: boolean;
  /** Of texts by hand. */
  readonly cut: Cut;
  /** Tokens of a sample; undefined where a logit is NaN, which makes the metric NaN. */
  readonly decoder: (...sample: [SampleArray, SampleArray]) => Said | undefined;
  /** Its tokens as they are compared. */
  readonly units: (tokens: readonly number[]) => readonly Token[];
  readonly tally: (hypothesis: readonly Token[], references: readonly (readonly Token[])[]) => number[];
  readonly report: (sums: ArrayLike<number>) => Report;
  /** What `fit` reports of it. */
  readonly figure: (report: Report) => number;
}

/** More would be a mistake. */
const MOST_REFERENCES = 1000;

/** @internal */
export function sequenceMetric<Pair, Report>(making: Making<Report>): SequenceMetric<Pair, Report> {
  const { places, several, cut, decoder, units, tally, report, figure } = making;
  return {
    count(prediction, target) {
      const said = decoder(prediction, target);
      return said ? tally(units(said.hypothesis), [units(said.reference)]) : new Array<number>(places).fill(Number.NaN);
    },
    value: (sums) => figure(report(checkData("sums", sums, places))),
    of(pairs) {
      const sums = new Array<number>(places).fill(0);
      for (const [at, pair] of readPairs(pairs, [several ? "references" : "reference", "hypothesis"])) {
        const hypothesis = readTokens(`${at}.hypothesis`, pair.hypothesis, cut);
        const truths = several ? readList(`${at}.references`, pair.references, cut) : [readTokens(`${at}.reference`, pair.reference, cut)];
        for (const [i, number] of tally(hypothesis, truths).entries()) sums[i] = (sums[i] as number) + number;
      }
      return report(sums);
    },
  };
}

function readList(argument: string, given: unknown, cut: Cut): (readonly Token[])[] {
  const list = checkList(argument, given, MOST_REFERENCES, "an array of one or more references");
  if (list.length === 0) throw new ArgumentError(argument, "one or more references", "none");
  return list.map((reference, r) => readTokens(`${argument}[${r}]`, reference, cut));
}
