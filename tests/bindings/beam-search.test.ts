/** beamSearch against all continuations there are, and against a beam kept as lists: length penalty, n-grams, an end token. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ArgumentError,
  type Beam,
  type BeamOptions,
  beamSearch,
  Dense,
  Embedding,
  Generator,
  LSTM,
  type Runtime,
  Sequential,
} from "../../bindings/index.js";
import { expectRefusal } from "../helpers/refusal.js";
import { testRuntime } from "../helpers/runtime.js";

const V = 3;
const PROMPT = [1, 0];
let rt: Runtime;
const models: Sequential[] = [];

beforeAll(async () => {
  rt = await testRuntime({ dtype: "f64" });
  for (const seed of [1, 2, 3]) {
    const generator = new Generator(seed);
    const model = new Sequential(rt, {
      embedding: new Embedding(rt, { numEmbeddings: V, embeddingDim: 3, generator }),
      lstm: new LSTM(rt, { inputSize: 3, hiddenSize: 4, generator }),
      head: new Dense(rt, { inputSize: 4, outputSize: V, generator }),
    });
    for (const parameter of model.parameters()) parameter.set(parameter.toArray().map((value) => 3 * value)); // clear preferences
    models.push(model);
  }
});
afterAll(() => {
  for (const model of models) model.dispose();
  expect(rt.bytesInUse).toBe(0);
  rt.dispose();
});

/** log p of every token after a sequence, by a whole forward pass. */
function logProbabilities(model: Sequential, sequence: readonly number[]): number[] {
  using x = rt.tensor(Int32Array.from(sequence), [sequence.length, 1], { dtype: "i32" });
  const logits = [...model.forward(x).toArray()].slice(-V);
  const norm = Math.log(logits.reduce((sum, z) => sum + Math.exp(z), 0));
  return logits.map((z) => z - norm);
}

interface Naive {
  all: number[];
  logProbability: number;
  score: number;
  over: boolean;
}

const repeats = (all: readonly number[], n: number) => {
  const grams = Array.from({ length: Math.max(0, all.length - n + 1) }, (_, i) => all.slice(i, i + n).join());
  return new Set(grams).size < grams.length;
};

/** GNMT (14): both powers written out. */
const scoreOf = (logProbability: number, length: number, alpha: number) => logProbability / ((5 + length) ** alpha / (5 + 1) ** alpha);

/** What may follow, each sequence whole; none: it is over. */
function follow(model: Sequential, path: Naive, { stop, lengthPenalty = 0, noRepeatNgramSize }: BeamOptions): Naive[] {
  const p = logProbabilities(model, [...PROMPT, ...path.all]);
  return p.flatMap((logP, token) => {
    const all = [...path.all, token];
    // That the prompt repeats itself is not the continuation's fault: only the newest n-gram counts.
    const n = noRepeatNgramSize;
    if (n !== undefined && token !== stop) {
      const whole = [...PROMPT, ...all];
      const earlier = Array.from({ length: Math.max(0, whole.length - n) }, (_, i) => whole.slice(i, i + n).join());
      if (whole.length >= n && earlier.includes(whole.slice(-n).join())) return [];
    }
    const logProbability = path.logProbability + logP;
    return [{ all, logProbability, score: scoreOf(logProbability, all.length, lengthPenalty), over: token === stop }];
  });
}

/** With `width` ∞ all continuations that there are; never ends early. */
function naive(model: Sequential, options: BeamOptions, width: number): Naive[] {
  const ranked = (paths: Naive[]) => [...paths].sort((a, b) => b.score - a.score).slice(0, width);
  let live: Naive[] = [{ all: [], logProbability: 0, score: 0, over: false }];
  let over: Naive[] = [];
  for (let step = 0; step < options.length && live.length > 0; step++) {
    const ways = live.map((path) => follow(model, path, options));
    over.push(...live.filter((_, i) => ways[i]?.length === 0));
    const next = ranked(ways.flat());
    over = ranked([...over, ...next.filter((path) => path.over)]);
    live = next.filter((path) => !path.over);
  }
  return ranked([...over, ...live]);
}

