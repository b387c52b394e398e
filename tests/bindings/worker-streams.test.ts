/** Rows of streams in a worker, and tokens as they come: what they give here, and nothing is left of them. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as api from "../../bindings/index.js";
import {
  ArgumentError,
  DisposedError,
  generate,
  generateStream,
  type ModelData,
  ShapeError,
  type WorkerModel,
  type WorkerRuntime,
} from "../../bindings/worker.js";
import { testRuntime } from "../helpers/runtime.js";
import { workerRuntime } from "../helpers/worker.js";

const V = 6;
const SIZES = [
  { numEmbeddings: V, embeddingDim: 5 },
  { inputSize: 5, hiddenSize: 7 },
  { inputSize: 7, outputSize: V },
] as const;
const LANGUAGE = [
  ["Embedding", SIZES[0]],
  ["LSTM", SIZES[1]],
  ["Dense", SIZES[2]],
] as const satisfies ModelData;

let rt: WorkerRuntime;
let model: WorkerModel;
let near: api.Runtime;
let twin: api.Sequential;
let idle: number;
beforeEach(async () => {
  [rt, near] = await Promise.all([workerRuntime({ seed: 8 }), testRuntime({ seed: 8 })]);
  model = await rt.sequential(LANGUAGE);
  twin = new api.Sequential(near, [new api.Embedding(near, SIZES[0]), new api.LSTM(near, SIZES[1]), new api.Dense(near, SIZES[2])]);
  await generate(model, [1], { length: 2 }); // layers pack their weights when first used
  idle = await rt.bytesInUse;
});
afterEach(async () => {
  near.dispose();
  await rt[Symbol.asyncDispose]();
});

describe("rows", () => {
  test("step, leave, join, reset and hand their states on as those of a stream here", async () => {
    const theirs = await model.stream({ batch: 3 });
    const ours = twin.stream({ batch: 3 });
    const here = (tokens: number[], rows: number[]) => {
      for (const [n, row] of rows.entries()) ours.input[row] = tokens[n] as number;
      ours.step(rows);
      return Float32Array.from(rows.flatMap((row) => [...ours.output.subarray(row * V, (row + 1) * V)]));
    };
    expect(await theirs.step([1, 2, 3])).toEqual(here([1, 2, 3], [0, 1, 2]));
    expect(await theirs.step([4, 5], [2, 0])).toEqual(here([4, 5], [2, 0]));
    expect(await theirs.state).toEqual(ours.state);
    expect(await theirs.step([], [])).toEqual(new Float32Array(0));
    const kept = await theirs.getState(2);
    expect(kept).toEqual(ours.getState(2));
    await theirs.leave(1);
    ours.leave(1);
    await expect(theirs.step([1], [1])).rejects.toThrow(ArgumentError);
    await expect(theirs.getState(1)).rejects.toThrow("a live row");
    expect(await theirs.join(kept)).toBe(ours.join(kept));
    expect(await theirs.step([2, 0], [1, 2])).toEqual(here([2, 0], [1, 2]));
    await theirs.setState(0, kept);
    ours.setState(0, kept);
    await theirs.reset(1);
    ours.reset(1);
    expect(await theirs.state).toEqual(ours.state);
    await theirs.leave();
    ours.leave();
    expect(await theirs.join()).toBe(0);
    ours.join();
    expect(await theirs.step(Int32Array.of(3), Int32Array.of(0))).toEqual(here([3], [0]));
    expect(await theirs.state).toEqual(ours.state);
    theirs.dispose();
    expect(await rt.bytesInUse).toBe(idle);
  });

  test("a row that is undefined is none: no one else loses theirs", async () => {
    const stream = await model.stream({ batch: 2 });
    await stream.step([1, 2]);
    const before = await stream.state;
    const nobody = [][0] as unknown as number;
    await expect(stream.leave(nobody)).rejects.toThrow("row: expected an integer in 0 … 1, got undefined");
    await expect(stream.reset(nobody)).rejects.toThrow("row: expected an integer in 0 … 1, got undefined");
    expect(await stream.state).toEqual(before);
    await stream.step([1, 2], [0, 1]); // both are live
    await stream.reset();
    expect(await stream.getState(0)).toEqual(await (await model.stream()).state);
  });

  test("wrong rows and samples are refused, and no row has gone a step", async () => {
    const stream = await model.stream({ batch: 2 });
    const before = await stream.state;
    await expect(stream.step([1], [2])).rejects.toThrow("rows[0]: expected an integer in 0 … 1, got 2");
    await expect(stream.step([1, 2], [0, 0])).rejects.toThrow("rows[1]: expected a live row");
    await expect(stream.step([1], [0, 1])).rejects.toThrow(ShapeError);
    await expect(stream.step([V], [0])).rejects.toThrow(ArgumentError);
    await expect(stream.step([1], 3 as never)).rejects.toThrow("rows: expected an array of numbers, got 3");
    await expect(stream.join()).rejects.toThrow("a free row");
    await expect(stream.setState(0, [])).rejects.toThrow(ArgumentError);
    expect(await stream.state).toEqual(before);
  });
});

describe("generateStream", () => {
  const all = async (options: Parameters<typeof generateStream>[2], prompt: ArrayLike<number> = [1, 2]) => {
    const tokens: number[] = [];
    for await (const token of generateStream(model, prompt, options)) tokens.push(token);
    return tokens;
  };

  test.each([{ seed: 3 }, {}, { temperature: 0 }, { stop: 4, seed: 1 }])("gives the tokens of generate: %o", async (options) => {
    const prompt = Int32Array.of(1, 2);
    expect(await all({ ...options, length: 20 }, prompt)).toEqual(await generate(model, [1, 2], { ...options, length: 20 }));
    expect(prompt.length).toBe(2); // copied
    expect(await rt.bytesInUse).toBe(idle);
  });

  test("two at once do not disturb one another", async () => {
    const options = [0, 1].map((seed) => ({ length: 15, seed }));
    const alone = await Promise.all(options.map((each) => generate(model, [1, 2], each)));
    expect(alone[0]).not.toEqual(alone[1]);
    const both = options.map((each) => generateStream(model, [1, 2], each));
    const got: number[][] = [[], []];
    for (let k = 0; k < 15; k++) for (const [i, stream] of both.entries()) got[i]?.push((await stream.next()).value as number);
    expect(got).toEqual(alone);
    expect(await Promise.all(options.map((each) => all(each)))).toEqual(alone);
    for (const stream of both) expect(await stream.next()).toEqual({ value: undefined, done: true });
    expect(await rt.bytesInUse).toBe(idle);
  });

  test("leaving the loop, and an error in it, end it in the worker", async () => {
    for await (const _ of generateStream(model, [1], { length: 1e6 })) {
      expect(await rt.bytesInUse).toBeGreaterThan(idle);
      break;
    }
    expect(await rt.bytesInUse).toBe(idle);
    const failing = async () => {
      for await (const _ of generateStream(model, [1], { length: 9 })) throw new Error("mine");
    };
    await expect(failing()).rejects.toThrow("mine");
    expect(await rt.bytesInUse).toBe(idle);
    const unbegun = generateStream(model, [1], { length: 9 });
    await unbegun.return();
    expect(await rt.bytesInUse).toBe(idle);
  });

  test.each([0, 1, 3])("a signal after %i tokens ends it in the worker, before anyone asks again; its reason is thrown", async (count) => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const stream = generateStream(model, [1], { length: 1e6, signal: controller.signal });
    for (let i = 0; i < count; i++) await stream.next();
    controller.abort(reason);
    expect(await rt.bytesInUse).toBe(idle);
    await expect(stream.next()).rejects.toBe(reason);
    expect(await stream.next()).toEqual({ value: undefined, done: true });
  });

  test("a signal cuts off a prompt that is being read", async () => {
    const controller = new AbortController();
    const stream = generateStream(model, new Int32Array(4e6), { length: 1, signal: controller.signal });
    const first = stream.next().catch((error: unknown) => error);
    while ((await rt.bytesInUse) === idle); // until it has begun
    controller.abort("enough");
    expect(await first).toBe("enough");
    expect(await rt.bytesInUse).toBe(idle);
  });

  test("what it cannot take: at once what is known here, in the loop what the worker says", async () => {
    expect(() => generateStream({} as WorkerModel, [1], { length: 1 })).toThrow(ArgumentError);
    expect(() => generateStream(model, [1], null as never)).toThrow("options: expected an object");
    expect(() => generateStream(model, [1], { length: 1, signal: {} as AbortSignal })).toThrow("signal: expected an AbortSignal");
    await expect(all({ length: 0 })).rejects.toThrow("length: expected a positive integer");
    await expect(all({ length: 1 }, [V])).rejects.toThrow("prompt[0]");
    const stream = generateStream(model, [1], { length: 9 });
    await stream.next();
    model.dispose();
    await expect(stream.next()).rejects.toThrow(DisposedError);
    await expect(rt.bytesInUse).resolves.toBe(0);
  });
});
