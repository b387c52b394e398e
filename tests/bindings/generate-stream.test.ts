/** Tokens as they come: those of `generate`, two at once, and whatever ends it gives everything back. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  Adam,
  ArgumentError,
  CrossEntropyLoss,
  Dense,
  DisposedError,
  Embedding,
  fit,
  type GenerateStreamOptions,
  Generator,
  generate,
  generateStream,
  LSTM,
  MemoryError,
  type Runtime,
  Sequential,
} from "../../bindings/index.js";
import { expectRefusal } from "../helpers/refusal.js";
import { testRuntime } from "../helpers/runtime.js";

const V = 7;
const PROMPT = [1, 2, 3];
let rt: Runtime;
let model: Sequential;
let idle: number;

beforeEach(async () => {
  rt = await testRuntime();
  const generator = new Generator(2);
  model = new Sequential(rt, {
    embedding: new Embedding(rt, { numEmbeddings: V, embeddingDim: 3, generator }),
    lstm: new LSTM(rt, { inputSize: 3, hiddenSize: 4, generator }),
    head: new Dense(rt, { inputSize: 4, outputSize: V, generator }),
  });
  generate(model, [1], { length: 2 }); // layers pack their weights when first used
  idle = rt.bytesInUse;
});
afterEach(() => {
  vi.restoreAllMocks();
  model.dispose();
  expect(rt.bytesInUse).toBe(0);
  rt.dispose();
});

async function all(options: GenerateStreamOptions, prompt: ArrayLike<number> = PROMPT): Promise<number[]> {
  const tokens: number[] = [];
  for await (const token of generateStream(model, prompt, options)) tokens.push(token);
  expect(rt.bytesInUse).toBe(idle);
  return tokens;
}

describe("gives the tokens of generate", () => {
  test.each([
    {},
    { temperature: 0 },
    { temperature: 1.5, topK: 3 },
    { topP: 0.8 },
    { stop: 4 },
    { stop: 0, temperature: 0 },
  ])("%o", async (options) => {
    for (const seed of [0, 1, 2, 3]) {
      const how = (length: number) => ({ ...options, length, generator: new Generator(seed) });
      for (const length of [1, 2, 30]) expect(await all(how(length))).toEqual(generate(model, PROMPT, how(length)));
    }
    expect(await all({ ...options, length: 9 })).toEqual(generate(model, PROMPT, { ...options, length: 9 }));
  });

  test("also when the prompt and the options change after the call", async () => {
    const prompt = [...PROMPT];
    const options = { length: 12, temperature: 0.9 };
    const stream = generateStream(model, prompt, options);
    prompt.fill(0);
    Object.assign(options, { length: 1, temperature: 0 });
    const tokens: number[] = [];
    for await (const token of stream) tokens.push(token);
    expect(tokens).toEqual(generate(model, PROMPT, { length: 12, temperature: 0.9 }));
  });
});

test("two at once, and a generate and an evaluation in between, do not disturb one another", async () => {
  const options = [0, 1].map((seed) => () => ({ length: 25, generator: new Generator(seed) })) as [
    () => GenerateStreamOptions,
    () => GenerateStreamOptions,
  ];
  const alone = options.map((each, i) => generate(model, [i + 1], each()));
  expect(alone[0]).not.toEqual(alone[1]);
  const both = options.map((each, i) => generateStream(model, [i + 1], each()));
  const got: number[][] = [[], []];
  for (let k = 0; k < 25; k++) {
    for (const [i, stream] of both.entries()) got[i]?.push((await stream.next()).value as number);
    generate(model, [5], { length: 2 });
  }
  expect(got).toEqual(alone);
  expect(rt.bytesInUse).toBeGreaterThan(idle);
  for (const stream of both) expect(await stream.next()).toEqual({ value: undefined, done: true });
  expect(rt.bytesInUse).toBe(idle);
  const tokens = await Promise.all(options.map((each, i) => all1(each(), [i + 1])));
  expect(tokens).toEqual(alone);
});

/** Without a look at the bytes, which another one holds too. */
async function all1(options: GenerateStreamOptions, prompt: number[]): Promise<number[]> {
  const tokens: number[] = [];
  for await (const token of generateStream(model, prompt, options)) tokens.push(token);
  return tokens;
}

test("others come in between: after every token, when each takes long", async () => {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => (now += 10));
  const order: string[] = [];
  let going = true;
  const tick = () => {
    order.push("other");
    if (going) setImmediate(tick);
  };
  setImmediate(tick);
  for await (const _ of generateStream(model, PROMPT, { length: 5 })) order.push("token");
  going = false;
  expect(order.filter((each) => each === "token")).toHaveLength(5);
  for (const [i, each] of order.entries()) if (each === "token" && i > 0) expect(order[i - 1]).toBe("other");
  expect(order.indexOf("token")).toBeGreaterThanOrEqual(PROMPT.length - 1); // in the reading of the prompt too
});

