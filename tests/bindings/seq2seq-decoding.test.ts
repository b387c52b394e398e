/** What a Seq2Seq makes of sources: greedy, drawn, by beam; streams. */
import { beforeAll, describe, expect, test } from "vitest";
import { Adam, ArgumentError, CrossEntropyLoss, DisposedError, fit, Generator, type Runtime } from "../../bindings/index.js";
import { type Decoded, type DecodedBeam, type DecodedToken, Seq2Seq, type Seq2SeqOptions } from "../../bindings/sequence.js";
import { expectBits } from "../helpers/compare.js";
import { operatorFrame } from "../helpers/operator-frame.js";
import { operatorRuntime, tokensOf } from "../helpers/runtime.js";
import { printedSeed } from "../helpers/seed.js";

const SIZES = { sourceVocabularySize: 6, targetVocabularySize: 8, embeddingDim: 8, hiddenSize: 12, bos: 6, eos: 7 };
const VARIANTS: Partial<Seq2SeqOptions>[] = [
  { attention: "general" },
  { attention: "additive", style: "bahdanau", cell: "lstm", numLayers: 2 },
  { attention: "dot", bidirectional: false, inputFeeding: false, dropout: 0.5 },
  { attention: "none", cell: "lstm" },
];
const seed = printedSeed("seq2seq decoding");
const random = new Generator(seed);
const drawnSource = () => Array.from({ length: 1 + random.integer(6) }, () => random.integer(6));
const SOURCES = Array.from({ length: 5 }, drawnSource);

/** Log p of every target of at most so many tokens, by forward passes: what ends comes with its end. */
function allTargets(rt: Runtime, model: Seq2Seq, source: readonly number[], length: number): Map<string, number> {
  const found = new Map<string, number>();
  const grow = (tokens: readonly number[], logProbability: number) => {
    if (tokens.length === length) return void found.set(tokens.join(), logProbability);
    const logs = nextOf(rt, model, source, tokens);
    for (const [token, log] of logs.entries()) {
      if (token === SIZES.eos) found.set(tokens.join(), logProbability + log);
      else grow([...tokens, token], logProbability + log);
    }
  };
  grow([], 0);
  return found;
}

/** Log p of the next token. */
function nextOf(rt: Runtime, model: Seq2Seq, source: readonly number[], tokens: readonly number[]): number[] {
  using from = tokensOf(rt, source, [source.length, 1]);
  using target = tokensOf(rt, [SIZES.bos, ...tokens], [tokens.length + 1, 1]);
  const logits = Array.from(frames.get(rt)?.run(() => model.forward({ source: from, target }).toArray()) ?? []).slice(
    -SIZES.targetVocabularySize,
  );
  const top = Math.max(...logits);
  const norm = top + Math.log(logits.reduce((sum, z) => sum + Math.exp(z - top), 0));
  return logits.map((z) => z - norm);
}

const frames = new Map<Runtime, { run<R>(work: () => R): R }>();

async function modelOf(options: Partial<Seq2SeqOptions> = {}) {
  const { rt, frame } = await operatorFrame();
  frames.set(rt, frame);
  rt.generator.state = [seed | 1, 2, 3, 4];
  const model = new Seq2Seq(rt, { ...SIZES, ...options });
  for (const parameter of model.parameters()) parameter.set(parameter.toArray().map((value) => 2 * value)); // surer of itself
  return { rt, model };
}

const same = (name: string, got: Decoded, want: Decoded) => {
  expect(got.tokens, name).toEqual(want.tokens);
  expect(got.logProbability, name).toBe(want.logProbability);
  expect(got.weights?.length, name).toBe(want.weights?.length);
  for (const [t, weights] of (want.weights ?? []).entries()) expectBits(`${name}, step ${t}`, got.weights?.[t] ?? [], weights);
};

