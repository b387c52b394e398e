/** Error rates, BLEU and chrF: beside NLTK and a naive twin, and what they promise of themselves. */
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, type CorpusMetric } from "../../bindings/index.js";
import {
  type BleuOptions,
  bleu,
  characterErrorRate,
  chrf,
  editDistance,
  phoneErrorRate,
  type Translation,
  wordErrorRate,
} from "../../bindings/sequence.js";
import { printedSeed } from "../helpers/seed.js";
import { edits } from "../reference/sequence-metrics.js";

const seed = printedSeed("sequence metrics");
type Smoothing = NonNullable<BleuOptions["smoothing"]>;
interface Golden {
  cases: (Translation & {
    references: string[];
    hypothesis: string;
    bleu: Record<Smoothing, number>;
    bleu2: number;
    chrf: number;
    chrf2: number;
    chrf4: number;
    words: number;
    characters: number;
  })[];
  long: Record<Smoothing, number>;
  all: Record<Smoothing, number>;
  chrf: number;
}
const golden = JSON.parse(readFileSync(new URL("../golden/sequence-metrics.json", import.meta.url), "utf8")) as Golden;
const SMOOTHINGS: readonly Smoothing[] = ["none", "epsilon", "add-one", "halving"];
const pairs = golden.cases.map(({ references, hypothesis }) => ({ references, hypothesis }));
const singles = pairs.map(({ references: [reference = ""], hypothesis }) => ({ reference, hypothesis }));
const words = (text: string) => text.split(/\s+/).filter(Boolean);

describe("beside NLTK", () => {
  test("there are as many cases as were written, and every smoothing tells some apart", () => {
    expect(golden.cases.length).toBe(32);
    for (const [i, a] of SMOOTHINGS.entries())
      for (const b of SMOOTHINGS.slice(i + 1)) expect(golden.cases.filter(({ bleu }) => bleu[a] !== bleu[b]).length).toBeGreaterThan(5);
  });

  test.each(golden.cases.map((one, i) => [`${i}: ${one.hypothesis}`, one] as const))("%s", (_, one) => {
    for (const smoothing of SMOOTHINGS) expect(bleu({ smoothing }).of([one_(one)]).bleu).toBeCloseTo(one.bleu[smoothing], 12);
    expect(bleu({ order: 2 }).of([one_(one)]).bleu).toBeCloseTo(one.bleu2, 12);
    const single = { reference: one.references[0] as string, hypothesis: one.hypothesis };
    expect(chrf().of([single]).chrf).toBeCloseTo(one.chrf, 12);
    expect(chrf({ beta: 2 }).of([single]).chrf).toBeCloseTo(one.chrf2, 12);
    expect(chrf({ order: 4 }).of([single]).chrf).toBeCloseTo(one.chrf4, 12);
    expect(wordErrorRate().of([single]).distance).toBe(one.words);
    expect(characterErrorRate().of([single]).distance).toBe(one.characters);
    expect(editDistance(words(single.reference), words(single.hypothesis)).distance).toBe(one.words);
  });

  test.each(SMOOTHINGS)("all together, smoothing %s", (smoothing) => {
    const long = pairs.filter(({ hypothesis }) => words(hypothesis).length >= 4);
    expect(long.length).toBeGreaterThan(20);
    expect(bleu({ smoothing }).of(long).bleu).toBeCloseTo(golden.long[smoothing], 12);
    expect(bleu({ smoothing }).of(pairs).bleu).toBeCloseTo(golden.all[smoothing], 12);
    expect(chrf().of(singles).chrf).toBeCloseTo(golden.chrf, 12);
  });
});

/** What a case asks, without its answers. */
function one_({ references, hypothesis }: Translation): Translation {
  return { references, hypothesis };
}

const letters = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 9 });

