/** generate, beamSearch and sample at their doors, and where probabilities end. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ArgumentError,
  type BeamOptions,
  beamSearch,
  Dense,
  DisposedError,
  Embedding,
  type GenerateOptions,
  Generator,
  generate,
  LSTM,
  MeanPool,
  MemoryError,
  type Runtime,
  type SampleOptions,
  Sequential,
  sample,
} from "../../bindings/index.js";
import { expectRefusal } from "../helpers/refusal.js";
import { testRuntime } from "../helpers/runtime.js";

const INF = Number.POSITIVE_INFINITY;
const V = 5;
let rt: Runtime;
let model: Sequential;

beforeAll(async () => {
  rt = await testRuntime();
  model = language(V);
  generate(model, [1], { length: 2 }); // layers pack their weights when first used
});
afterAll(() => {
  model.dispose();
  expect(rt.bytesInUse).toBe(0);
  rt.dispose();
});

function language(C: number): Sequential {
  const generator = new Generator(2);
  return new Sequential(rt, {
    embedding: new Embedding(rt, { numEmbeddings: V, embeddingDim: 3, generator }),
    lstm: new LSTM(rt, { inputSize: 3, hiddenSize: 4, generator }),
    head: new Dense(rt, { inputSize: 4, outputSize: C, generator }),
  });
}

/** Of a first token alone: logits that do not depend on what was read. */
function constant(logits: readonly number[]): Sequential {
  const embedding = new Embedding(rt, { numEmbeddings: logits.length, embeddingDim: 1 });
  const head = new Dense(rt, { inputSize: 1, outputSize: logits.length });
  const [table] = embedding.parameters();
  const [weight, bias] = head.parameters();
  for (const parameter of [table, weight]) parameter?.set(parameter.toArray().fill(0));
  bias?.set(logits);
  return new Sequential(rt, [embedding, head]);
}

/** Refused, and not a byte is kept. */
function refused(act: () => unknown, ...texts: string[]): void {
  const before = rt.bytesInUse;
  expectRefusal(act, ArgumentError, ...texts);
  expect(rt.bytesInUse).toBe(before);
}