function expectSame(found: readonly Beam[], expected: readonly Naive[], stop: number | undefined): void {
  expect(found.map(({ tokens }) => tokens)).toEqual(expected.map(({ all }) => all.filter((token) => token !== stop)));
  for (const [i, { logProbability, score }] of found.entries()) {
    expect(logProbability).toBeCloseTo(expected[i]?.logProbability as number, 10);
    expect(score).toBeCloseTo(expected[i]?.score as number, 10);
  }
}

const WAYS: Partial<BeamOptions>[] = [0, 0.6, 1, 2.5].flatMap((lengthPenalty) =>
  [undefined, 1, 2, 3].flatMap((noRepeatNgramSize) =>
    [undefined, 0, 2].map((stop) => ({
      lengthPenalty,
      ...(noRepeatNgramSize && { noRepeatNgramSize }),
      ...(stop !== undefined && { stop }),
    })),
  ),
);

describe("beamSearch", () => {
  test.each(WAYS)("wide enough it finds all that there are, in order: %o", (way) => {
    for (const model of models) {
      const options = { length: 5, ...way };
      const expected = naive(model, options, Number.POSITIVE_INFINITY);
      expectSame(beamSearch(model, PROMPT, { ...options, beams: V ** 5 }), expected, way.stop);
      if (way.noRepeatNgramSize === 2) {
        expect(expected.every(({ all }) => !repeats([...PROMPT, ...all.filter((token) => token !== way.stop)], 2))).toBe(true);
        expect(expected.length).toBeLessThan(V ** 5);
      }
    }
  });

  test.each(WAYS)("narrow it finds what a beam that never ends early finds: %o", (way) => {
    for (const model of models)
      for (const beams of [1, 2, 4])
        expectSame(beamSearch(model, PROMPT, { length: 8, beams, ...way }), naive(model, { length: 8, ...way }, beams), way.stop);
  });

  test("a length penalty brings a longer one to the front", () => {
    const lengths = [0, 1, 4].map(
      (lengthPenalty) =>
        beamSearch(models[0] as Sequential, PROMPT, { length: 12, beams: 6, stop: 2, lengthPenalty })[0]?.tokens.length as number,
    );
    expect(lengths[0]).toBeLessThan(lengths[2] as number);
    expect([...lengths].sort((a, b) => a - b)).toEqual(lengths);
  });

  test("a continuation that no token may follow ends there", () => {
    const [only, ...more] = beamSearch(models[0] as Sequential, [0, 1, 2], { length: 4, noRepeatNgramSize: 1 });
    expect([only, more]).toEqual([{ tokens: [], logProbability: 0, score: 0 }, []]);
    const found = beamSearch(models[0] as Sequential, [0], { length: 4, noRepeatNgramSize: 1, beams: 9 });
    expect(found.map(({ tokens }) => tokens).sort()).toEqual([
      [1, 2],
      [2, 1],
    ]);
  });

  test("without a penalty the score is the probability", () => {
    for (const { score, logProbability } of beamSearch(models[1] as Sequential, PROMPT, { length: 4, stop: 0 }))
      expect(score).toBe(logProbability);
  });

  test.each([
    [{ lengthPenalty: -0.5 }, "lengthPenalty: expected a number in [0, ∞), got -0.5"],
    [{ lengthPenalty: Number.NaN }, "lengthPenalty"],
    [{ noRepeatNgramSize: 0 }, "noRepeatNgramSize: expected a positive integer, got 0"],
    [{ noRepeatNgramSize: 1.5 }, "noRepeatNgramSize"],
    [{ no_repeat_ngram_size: 2 }, "options: expected only"],
  ])("%o is refused", (options, text) => {
    const before = rt.bytesInUse;
    expectRefusal(() => beamSearch(models[0] as Sequential, PROMPT, { length: 3, ...options }), ArgumentError, text);
    expect(rt.bytesInUse).toBe(before);
  });
});
