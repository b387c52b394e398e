/** F1 of spans: beside a twin written from conlleval, and by hand. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, ShapeError } from "../../bindings/index.js";
import { spanF1 } from "../../bindings/sequence.js";
import { printedSeed } from "../helpers/seed.js";
import { conlleval, RULES, RULES_2004, type Rules } from "../reference/sequence-metrics.js";

const seed = printedSeed("span F1");
const split = (tags: string) => tags.split(" ").filter(Boolean);
const scored = (...pairs: [reference: string, hypothesis: string][]) =>
  spanF1().of(pairs.map(([reference, hypothesis]) => ({ reference: split(reference), hypothesis: split(hypothesis) })));

describe("beside conlleval", () => {
  /** Sequences of any tags of these letters, most of which no scheme allows. */
  const corpus = (letters: string) => {
    const tag = fc.oneof(
      fc.constant("O"),
      fc.tuple(fc.constantFrom(...letters), fc.constantFrom("-X", "-Y-Z", "")).map((parts) => parts.join("")),
    );
    return fc.array(fc.array(fc.tuple(tag, tag), { maxLength: 12 }), { maxLength: 4 });
  };
  const equal = (letters: string, rules: Rules) =>
    fc.assert(
      fc.property(corpus(letters), (sequences) => {
        const pairs = sequences.map((tokens) => ({ reference: tokens.map(([tag]) => tag), hypothesis: tokens.map(([, tag]) => tag) }));
        const { types, ...all } = spanF1().of(pairs);
        const twin = conlleval(sequences, rules);
        const counts = ({ correct, predicted, actual }: typeof all) => ({ correct, predicted, actual });
        expect(counts(all)).toEqual(twin.get("all") ?? { correct: 0, predicted: 0, actual: 0 });
        for (const type of ["X", "Y-Z", ""]) expect(types[type] && counts(types[type])).toEqual(twin.get(type));
        const [p, r] = [all.correct / all.predicted || 0, all.correct / all.actual || 0];
        expect([all.precision, all.recall]).toEqual([p, r]);
        expect(all.f1).toBeCloseTo((2 * p * r) / (p + r) || 0, 14);
      }),
      { seed, numRuns: 1000 },
    );

  test("of 2004: any tags of IOB1 and IOB2, and of IOE1 and IOE2", () => {
    equal("BI", RULES_2004);
    equal("IE", RULES_2004);
  });

  test("with S: any tags of IOBES", () => equal("BIES", RULES));
});

describe("by hand", () => {
  test("the README's sentence: three of the four names, one of them too long", () => {
    // actual: PER 0–2, ORG 4–5, LOC 6–7, PER 8–9; predicted: PER 0–2, ORG 4–5, LOC 6–8, PER 8–9 begun by I after LOC
    const { types, ...all } = scored([
      "B-PER I-PER O O B-ORG O B-LOC O B-PER", //
      "B-PER I-PER O O B-ORG O B-LOC I-LOC I-PER",
    ]);
    expect(all).toEqual({ precision: 3 / 4, recall: 3 / 4, f1: 3 / 4, correct: 3, predicted: 4, actual: 4 });
    expect(Object.keys(types)).toEqual(["LOC", "ORG", "PER"]);
    expect(types.PER).toEqual({ precision: 1, recall: 1, f1: 1, correct: 2, predicted: 2, actual: 2 });
    expect(types.LOC).toEqual({ precision: 0, recall: 0, f1: 0, correct: 0, predicted: 1, actual: 1 });
  });

  test.each([
    ["I after O begins a span", "O B-X I-X", "O I-X I-X", 1, 1],
    ["I of another type begins one", "B-X I-Y I-Y", "I-X B-Y I-Y", 2, 2],
    ["B between I splits one", "B-X I-X I-X", "I-X B-X I-X", 0, 2],
    ["IOB1 is IOB2 where nothing touches", "I-X I-X O I-Y", "B-X I-X O B-Y", 2, 2],
    ["E and S end one", "B-X E-X I-X S-X I-X", "B-X I-X B-X B-X B-X", 4, 4],
    ["BILOU is IOBES", "B-X L-X U-Y O B-X I-X L-X", "B-X E-X S-Y O B-X I-X E-X", 3, 3],
    ["the same place, another type", "B-X I-X", "B-Y I-Y", 0, 1],
    ["the end of a sequence ends it", "O B-X", "O B-X", 1, 1],
  ])("%s", (_, reference, hypothesis, correct, predicted) => {
    expect(scored([reference, hypothesis])).toMatchObject({ correct, predicted });
  });

  test("a span does not go on in the next sequence", () => {
    expect(scored(["B-X", "B-X"], ["I-X", "I-X"])).toMatchObject({ correct: 2, actual: 2 });
  });

  test("nothing marked, nothing found: 0, as conlleval prints", () => {
    expect(scored(["O O", "O O"])).toEqual({ precision: 0, recall: 0, f1: 0, correct: 0, predicted: 0, actual: 0, types: {} });
    expect(scored()).toMatchObject({ f1: 0 });
  });

  test("a type may have the name of what objects have", () => {
    expect(Object.keys(scored(["B-__proto__", "B-__proto__"], ["B-toString", "O"]).types)).toEqual(["__proto__", "toString"]);
  });
});