describe.each(VARIANTS.map((each) => [JSON.stringify(each), each] as const))("%s", (_, options) => {
  test("greedy: the likeliest token each time, by forward passes", async () => {
    const { rt, model } = await modelOf(options);
    model.eval();
    for (const [n, result] of model.greedy(SOURCES, { length: 6 }).entries()) {
      const tokens: number[] = [];
      let sum = 0;
      for (let step = 0; step < 6; step++) {
        const logs = nextOf(rt, model, SOURCES[n] as number[], tokens);
        const token = logs.indexOf(Math.max(...logs));
        sum += logs[token] as number;
        if (token === SIZES.eos) break;
        tokens.push(token);
      }
      expect(result.tokens).toEqual(tokens);
      expect(result.logProbability).toBeCloseTo(sum, 10);
      expect(result.weights?.map(({ length }) => length)).toEqual(
        options.attention === "none" ? undefined : tokens.map(() => SOURCES[n]?.length),
      );
      for (const row of result.weights ?? []) expect(Array.from(row).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    }
    model.dispose();
  });

  test("what a source becomes does not depend on those beside it", async () => {
    const { model } = await modelOf(options);
    const ways: ((sources: number[][]) => (Decoded | DecodedBeam[])[])[] = [
      (sources) => model.greedy(sources, { length: 7 }),
      (sources) => model.sample(sources, { length: 7, temperature: 0.8, topK: 5, topP: 0.95, seed: 9 }),
      (sources) => model.beam(sources, { length: 5, beams: 3, lengthPenalty: 0.7 }),
    ];
    for (const [w, way] of ways.entries()) {
      const together = way(SOURCES);
      for (const [n, source] of SOURCES.entries()) {
        const [alone] = way([source]) as [Decoded | DecodedBeam[]];
        const [got, want] = [together[n], alone].map((each) => (Array.isArray(each) ? each : [each as Decoded])) as [Decoded[], Decoded[]];
        expect(got.length).toBe(want.length);
        for (const [i, each] of want.entries()) same(`way ${w}, source ${n}, ${i}`, got[i] as Decoded, each);
      }
    }
    expect(model.namedLayers().every(([, { training }]) => training)).toBe(true); // the modes are what they were
    model.dispose();
  });

  test("a beam of one, a temperature of 0 and the best one of all are greedy", async () => {
    const { model } = await modelOf(options);
    const greedy = model.greedy(SOURCES, { length: 6 });
    const others = [
      model.beam(SOURCES, { length: 6, beams: 1 }).map(([first]) => first as Decoded),
      model.sample(SOURCES, { length: 6, temperature: 0 }),
      model.sample(SOURCES, { length: 6, topK: 1 }),
    ];
    for (const other of others) for (const [n, want] of greedy.entries()) same(`source ${n}`, other[n] as Decoded, want);
    model.dispose();
  });
});

test("a beam that holds all is enumeration, with both penalties", async () => {
  const { rt, model } = await modelOf();
  model.eval();
  for (const penalties of [{}, { lengthPenalty: 0.9 }, { lengthPenalty: 0.4, coveragePenalty: 0.3 }]) {
    const [source] = SOURCES as [number[]];
    const all = allTargets(rt, model, source, 3);
    const beams = (model.beam([source], { length: 3, beams: 8 ** 3, ...penalties }) as [DecodedBeam[]])[0];
    expect(beams.length).toBe(all.size);
    const scores = beams.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    for (const { tokens, logProbability, score } of beams) {
      expect(logProbability, tokens.join()).toBeCloseTo(all.get(tokens.join()) as number, 5);
      if (!("coveragePenalty" in penalties)) {
        const count = tokens.length + (tokens.length < 3 ? 1 : 0);
        expect(score).toBeCloseTo(logProbability / ((5 + count) / 6) ** (penalties.lengthPenalty ?? 0), 10);
      }
    }
  }
  model.dispose();
});

test("coverage: what is left out of the source costs", async () => {
  const { model } = await modelOf();
  const sources = SOURCES.filter(({ length }) => length > 1);
  for (const beams of model.beam(sources, { length: 4, beams: 6, coveragePenalty: 0.5 })) {
    for (const { tokens, weights, logProbability, score } of beams) {
      if (tokens.length < 4) continue; // the step that ends it takes its share, too, and is not told
      const sums = (weights?.[0] ?? []).map((_, s) => (weights ?? []).reduce((sum, row) => sum + (row[s] as number), 0));
      const covered = Array.from(sums).reduce((sum, each) => sum + Math.log(Math.min(each, 1)), 0);
      expect(score).toBeCloseTo(logProbability + 0.5 * covered, 5);
    }
  }
  model.dispose();
});

test("no n tokens in a row twice", async () => {
  const { model } = await modelOf();
  for (const n of [1, 2, 3]) {
    for (const { tokens } of model.beam(SOURCES, { length: 12, beams: 3, noRepeatNgramSize: n }).flat()) {
      const grams = tokens.slice(n - 1).map((_, i) => tokens.slice(i, i + n).join());
      expect(new Set(grams).size, tokens.join()).toBe(grams.length);
    }
  }
  model.dispose();
});

describe("streams", () => {
  test("the tokens of greedy, or of sample, with what belongs to them", async () => {
    const { model } = await modelOf();
    const [source] = SOURCES as [number[]];
    for (const how of [{}, { temperature: 0.9, topK: 4, seed: 5 }]) {
      const got: DecodedToken[] = [];
      for await (const each of model.stream(source, { length: 6, ...how })) got.push(each);
      const [want] = (how.temperature ? model.sample([source], { length: 6, ...how }) : model.greedy([source], { length: 6 })) as [Decoded];
      expect(got.map(({ token }) => token)).toEqual(want.tokens);
      for (const [t, { weights }] of got.entries()) expectBits(`step ${t}`, weights ?? [], want.weights?.[t] ?? []);
    }
    model.dispose();
  });

  test("ended by the loop and by the signal, they give back what they hold; training goes on beside them", async () => {
    const { rt, model } = await modelOf();
    for (const parameter of model.parameters())
      if (parameter.name === "bias" && parameter.shape[0] === 8) parameter.set([0, 0, 9, 0, 0, 0, 0, -9]);
    model.greedy(SOURCES, { length: 2 });
    const before = rt.bytesInUse;
    for await (const { token } of model.stream([1, 2], { length: 100 })) {
      expect(token).toBe(2);
      expect(rt.bytesInUse).toBeGreaterThan(before);
      break;
    }
    expect(rt.bytesInUse).toBe(before);
    const controller = new AbortController();
    const reason = new Error("enough");
    let count = 0;
    const reading = async () => {
      for await (const _ of model.stream([1, 2], { length: 10_000, signal: controller.signal }))
        if (++count === 5) controller.abort(reason);
    };
    await expect(reading()).rejects.toBe(reason);
    expect(count).toBe(5);
    expect(rt.bytesInUse).toBe(before);
    const stream = model.stream([1], { length: 3 });
    model.dispose();
    await expect(stream.next()).rejects.toThrow(DisposedError);
  });

  test("a step takes no memory, however many there are", async () => {
    const { rt, model } = await modelOf();
    for (const parameter of model.parameters())
      if (parameter.name === "bias" && parameter.shape[0] === 8) parameter.set([0, 0, 9, 0, 0, 0, 0, -9]);
    let held = 0;
    let steps = 0;
    for await (const _ of model.stream([1, 2, 3], { length: 300 })) if (++steps === 4) held = rt.bytesInUse;
    expect(steps).toBe(300);
    for await (const _ of model.stream([1, 2, 3], { length: 300 })) expect(rt.bytesInUse).toBeLessThanOrEqual(held);
    model.dispose();
  });
});

describe("reversing, learned", () => {
  let rt: Runtime;
  let model: Seq2Seq;
  const g = new Generator(3);
  const draw = () => Array.from({ length: 1 + g.integer(5) }, () => g.integer(6));
  beforeAll(async () => {
    rt = await operatorRuntime({ seed: 1 });
    model = new Seq2Seq(rt, { ...SIZES, embeddingDim: 16, hiddenSize: 32 });
    const pairs = Array.from({ length: 512 }, draw).map((source) => ({ source, target: source.toReversed() }));
    const optimizer = new Adam(model.parameters(), { lr: 0.01 });
    await fit(model, { data: model.samples(pairs), loss: new CrossEntropyLoss(rt), optimizer, epochs: 20, bucketByLength: true });
    return () => rt.dispose();
  }, 60_000);

  test("is done, and looked at from the end to the beginning", () => {
    const sources = [[4, 0, 3, 1, 2], ...Array.from({ length: 63 }, draw)];
    const decoded = model.greedy(sources, { length: 8 });
    const right = decoded.filter(({ tokens }, i) => tokens.join() === sources[i]?.toReversed().join());
    expect(right.length).toBeGreaterThan(48);
    const looked = (decoded[0]?.weights ?? []).map((row) => row.indexOf(Math.max(...row)));
    expect(looked[0]).toBeGreaterThan(looked[4] as number);
  });
});

test("what does not fit is refused", async () => {
  const { rt, model } = await modelOf({ attention: "none" });
  expect(model.greedy([], { length: 3 })).toEqual([]);
  for (const [call, message] of [
    [() => model.greedy([[]], { length: 3 }), /^sources\[0\]: expected one or more tokens/],
    [() => model.greedy([[1], [6]], { length: 3 }), /^sources\[1\]\[0\]: expected a token in 0 … 5, got 6/],
    [() => model.greedy([1] as never, { length: 3 }), /^sources\[0\]/],
    [() => model.greedy([[1]], { length: 0 }), /^length: /],
    [() => model.greedy([[1]], { length: 3, beams: 2 } as never), /beams/],
    [() => model.sample([[1]], { length: 3, topP: 0 }), /^topP: /],
    [() => model.sample([[1]], { length: 3, seed: 0.5 }), /^seed: /],
    [() => model.beam([[1]], { length: 3, beams: 0 }), /^beams: /],
    [() => model.beam([[1]], { length: 3, coveragePenalty: 1 }), /^coveragePenalty: expected none without attention/],
    [() => model.beam([[1]], { length: 3, noRepeatNgramSize: 0 }), /^noRepeatNgramSize: /],
    [() => model.stream([9], { length: 3 }), /^source\[0\]: /],
    [() => model.stream([1], { length: 3, signal: {} as never }), /^signal: /],
    [() => frames.get(rt)?.run(() => model.greedy([[1]], { length: 3 })), /no other run or recording/],
  ] as const)
    expect(call, String(call)).toThrow(message);
  model
    .parameters()
    .at(-1)
    ?.update((values) => void values.fill(Number.NaN));
  expect(() => model.greedy([[1]], { length: 3 })).toThrow(ArgumentError);
  const before = rt.bytesInUse;
  expect(() => model.greedy([[1], [2, 3]], { length: 3 })).toThrow(/^logits\[0\]: expected a number below ∞, got NaN/);
  expect(rt.bytesInUse).toBe(before);
  model.dispose();
});