describe("edit distance", () => {
  test("equals the twin, count for count, over lists, texts and numbers", () => {
    fc.assert(
      fc.property(letters, letters, (a, b) => {
        const expected = edits(a, b);
        expect(editDistance(a, b)).toEqual(expected);
        expect(editDistance(a.join(""), b.join(""))).toEqual(expected);
        const numbers = (list: string[]) => Int32Array.from(list, (letter) => letter.charCodeAt(0));
        expect(editDistance(numbers(a), [...numbers(b)])).toEqual(expected);
      }),
      { seed, numRuns: 500 },
    );
  });

  test("is a metric: 0 of the same alone, the same either way, with no shorter way around", () => {
    fc.assert(
      fc.property(letters, letters, letters, (a, b, c) => {
        const d = (x: string[], y: string[]) => editDistance(x, y).distance;
        expect(d(a, b) === 0).toBe(a.join("") === b.join(""));
        const [there, back] = [editDistance(a, b), editDistance(b, a)];
        expect(back).toEqual({ ...there, deletions: there.insertions, insertions: there.deletions });
        expect(d(a, c)).toBeLessThanOrEqual(d(a, b) + d(b, c));
      }),
      { seed, numRuns: 500 },
    );
  });

  test.each([
    ["kitten", "sitting", { distance: 3, substitutions: 2, deletions: 0, insertions: 1, hits: 4 }],
    ["ab", "bc", { distance: 2, substitutions: 0, deletions: 1, insertions: 1, hits: 1 }], // not two substitutions
    ["", "ab", { distance: 2, substitutions: 0, deletions: 0, insertions: 2, hits: 0 }],
    ["ab", "", { distance: 2, substitutions: 0, deletions: 2, insertions: 0, hits: 0 }],
    ["", "", { distance: 0, substitutions: 0, deletions: 0, insertions: 0, hits: 0 }],
    ["a👩b", "a𝔘b", { distance: 1, substitutions: 1, deletions: 0, insertions: 0, hits: 2 }], // one code point each
  ])("%s, %s", (reference, hypothesis, expected) => {
    expect(editDistance(reference, hypothesis)).toEqual(expected);
  });

  test("a number and its digits are two tokens; zeros of both signs are one", () => {
    expect(editDistance([1, 0], [1, -0]).distance).toBe(0);
    expect(editDistance([1], ["1"]).distance).toBe(1);
  });

  test("of long sequences: no table of them", () => {
    const long = (from: number) => Array.from({ length: 4000 }, (_, i) => (i * from) % 251);
    expect(editDistance(long(7), long(7).slice(1000)).deletions).toBe(1000);
  });
});

describe("error rates", () => {
  test("over the length of all references, no mean of rates", () => {
    const two = [
      { reference: "a b c d", hypothesis: "a b c d" },
      { reference: "a", hypothesis: "b c" },
    ];
    const expected = { rate: 2 / 5, length: 5, distance: 2, substitutions: 1, deletions: 0, insertions: 1, hits: 4 };
    expect(wordErrorRate().of(two)).toEqual(expected);
    expect(phoneErrorRate().of(two.values())).toEqual(expected);
    expect(characterErrorRate().of(two).length).toBe(7 + 1); // spaces too
  });

  test("an empty reference adds insertions and no length", () => {
    const empty = { reference: "", hypothesis: "two words" };
    expect(wordErrorRate().of([empty, { reference: "a b", hypothesis: "a b" }]).rate).toBe(2 / 2);
    expect(wordErrorRate().of([empty]).rate).toBe(Number.POSITIVE_INFINITY);
    expect(wordErrorRate().of([{ reference: "", hypothesis: " \n" }]).rate).toBeNaN();
    expect(wordErrorRate().of([]).rate).toBeNaN();
  });
});

/** A sample as `fit` hands it over, its tokens being the greatest logits. */
function sample(tokens: readonly number[], C = 9) {
  const data = Float64Array.from({ length: tokens.length * C }, (_, i) => Number(tokens[Math.floor(i / C)] === i % C));
  return { data, shape: [tokens.length, C] };
}
const targets = (tokens: readonly number[]) => ({ data: Float64Array.from(tokens), shape: [tokens.length] });
const ofSamples = (metric: CorpusMetric, samples: readonly (readonly [number[], number[]])[]) =>
  metric.value(
    samples
      .map(([said, truth]) => metric.count(sample(said), targets(truth)))
      .reduce((sums, counts) => sums.map((sum, i) => sum + (counts[i] as number))),
  );