describe.each([
  ["generate", (m: unknown, p: unknown, o: object) => generate(m as Sequential, p as number[], { length: 3, ...o } as GenerateOptions)],
  ["beamSearch", (m: unknown, p: unknown, o: object) => beamSearch(m as Sequential, p as number[], { length: 3, ...o } as BeamOptions)],
])("%s", (_, run) => {
  test.each([
    ["the dog", "prompt: expected an array of numbers"],
    [null, "prompt"],
    [undefined, "prompt"],
    [3, "prompt"],
    [[], "prompt: expected one or more tokens, got none"],
    [[1.9, Number.NaN], "prompt[0]: expected a token in 0 … 4, got 1.9"],
    [[1, Number.NaN], "prompt[1]: expected a token in 0 … 4, got NaN"],
    [["1"], 'prompt[0]: expected a number, got "1"'],
    [[1, 2, 5], "prompt[2]: expected a token in 0 … 4, got 5"],
    [[-1], "prompt[0]"],
    [[2 ** 32], "prompt[0]"],
    [[1n], "prompt[0]: expected a number, got 1"],
    [BigInt64Array.of(1n), "prompt[0]"],
    [{ length: 1e9 }, "prompt[0]: expected a number, got undefined"],
    [{ length: 2, 0: 1 }, "prompt[1]: expected a number, got undefined"],
    [{ length: -1 }, "prompt"],
    [{ length: 1.5, 0: 1 }, "prompt"],
    [Object.assign([1, 2, 3], { length: 4 }), "prompt[3]"],
  ])("refuses the prompt %o", (prompt, text) => refused(() => run(model, prompt, {}), text));

  test.each([
    [{ length: 0 }, "length"],
    [{ length: 1.5 }, "length"],
    [{ length: "3" }, "length"],
    [{ length: null }, "length"],
    [{ length: INF }, "length"],
    [{ stop: "1" }, "stop: expected a token, an integer from 0"],
    [{ stop: null }, "stop"],
    [{ stop: 5 }, "stop: expected a token in 0 … 4, got 5"],
    [{ stop: -1 }, "stop"],
    [{ stop: 1.5 }, "stop"],
    [{ lenght: 3 }, "options: expected only"],
  ])("refuses the options %o", (options, text) => refused(() => run(model, [1], options), text));

  test("refuses what is no model from tokens to logits", () => {
    const head = new Dense(rt, { inputSize: 2, outputSize: 2 });
    const embedding = new Embedding(rt, { numEmbeddings: V, embeddingDim: 3 });
    const [numbers, pooled] = [new Sequential(rt, [head]), new Sequential(rt, [embedding, new MeanPool(rt)])];
    refused(() => run(null, [1], {}), "model: expected a Sequential");
    refused(() => run({}, [1], {}), "model");
    refused(() => run(embedding, [1], {}), "model");
    refused(() => run(numbers, [1], {}), "model: expected one that begins with an Embedding, got one that begins with Dense");
    refused(() => run(pooled, [1], {}), "a layer that can be streamed");
    for (const each of [numbers, pooled]) each.dispose();
    const ended = language(V);
    ended.dispose();
    expectRefusal(() => run(ended, [1], {}), DisposedError);
  });

  test("refuses a model whose logits are no numbers", () => {
    const broken = language(V);
    run(broken, [1], {});
    broken.layers.head?.parameters()[1]?.set([0, Number.NaN, 0, 0, 0]);
    refused(() => run(broken, [1], {}), "logits[1]: expected a number below ∞, got NaN");
    broken.dispose();
  });

  test("a length of 2³¹ or 10⁹ takes no memory before it is drawn", () => {
    const certain = constant([0, 0, 90, 0]);
    for (const length of [2 ** 31, 1e9, Number.MAX_SAFE_INTEGER]) run(certain, [0], { length, stop: 2 });
    certain.dispose();
  });

  test("a token that only stops may lie beyond those that are read; another may not", () => {
    const wide = language(V + 1);
    wide.layers.head?.parameters()[1]?.set([0, 0, 0, 0, 0, 90]);
    expect(() => run(wide, [1], { stop: V })).not.toThrow();
    refused(() => run(wide, [1], {}), "model: expected logits of the 5 tokens that it reads, got the token 5");
    wide.dispose();
  });

  test("an option is read once", () => {
    let reads = 0;
    const options = Object.defineProperty({}, "stop", { enumerable: true, get: () => (reads++ === 0 ? undefined : "1") });
    expect(() =>
      run(model, [1], new Proxy({ length: 2, stop: 0 }, { get: (_, name) => (name === "length" ? 2 : Reflect.get(options, name)) })),
    ).not.toThrow();
    expect(reads).toBe(1);
  });
});

test("without a generator, generate repeats itself and sample does not", () => {
  const once = generate(model, [1], { length: 20 });
  expect(generate(model, [1], { length: 20 })).toEqual(once);
  expect(generate(model, [1], { length: 20, generator: new Generator(0) })).toEqual(once);
  const flat = new Float64Array(1000);
  const drawn = new Set(Array.from({ length: 50 }, () => sample(flat)));
  expect(drawn.size).toBeGreaterThan(25); // 50 of 1000: 48.8 on average
});

