/** Error rates of characters, words and phones: edits over the length of the references. */
import { checkOptions, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { DECODE_OPTIONS, type DecodeOptions, decoderOf } from "./decoding.js";
import { type Edits, editsOf } from "./edit-distance.js";
import { type SequenceMetric, sequenceMetric } from "./metric.js";
import { checkText, type TextOptions } from "./text.js";
import { type Cut, charactersOf, type ReferencePair, type Token, wordsOf } from "./tokens.js";

/** Of all pairs together. */
export interface ErrorRate extends Edits {
  /** distance/length: above 1 where there are many insertions; of references without tokens NaN, or ∞ where something was said. */
  rate: number;
  /** Tokens of the references. */
  length: number;
}

/** Options of `wordErrorRate`. */
export interface WordOptions extends TextOptions {
  /** The token between words; else, and without `text`, each token is one. */
  separator?: number;
}

/**
 * CER: (S + D + I)/N over the characters of all pairs, N those of the references. A text counts by Unicode code points, spaces too, as it is:
 * letter case and normal forms are the caller's. An empty reference counts what was said as insertions. In `fit` each token is a character, or
 * each code point of `text`.
 *
 * @throws {ArgumentError}
 * @example
 * characterErrorRate().of([{ reference: "kitten", hypothesis: "sitting" }]).rate; // 3/6
 * const cer = characterErrorRate({ decode: (p) => ctcGreedy(p) });
 * await fit(model, { data, loss, optimizer, validation, metrics: [{ cer }] });
 */
export function characterErrorRate(options: TextOptions = {}): SequenceMetric<ReferencePair, ErrorRate> {
  const given = checkOptions(options, [...DECODE_OPTIONS, "text"]);
  const text = checkText(given.text);
  return rateOf(given, charactersOf, (tokens) => (text ? charactersOf(text(tokens)) : tokens));
}

/**
 * WER: (S + D + I)/N over the words of all pairs, N those of the references. The words of a text stand between white space; of a list each item
 * is one. An empty reference counts what was said as insertions. In `fit` each token is a word, or words lie between `separator`s, or in `text`.
 *
 * @throws {ArgumentError}
 * @example
 * wordErrorRate().of([{ reference: "the cat sat", hypothesis: "the cat sat down" }]).rate; // 1/3
 */
export function wordErrorRate(options: WordOptions = {}): SequenceMetric<ReferencePair, ErrorRate> {
  const given = checkOptions(options, [...DECODE_OPTIONS, "text", "separator"]);
  const { separator } = given;
  const text = checkText(given.text);
  if (separator !== undefined && !Number.isInteger(separator)) throw new ArgumentError("separator", "a whole number", show(separator));
  if (separator !== undefined && text) throw new ArgumentError("separator", "none beside text", show(separator));
  return rateOf(given, wordsOf, (tokens) => (text ? wordsOf(text(tokens)) : separator === undefined ? tokens : between(tokens, separator)));
}

/**
 * PER: (S + D + I)/N over the phones of all pairs, N those of the references. The phones of a text stand between white space; of a list each item
 * is one. An empty reference counts what was said as insertions. In `fit` each token is a phone.
 *
 * @throws {ArgumentError}
 * @example
 * phoneErrorRate().of([{ reference: "HH AH L OW", hypothesis: ["HH", "EH", "L", "OW"] }]).rate; // 1/4
 */
export function phoneErrorRate(options: DecodeOptions = {}): SequenceMetric<ReferencePair, ErrorRate> {
  return rateOf(checkOptions(options, DECODE_OPTIONS), wordsOf, (tokens) => tokens);
}

function rateOf(
  options: DecodeOptions,
  cut: Cut,
  units: (tokens: readonly number[]) => readonly Token[],
): SequenceMetric<ReferencePair, ErrorRate> {
  return sequenceMetric({
    ...{ places: 4, several: false, cut, decoder: decoderOf(options), units },
    tally: (hypothesis, [reference = []]) => {
      const { substitutions, deletions, insertions, hits } = editsOf(reference, hypothesis);
      return [substitutions, deletions, insertions, hits];
    },
    report: ({ 0: substitutions = 0, 1: deletions = 0, 2: insertions = 0, 3: hits = 0 }) => {
      const distance = substitutions + deletions + insertions;
      const length = substitutions + deletions + hits;
      return { rate: distance / length, length, distance, substitutions, deletions, insertions, hits };
    },
    figure: ({ rate }) => rate,
  });
}

/** Tokens between separators, as words; none is empty. */
function between(tokens: readonly number[], separator: number): string[] {
  const words: number[][] = [[]];
  for (const token of tokens) {
    if (token === separator) words.push([]);
    else words.at(-1)?.push(token);
  }
  return words.filter(({ length }) => length > 0).map((word) => word.join(" "));
}
