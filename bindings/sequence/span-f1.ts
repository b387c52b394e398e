/** F1 of spans: names, phrases and other chunks that tags mark, counted as conlleval counts them. */
import { checkData, checkIndex, checkOptions, show } from "../checks.js";
import { ArgumentError, ShapeError } from "../errors.js";
import { type DecodeOptions, decoderOf } from "./decoding.js";
import type { SequenceMetric } from "./metric.js";
import { readPairs, readTokens } from "./tokens.js";

/** The tags of a text, as many as were found for it. */
export interface Tagged {
  reference: ArrayLike<string>;
  hypothesis: ArrayLike<string>;
}

/** Spans of all pairs together, or those of one type. */
export interface SpanScore {
  /** correct/predicted, 0 of none. */
  precision: number;
  /** correct/actual, 0 of none. */
  recall: number;
  /** 2 · precision · recall/(precision + recall), 0 where both are. */
  f1: number;
  /** Spans with the same beginning, end and type in both. */
  correct: number;
  predicted: number;
  actual: number;
}

/** Over all types (micro), and by type. */
export interface SpanScores extends SpanScore {
  types: Readonly<Record<string, SpanScore>>;
}

/** Options of `spanF1`: an own `decode` gives a tag for every step, and steps of ignored targets do not count. */
export interface SpanOptions extends Omit<DecodeOptions, "end"> {
  /** The tag of every class, as `["O", "B-PER", "I-PER"]`: for `fit` and `evaluate`, which know classes alone. */
  labels?: readonly string[];
}

/** Of one type: correct, predicted, actual. */
type Counts = [number, number, number];

/**
 * Precision, recall and F1 of the spans that tags mark: `O`, or `B`, `I`, `E`, `S` with a type, as `B-PER`; `L` and `U` are `E` and `S`. The
 * rules are conlleval's, for any of the schemes IOB1, IOB2 (BIO), IOE1, IOE2, IOBES and BILOU, and for tags that no scheme allows:
 *
 * - a span ends before `O`, `B`, `S` or another type, after `E` or `S`, and with its sequence
 * - a span begins with `B` or `S`, and with any tag but `O` where none is open: an `I-PER` after `O` or after `I-LOC` begins one
 *
 * conlleval.pl of 2004 knows no `S`, and nothing after `E` but `E`, `I` and `O`; there it is as its heirs, conlleval.py and seqeval, have it.
 *
 * @throws {ArgumentError} @throws {ShapeError} when a pair has not as many tags in both
 * @example
 * const { f1, types } = spanF1().of([{ reference: ["B-PER", "I-PER", "O"], hypothesis: ["B-PER", "I-PER", "B-LOC"] }]); // 2/3, PER 1, LOC 0
 *
 * Source: Tjong Kim Sang and Buchholz 2000, aclanthology.org/W00-0726; their script conlleval
 */
export function spanF1(options: SpanOptions = {}): SequenceMetric<Tagged, SpanScores> {
  const { labels, ...given } = checkOptions(options, ["decode", "ignoreIndex", "labels"]);
  const tags = labels === undefined ? [] : readTags("labels", labels);
  const decoder = decoderOf(given, true);
  const tagsOf = (argument: string, classes: readonly number[]) =>
    classes.map((c, t) => tags[checkIndex(`${argument}[${t}]`, c, tags.length)] as Tag);
  return {
    count(prediction, target) {
      if (tags.length === 0) throw new ArgumentError("labels", "the tag of every class", "none");
      const said = decoder(prediction, target);
      if (!said) return [Number.NaN, Number.NaN, Number.NaN];
      const types = new Map<string, Counts>();
      tally(types, "prediction", tagsOf("target", said.reference), tagsOf("prediction", said.hypothesis));
      return sumOf(types);
    },
    value: (sums) => scoreOf(checkData("sums", sums, 3)).f1,
    of(pairs) {
      const types = new Map<string, Counts>();
      for (const [at, { reference, hypothesis }] of readPairs(pairs, ["reference", "hypothesis"])) {
        tally(types, `${at}.hypothesis`, readTags(`${at}.reference`, reference), readTags(`${at}.hypothesis`, hypothesis));
      }
      const sorted = [...types].sort(([a], [b]) => (a < b ? -1 : 1));
      return { ...scoreOf(sumOf(types)), types: Object.fromEntries(sorted.map(([type, counts]) => [type, scoreOf(counts)])) };
    },
  };
}

/** A tag's letter, O B I E or S, and its type, which may have hyphens of its own. */
interface Tag {
  readonly mark: string;
  readonly type: string;
}

const OUTSIDE: Tag = { mark: "O", type: "" };

function readTags(argument: string, given: unknown): Tag[] {
  return readTokens(argument, given).map((tag, t) => {
    if (tag === "O") return OUTSIDE;
    const [, letter = "", type = ""] = /^([BIESLU])(?:-(.*))?$/s.exec(String(tag)) ?? [];
    if (letter === "") throw new ArgumentError(`${argument}[${t}]`, '"O", or B, I, E, S, L or U with a type, as "B-PER"', show(tag));
    return { mark: letter === "L" ? "E" : letter === "U" ? "S" : letter, type };
  });
}

/** Beginnings, ends and types of spans. */
function spansOf(tags: readonly Tag[]): { type: string; key: string }[] {
  const spans: { type: string; key: string }[] = [];
  let before = OUTSIDE;
  let begin = 0;
  for (const [t, tag] of [...tags, OUTSIDE].entries()) {
    const isOpen = before.mark !== "O";
    const isNew = !isOpen || /[ES]/.test(before.mark) || /[BS]/.test(tag.mark) || tag.type !== before.type;
    if (isOpen && (isNew || tag.mark === "O")) spans.push({ type: before.type, key: `${begin} ${t} ${before.type}` });
    if (isNew) begin = t;
    before = tag;
  }
  return spans;
}

/** Adds a sequence. @throws {ShapeError} */
function tally(types: Map<string, Counts>, argument: string, reference: readonly Tag[], hypothesis: readonly Tag[]): void {
  if (reference.length !== hypothesis.length) throw new ShapeError(argument, `${reference.length} tags`, `${hypothesis.length}`);
  const add = (type: string, place: number) => {
    const counts = types.get(type) ?? [0, 0, 0];
    counts[place] = (counts[place] as number) + 1;
    types.set(type, counts);
  };
  const spans = spansOf(reference);
  const actual = new Set(spans.map(({ key }) => key));
  for (const { type } of spans) add(type, 2);
  for (const { type, key } of spansOf(hypothesis)) {
    add(type, 1);
    if (actual.has(key)) add(type, 0);
  }
}

function sumOf(types: ReadonlyMap<string, Counts>): Counts {
  return [...types.values()].reduce<Counts>(
    ([a, b, c], [correct, predicted, actual]) => [a + correct, b + predicted, c + actual],
    [0, 0, 0],
  );
}

function scoreOf({ 0: correct = 0, 1: predicted = 0, 2: actual = 0 }: ArrayLike<number>): SpanScore {
  const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  return {
    ...{ precision: share(correct, predicted), recall: share(correct, actual), f1: share(2 * correct, predicted + actual) },
    ...{ correct, predicted, actual },
  };
}