describe("sample", () => {
  const generator = () => new Generator(3);

  test.each([
    ["abc", "logits"],
    [null, "logits"],
    [[], "logits: expected one finite number or more, got none"],
    [["1"], 'logits[0]: expected a number, got "1"'],
    [[1, Number.NaN], "logits[1]: expected a number below ∞, got NaN"],
    [Float32Array.of(1, Number.NaN), "logits[1]"],
    [[0, INF], "logits[1]: expected a number below ∞, got Infinity"],
    [[-INF, -INF], "logits: expected one finite number or more, got -∞ alone"],
    [{ length: 1e9 }, "logits[0]"],
    [BigInt64Array.of(1n), "logits[0]"],
  ])("refuses %o", (logits, text) => refused(() => sample(logits as number[]), text));

  test.each([
    [{ temperature: Number.NaN }, "temperature"],
    [{ temperature: INF }, "temperature"],
    [{ temperature: "1" }, "temperature"],
    [{ temperature: null }, "temperature"],
    [{ topK: 1.5 }, "topK"],
    [{ topK: "2" }, "topK"],
    [{ topP: 1.1 }, "topP: expected a number in (0, 1], got 1.1"],
    [{ topP: Number.NaN }, "topP"],
    [{ topP: -0 }, "topP"],
    [{ generator: 7 }, "generator: expected a Generator, got 7"],
    [null, "options"],
  ])("refuses %o", (options, text) => refused(() => sample([1, 2], options as never), text));

  test.each<[SampleOptions, number[], number]>([
    [{ temperature: 0 }, [1, 3, 3], 1],
    [{ temperature: -0 }, [1, 3, 3], 1],
    [{ temperature: 5e-324 }, [1, 3, 2], 1],
    [{ temperature: 5e-324 }, [-1e308, 1e308], 1],
    [{ topP: 1e-300 }, [1, 3, 2], 1],
    [{ topK: 1 }, [1, 3, 2], 1],
    [{ topK: 1e9, topP: 1e-9 }, [1, 3, 2], 1],
    [{}, [-INF, 5, -INF], 1],
    [{ temperature: 1e308 }, [-INF, 5, -INF], 1],
  ])("%o of %o draws %d, whatever the draw", (options, logits, expected) => {
    const one = generator();
    for (let i = 0; i < 200; i++) expect(sample(logits, { ...options, generator: one })).toBe(expected);
  });

  test("a great temperature draws evenly; topK of many takes the first k, ties by place", () => {
    const one = generator();
    const counts = [0, 0, 0];
    for (let i = 0; i < 3000; i++) counts[sample([0, 9, 90], { temperature: 1e300, generator: one })]++;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(130); // 5 standard deviations
    const logits = Float64Array.from({ length: 100 }, (_, i) => i % 10);
    const drawn = new Set(Array.from({ length: 400 }, () => sample(logits, { topK: 4, generator: one })));
    expect([...drawn].sort((a, b) => a - b)).toEqual([9, 19, 29, 39]);
  });
});

describe("beamSearch", () => {
  test.each([0, -1, 1.5, "4", null, Number.NaN])("refuses %o beams", (beams) =>
    refused(() => beamSearch(model, [1], { length: 2, beams: beams as number }), "beams"));

  test("more beams than there are sequences give them all, a number beyond memory a MemoryError", () => {
    const found = beamSearch(model, [1], { length: 2, beams: 2 ** 31 });
    expect(found.length).toBe(V * V);
    expect(found.reduce((sum, { logProbability }) => sum + Math.exp(logProbability), 0)).toBeCloseTo(1, 6);
    const before = rt.bytesInUse;
    expectRefusal(() => beamSearch(model, [1], { length: 30, beams: 2 ** 31 }), MemoryError);
    expectRefusal(() => beamSearch(model, [1], { length: 30, beams: Number.MAX_SAFE_INTEGER }), MemoryError);
    expect(rt.bytesInUse).toBe(before);
  });

  test("what has the probability 0 is not followed", () => {
    const certain = constant([-INF, 0, -INF, 0]);
    expect(beamSearch(certain, [0], { length: 2, beams: 9 })).toEqual(
      [
        [1, 1],
        [1, 3],
        [3, 1],
        [3, 3],
      ].map((tokens) => {
        const logProbability = -2 * Math.log(2);
        return { tokens, logProbability, score: logProbability };
      }),
    );
    expect(beamSearch(certain, [0], { length: 2, beams: 3, stop: 0 }).map(({ tokens }) => tokens.length)).toEqual([2, 2, 2]);
    certain.dispose();
  });

  test("picks the best of a row as sorting all of them does", () => {
    const logits = Array.from({ length: 200 }, (_, i) => Math.fround(Math.sin(i * i)));
    const wide = constant(logits);
    const order = logits.map((_, i) => i).sort((a, b) => (logits[b] as number) - (logits[a] as number) || a - b);
    for (const beams of [1, 3, 20, 100]) {
      const tokens = beamSearch(wide, [0], { length: 1, beams }).map((beam) => beam.tokens[0]);
      expect(tokens).toEqual(order.slice(0, beams));
    }
    wide.dispose();
  });
});