describe("of samples", () => {
  test("the sums over samples make what one pass by hand makes", () => {
    const tokens = fc.array(fc.nat(4), { minLength: 1, maxLength: 12 });
    const corpus = fc.array(fc.tuple(tokens, tokens), { minLength: 1, maxLength: 6 });
    const metrics = { bleu: bleu({ smoothing: "epsilon" }), chrf: chrf(), rate: phoneErrorRate() };
    fc.assert(
      fc.property(corpus, (samples) => {
        const single = samples.map(([hypothesis, reference]) => ({ reference, hypothesis }));
        const several = samples.map(([hypothesis, reference]) => ({ references: [reference], hypothesis }));
        expect(ofSamples(metrics.bleu, samples)).toBe(metrics.bleu.of(several).bleu);
        expect(ofSamples(metrics.chrf, samples)).toBe(metrics.chrf.of(single).chrf);
        expect(ofSamples(metrics.rate, samples)).toBe(metrics.rate.of(single).rate);
      }),
      { seed, numRuns: 100 },
    );
  });

  test("the end and what comes after it do not count, ignored steps neither", () => {
    const end = 8;
    expect(
      ofSamples(phoneErrorRate({ end }), [
        [
          [1, 2, 8, 5],
          [1, 3, 4, 8],
        ],
      ]),
    ).toBe(2 / 3);
    expect(
      ofSamples(phoneErrorRate(), [
        [
          [1, 7, 2, 7],
          [1, -100, 2, -100],
        ],
      ]),
    ).toBe(0);
    expect(
      ofSamples(phoneErrorRate({ ignoreIndex: 3 }), [
        [
          [1, 7, 2],
          [1, 3, 1],
        ],
      ]),
    ).toBe(1 / 2);
  });

  test("what decode gives is not of the target's steps", () => {
    const decode = ({ shape }: { shape: readonly number[] }) => Array.from({ length: shape[0] as number }, (_, i) => i + 1);
    expect(
      ofSamples(phoneErrorRate({ decode }), [
        [
          [0, 0, 0],
          [1, -100, 3],
        ],
      ]),
    ).toBe(1 / 2); // 1 2 3 for 1 3
  });

  test("words lie between separators, or in a text; characters in a text", () => {
    const text = (tokens: readonly number[]) => tokens.map((token) => "abcdefgh "[token]).join("");
    const samples = [
      [
        [1, 2, 8, 3, 8, 8, 4],
        [1, 2, 8, 3, 3, 8, 4],
      ],
    ] as [number[], number[]][]; // "bc d  e" for "bc dd e"
    expect(ofSamples(wordErrorRate(), samples)).toBe(1 / 7);
    expect(ofSamples(wordErrorRate({ separator: 8 }), samples)).toBe(1 / 3);
    expect(ofSamples(wordErrorRate({ text }), samples)).toBe(1 / 3);
    expect(ofSamples(characterErrorRate({ text }), samples)).toBe(1 / 7);
    expect(ofSamples(characterErrorRate({ text: (tokens) => text(tokens).repeat(2) }), samples)).toBe(2 / 14);
    expect(ofSamples(bleu({ text, order: 1 }), samples)).toBeCloseTo(2 / 3, 15);
    expect(ofSamples(chrf({ text, order: 1 }), samples)).toBe(chrf({ order: 1 }).of([{ reference: "bcdde", hypothesis: "bcde" }]).chrf);
  });

  test("a logit that is NaN makes the metric NaN", () => {
    const broken = sample([1, 2]);
    broken.data[5] = Number.NaN;
    for (const metric of [phoneErrorRate(), bleu(), chrf()]) {
      const counts = metric.count(broken, targets([1, 2]));
      expect(counts).toEqual(counts.map(() => Number.NaN));
      expect(metric.value(counts)).toBeNaN();
    }
  });
});

describe("refusals", () => {
  const pair = { reference: "a", hypothesis: "a" };
  test.each([
    [() => editDistance(3 as never, "a"), "reference: expected a list of strings or whole numbers, or a text, got 3"],
    [() => editDistance("a", [0.5]), "hypothesis[0]: expected a string or a whole number, got 0.5"],
    [
      () => wordErrorRate().of([pair, { reference: "a" }] as never),
      "pairs[1].hypothesis: expected a list of strings or whole numbers, or a text, got undefined",
    ],
    [() => wordErrorRate().of([{ ...pair, more: 1 }] as never), "pairs[0]: expected only reference, hypothesis, got more"],
    [() => wordErrorRate().of(pair as never), "pairs: expected an iterable of { reference, hypothesis }, got Object"],
    [() => bleu().of([{ references: [], hypothesis: "a" }]), "pairs[0].references: expected one or more references, got none"],
    [
      () => bleu().of([{ references: "a", hypothesis: "a" }] as never),
      'pairs[0].references: expected an array of one or more references, got "a"',
    ],
    [() => bleu({ order: 0 }), "order: expected a positive integer, got 0"],
    [() => bleu({ smoothing: "method1" as never }), 'smoothing: expected "none" or "epsilon" or "add-one" or "halving", got "method1"'],
    [() => chrf({ beta: -1 }), "beta: expected a number in [0, 1000000), got -1"],
    [() => wordErrorRate({ separator: 1, text: String }), "separator: expected none beside text, got 1"],
    [() => phoneErrorRate({ end: 0.5 }), "end: expected a whole number, got 0.5"],
    [() => phoneErrorRate({ decode: 3 as never }), "decode: expected a function, got 3"],
    [
      () => ofSamples(phoneErrorRate({ decode: () => [Number.NaN] }), [[[1], [1]]]),
      "decode[0]: expected a string or a whole number, got NaN",
    ],
    [() => ofSamples(bleu({ text: () => 3 as never }), [[[1], [1]]]), "text: expected a string from it, got 3"],
    [() => bleu().value([1, 2]), "sums: expected 10 elements, got 2"],
  ])("%s", (wrong, message) => {
    expect(wrong).toThrow(ArgumentError);
    expect(wrong).toThrow(message);
  });

  test("a source of pairs that fails is told to end, and its error comes through", () => {
    let ended = false;
    function* source() {
      try {
        yield pair;
        yield { reference: 3, hypothesis: "a" } as never;
      } finally {
        ended = true;
      }
    }
    expect(() => wordErrorRate().of(source())).toThrow("pairs[1].reference");
    expect(ended).toBe(true);
  });
});