describe("is left at any time, and holds nothing", () => {
  test("not begun: nothing is taken", async () => {
    const stream = generateStream(model, PROMPT, { length: 5 });
    expect(rt.bytesInUse).toBe(idle);
    expect(await stream.return()).toEqual({ value: undefined, done: true });
    expect(await stream.next()).toEqual({ value: undefined, done: true });
  });

  test("by break, by an error in the loop, by return() and throw()", async () => {
    for await (const _ of generateStream(model, PROMPT, { length: 5 })) {
      expect(rt.bytesInUse).toBeGreaterThan(idle);
      break;
    }
    expect(rt.bytesInUse).toBe(idle);
    const failing = async () => {
      for await (const _ of generateStream(model, PROMPT, { length: 5 })) throw new Error("mine");
    };
    await expect(failing()).rejects.toThrow("mine");
    expect(rt.bytesInUse).toBe(idle);
    const returned = generateStream(model, PROMPT, { length: 5 });
    await returned.next();
    await returned.return();
    expect(rt.bytesInUse).toBe(idle);
    expect((await returned.next()).done).toBe(true);
    const thrown = generateStream(model, PROMPT, { length: 5 });
    await thrown.next();
    await expect(thrown.throw(new Error("mine"))).rejects.toThrow("mine");
    expect(rt.bytesInUse).toBe(idle);
    const hasty = generateStream(model, PROMPT, { length: 5 }); // return() while the first token is drawn
    const [first, end] = await Promise.all([hasty.next(), hasty.return()]);
    expect([first.done, end.done]).toEqual([false, true]);
    expect(rt.bytesInUse).toBe(idle);
  });

  test.each([0, 1, 3])("by a signal after %i tokens: its reason is thrown, what it held is given back at once", async (count) => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const stream = generateStream(model, PROMPT, { length: 9, signal: controller.signal });
    for (let i = 0; i < count; i++) await stream.next();
    controller.abort(reason);
    expect(rt.bytesInUse).toBe(idle); // before anyone asks again
    await expect(stream.next()).rejects.toBe(reason);
    expect(await stream.next()).toEqual({ value: undefined, done: true });
  });

  test("a signal that is never given, or given after the end, is let go", async () => {
    const { signal } = new AbortController();
    const [add, remove] = [vi.spyOn(signal, "addEventListener"), vi.spyOn(signal, "removeEventListener")];
    const tokens = await all({ length: 6, signal });
    expect(tokens).toEqual(generate(model, PROMPT, { length: 6 }));
    expect(remove.mock.calls.map(([, listener]) => listener)).toEqual(add.mock.calls.map(([, listener]) => listener));
    expect(add).toHaveBeenCalledTimes(1);
  });

  test("by an error on the way: the model disposed of, a logit NaN, memory at its end", async () => {
    const stream = generateStream(model, PROMPT, { length: 9 });
    await stream.next();
    const head = model.layers.head as Dense;
    const bias = head.parameters()[1];
    const before = bias?.toArray() as Float32Array;
    bias?.set(before.map(() => Number.NaN));
    await expect(stream.next()).rejects.toThrow(ArgumentError);
    expect(rt.bytesInUse).toBe(idle);
    bias?.set(before);
    const second = generateStream(model, PROMPT, { length: 9 });
    await second.next();
    model.dispose();
    await expect(second.next()).rejects.toThrow(DisposedError);
    expect(rt.bytesInUse).toBe(0);
    await expect(generateStream(model, PROMPT, { length: 9 }).next()).rejects.toThrow(DisposedError);
  });
});

test("memory that ends when it begins: nothing is kept", async () => {
  const small = await testRuntime({ maximumMemory: 2 ** 17 });
  const tight = new Sequential(small, [
    new Embedding(small, { numEmbeddings: V, embeddingDim: 3 }),
    new LSTM(small, { inputSize: 3, hiddenSize: 40 }),
    new Dense(small, { inputSize: 40, outputSize: V }),
  ]);
  const held = [];
  const before = small.bytesInUse;
  try {
    for (;;) held.push(small.zeros([256]));
  } catch {
    // Nothing is left.
  }
  const full = small.bytesInUse;
  await expect(generateStream(tight, PROMPT, { length: 3 }).next()).rejects.toThrow(MemoryError);
  expect(small.bytesInUse).toBe(full);
  for (const tensor of held) tensor.dispose();
  expect(small.bytesInUse).toBe(before);
  small.dispose();
});

test("goes on through a training of its model", async () => {
  using loss = new CrossEntropyLoss(rt);
  using optimizer = new Adam(model.parameters(), { lr: 0.1 });
  const data = [{ x: Int32Array.of(1, 2, 3), y: [2, 3, 4] }];
  const stream = generateStream(model, PROMPT, { length: 40, temperature: 0 });
  await stream.next();
  await fit(model, { data, loss, optimizer, epochs: 3 });
  let count = 1;
  for await (const token of stream) {
    expect(token).toBeLessThan(V);
    count++;
  }
  expect(count).toBe(40);
});

test("its arguments are looked at when it is called", () => {
  const refused = (prompt: unknown, options: unknown, text: string) =>
    expectRefusal(() => generateStream(model, prompt as number[], options as GenerateStreamOptions), ArgumentError, text);
  refused(PROMPT, {}, "length: expected a positive integer");
  refused([V], { length: 1 }, "prompt[0]");
  refused(PROMPT, { length: 1, topK: 0 }, "topK");
  refused(PROMPT, { length: 1, signal: {} }, "signal: expected an AbortSignal");
  refused(PROMPT, { length: 1, sign: 1 }, "options: expected only");
  expectRefusal(() => generate(model, PROMPT, { length: 1, signal: undefined, other: 1 } as never), ArgumentError, "options");
  expect(rt.bytesInUse).toBe(idle);
});