describe("of samples", () => {
  const labels = ["O", "B-X", "I-X", "B-Y", "I-Y"];
  const sample = (classes: readonly number[]) => ({
    data: Float64Array.from({ length: 5 * classes.length }, (_, i) => Number(classes[Math.floor(i / 5)] === i % 5)),
    shape: [classes.length, 5],
  });
  const targets = (classes: readonly number[]) => ({ data: Float64Array.from(classes), shape: [classes.length] });

  test("the sums make the F1 of one pass by hand", () => {
    const tags = fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(fc.array(tags, { minLength: 1, maxLength: 5 }), (samples) => {
        const metric = spanF1({ labels });
        const [said, truth] = [1, 0].map((side) => samples.map((tags) => tags.map((pair) => pair[side] as number))) as [
          number[][],
          number[][],
        ];
        const sums = [0, 0, 0];
        for (const [i, classes] of said.entries())
          for (const [p, n] of metric.count(sample(classes), targets(truth[i] as number[])).entries()) sums[p] = (sums[p] as number) + n;
        const named = (classes: readonly number[]) => classes.map((c) => labels[c] as string);
        const pairs = truth.map((classes, i) => ({ reference: named(classes), hypothesis: named(said[i] as number[]) }));
        expect(metric.value(sums)).toBe(metric.of(pairs).f1);
      }),
      { seed, numRuns: 100 },
    );
  });

  test("steps of ignored targets do not count, with a decode of one's own too", () => {
    const truth = targets([1, -100, 2, 0]);
    expect(spanF1({ labels }).count(sample([1, 3, 2, 0]), truth)).toEqual([1, 1, 1]);
    expect(spanF1({ labels, decode: () => [1, 3, 2, 0] }).count(sample([0]), truth)).toEqual([1, 1, 1]);
  });

  test("NaN where a logit is", () => {
    const broken = sample([1, 2]);
    broken.data[3] = Number.NaN;
    const counts = spanF1({ labels }).count(broken, targets([1, 2]));
    expect(counts).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(spanF1().value(counts)).toBeNaN();
  });

  test.each([
    [() => spanF1().count(sample([1]), targets([1])), "labels: expected the tag of every class, got none"],
    [() => spanF1({ labels: ["O"] }).count(sample([1]), targets([0])), "prediction[0]: expected an integer in 0 … 0, got 1"],
    [() => spanF1({ labels: ["O", "X"] }), 'labels[1]: expected "O", or B, I, E, S, L or U with a type, as "B-PER", got "X"'],
    [() => spanF1({ labels: "O" as never }), 'labels: expected a list of strings or whole numbers, got "O"'],
    [() => spanF1().of([{ reference: ["O-X"], hypothesis: ["O"] }]), "pairs[0].reference[0]: expected"],
    [() => spanF1({ end: 3 } as never), "options: expected only decode, ignoreIndex, labels, got end"],
  ])("%s", (wrong, message) => {
    expect(wrong).toThrow(ArgumentError);
    expect(wrong).toThrow(message);
  });

  test("as many tags in both", () => {
    const error = new ShapeError("pairs[1].hypothesis", "2 tags", "1");
    expect(() => scored(["O", "O"], ["O O", "O"])).toThrow(error);
    expect(() => spanF1({ labels, decode: () => [1] }).count(sample([0]), targets([1, 2]))).toThrow(
      new ShapeError("prediction", "2 tags", "1"),
    );
  });
});
