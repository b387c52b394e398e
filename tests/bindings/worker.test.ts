/** The runtime in a worker: the same results as here, arrays that move, progress, cancellation, and the end. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as api from "../../bindings/index.js";
import {
  ArgumentError,
  beamSearch,
  DisposedError,
  evaluate,
  fit,
  generate,
  type ModelData,
  NonFiniteError,
  ShapeError,
  type WorkerFitOptions,
  type WorkerRuntime,
} from "../../bindings/worker.js";
import { testRuntime } from "../helpers/runtime.js";
import { workerRuntime } from "../helpers/worker.js";

const TAGGER = {
  embedding: ["Embedding", { numEmbeddings: 10, embeddingDim: 8 }],
  gru: ["GRU", { inputSize: 8, hiddenSize: 12 }],
  last: ["LastStep"],
  head: ["Dense", { inputSize: 12, outputSize: 2 }],
} as const satisfies ModelData;

const LANGUAGE = [
  ["Embedding", { numEmbeddings: 6, embeddingDim: 5 }],
  ["LSTM", { inputSize: 5, hiddenSize: 7 }],
  ["Sequential", [["Dense", { inputSize: 7, outputSize: 6 }]]],
] as const satisfies ModelData;

/** Sequences of unequal lengths; fresh arrays each time. */
function samples(count = 96) {
  return Array.from({ length: count }, (_, n) => {
    const x = Int32Array.from({ length: 3 + (n % 8) }, (_, i) => (n * 7 + i * i * 3 + n * i) % 10);
    return { x, y: Number(x.includes(7)) };
  });
}

const OPTIONS = {
  ...{ loss: ["CrossEntropyLoss"], optimizer: ["AdamW", { lr: 0.02 }], epochs: 3, batchSize: 8, seed: 5, clipNorm: 1 },
  ...{
    schedule: [
      "SequentialLR",
      [
        ["LinearLR", { totalIters: 2 }],
        ["StepLR", { stepSize: 1 }],
      ],
      { milestones: [2] },
    ],
  },
} as const satisfies WorkerFitOptions;

const CE = ["CrossEntropyLoss"] as const;
const forever = { loss: CE, optimizer: ["SGD", { lr: 0.01 }], epochs: 1e6 } as const satisfies WorkerFitOptions;

let rt: WorkerRuntime;
beforeAll(async () => {
  rt = await workerRuntime({ seed: 3 });
});
afterAll(() => rt[Symbol.asyncDispose]());

/** The same training here: history, weights, evaluation. */
async function here() {
  const rt = await testRuntime({ seed: 3 });
  const model = new api.Sequential(rt, {
    embedding: new api.Embedding(rt, TAGGER.embedding[1]),
    gru: new api.GRU(rt, TAGGER.gru[1]),
    last: new api.LastStep(rt),
    head: new api.Dense(rt, TAGGER.head[1]),
  });
  const loss = new api.CrossEntropyLoss(rt);
  const optimizer = new api.AdamW(model.parameters(), OPTIONS.optimizer[1]);
  const inner = [new api.LinearLR(optimizer, { totalIters: 2 }), new api.StepLR(optimizer, { stepSize: 1 })];
  const schedule = new api.SequentialLR(optimizer, inner, { milestones: [2] });
  const history = await api.fit(model, { ...OPTIONS, data: samples(), validation: samples(16), loss, optimizer, schedule });
  const measured = await api.evaluate(model, { data: samples(40), loss, metrics: ["accuracy"] });
  const result = { history, measured, weights: model.save() };
  rt.dispose();
  return result;
}

describe("the same as here", () => {
  test("fit, evaluate and the weights, bit for bit", async () => {
    await using own = await workerRuntime({ seed: 3 });
    const model = await own.sequential(TAGGER);
    const history = await fit(model, { ...OPTIONS, data: samples(), validation: samples(16) });
    const measured = await evaluate(model, { data: samples(40), loss: CE, metrics: ["accuracy"] });
    expect({ history, measured, weights: await model.save() }).toEqual(await here());
  });

  test("generate, beamSearch and a stream", async () => {
    await using own = await workerRuntime({ seed: 9 });
    const theirs = await own.sequential(LANGUAGE);
    const near = await testRuntime({ seed: 9 });
    const ours = new api.Sequential(near, [
      new api.Embedding(near, LANGUAGE[0][1]),
      new api.LSTM(near, LANGUAGE[1][1]),
      new api.Sequential(near, [new api.Dense(near, { inputSize: 7, outputSize: 6 })]),
    ]);
    const bytes = await theirs.save({ a: "b" });
    expect(bytes).toEqual(ours.save({ a: "b" }));
    expect(await theirs.load(bytes)).toBe(theirs);
    expect(bytes.byteLength).toBe(0);
    const how = { length: 12, temperature: 0.9, topK: 4 };
    const prompt = Int32Array.of(1, 2);
    const drawn = api.generate(ours, prompt, { ...how, generator: new api.Generator(4) });
    expect(await generate(theirs, prompt, { ...how, seed: 4 })).toEqual(drawn);
    expect(await beamSearch(theirs, prompt, { length: 4 })).toEqual(api.beamSearch(ours, prompt, { length: 4 }));
    expect(prompt.length).toBe(2); // copied
    const stream = await theirs.stream({ batch: 2 });
    const twin = ours.stream({ batch: 2 });
    const token = new Int32Array(2);
    for (const value of [3, 1, 4]) {
      token.fill(value);
      twin.input.set(token);
      twin.step();
      expect(await stream.step(token)).toEqual(twin.output);
    }
    expect(await stream.state).toEqual(twin.state);
    const kept = await stream.state;
    await stream.reset(1);
    twin.reset(1);
    expect(await stream.state).toEqual(twin.state);
    await stream.load(kept);
    expect(await stream.state).toEqual(kept);
    expect(await theirs.summary()).toBe(ours.summary());
    stream.dispose();
    theirs.dispose();
    expect(await own.bytesInUse).toBe(0);
    near.dispose();
  });

  test("a checkpoint goes on there and here", async () => {
    const saved: Uint8Array[] = [];
    const first = await rt.sequential(TAGGER);
    const start = await first.save();
    const options = { ...OPTIONS, data: await rt.data(samples()) };
    await fit(first, { ...options, epochs: 1, checkpoint: { save: (bytes) => void saved.push(bytes), metadata: { a: "b" } } });
    const resume = saved[0] as Uint8Array;
    expect(api.loadSafetensors(resume).metadata.a).toBe("b");
    const second = await rt.sequential(TAGGER);
    await fit(second, { ...options, resume });
    expect(resume.byteLength).toBe(0); // moved
    const whole = await rt.sequential(TAGGER);
    await whole.load(start);
    await fit(whole, options);
    expect(await second.save()).toEqual(await whole.save());
  });
});

describe("what moves", () => {
  test("the arrays of samples; data that are held serve many calls", async () => {
    const model = await rt.sequential(TAGGER);
    const data = samples(700); // more than a slice
    const series = Int32Array.from({ length: 50 }, (_, i) => i % 10);
    const views = Array.from({ length: 300 }, (_, n) => ({ x: series.subarray(n % 40, (n % 40) + 5), y: n % 2 }));
    const held = await rt.data([...data, ...views]);
    expect(held.length).toBe(1000);
    expect([...data.map(({ x }) => x), series].every((array) => array.byteLength === 0)).toBe(true);
    const again = samples(700);
    const copies = Int32Array.from({ length: 50 }, (_, i) => i % 10);
    const same = [...again, ...Array.from({ length: 300 }, (_, n) => ({ x: [...copies.subarray(n % 40, (n % 40) + 5)], y: n % 2 }))];
    const tokens = same.map(({ x, y }) => ({ x: Int32Array.from(x), y }));
    const first = await evaluate(model, { data: held, loss: CE });
    expect(first).toEqual(await evaluate(model, { data: held, loss: CE }));
    expect(first).toEqual(await evaluate(model, { data: tokens, loss: CE }));
    expect(tokens.every(({ x }) => x.byteLength === 0)).toBe(true);
    held.dispose();
    await expect(evaluate(model, { data: held, loss: CE })).rejects.toThrow(DisposedError);
  });

  test("nested and plain samples, targets in arrays, memory that is shared or cannot move", async () => {
    const model = await rt.sequential([["Dense", { inputSize: 2, outputSize: 1 }]]);
    const shared = new Float32Array(new SharedArrayBuffer(16));
    const memory = new Float32Array(new WebAssembly.Memory({ initial: 1 }).buffer, 0, 4);
    const y = Float32Array.of(1, 2);
    const data = [
      { x: [[1, 2], Float32Array.of(3, 4)], y },
      { x: [1, 2, 3, 4], y: [1, 2] },
      { x: shared, y: [0, 0] },
      { x: memory, y: [0, 0] },
    ];
    const { loss } = await evaluate(model, { data, loss: ["MSELoss"], features: 2, batchSize: 1 });
    expect(loss).toBeGreaterThan(0);
    expect([y.byteLength, shared.byteLength, memory.byteLength]).toEqual([0, 16, 16]);
  });

  test("a stream's sample stays", async () => {
    const stream = await (await rt.sequential([["LSTM", { inputSize: 2, hiddenSize: 3 }]])).stream();
    const many = Float32Array.of(0.5, 0.25, 0.125, 0);
    const sample = many.subarray(1, 3);
    const first = await stream.step(sample);
    expect([...sample, first.length]).toEqual([0.25, 0.125, 3]);
  });

  test("what cannot be sent is refused, and nothing has moved", async () => {
    const model = await rt.sequential(TAGGER);
    const x = Int32Array.of(1, 2);
    // @ts-expect-error: a function
    await expect(evaluate(model, { data: [{ x, y: () => 1 }], loss: CE })).rejects.toThrow(ArgumentError);
    expect(x.byteLength).toBe(8);
  });
});

describe("progress", () => {
  test("comes while it trains, the last one always, and to each who listens", async () => {
    const model = await rt.sequential(TAGGER);
    const told: string[] = [];
    const callbacks = [
      {
        onProgress: ({ step }: api.Progress) => void told.push(`p${step}`),
        onEpoch: ({ epoch }: { epoch: number }) => void told.push(`e${epoch}`),
      },
      { onEnd: () => void told.push("end") },
    ];
    const run = fit(model, { ...OPTIONS, epochs: 20, data: samples(), callbacks });
    const seen: api.Progress[] = [];
    for await (const progress of run) seen.push(progress);
    const { steps } = await run;
    expect(steps).toBe(240);
    expect(seen.at(-1)).toMatchObject({ step: 240, epoch: 20, epochs: 20, done: 1920, total: 1920 });
    const stepsSeen = seen.map(({ step }) => step);
    expect(stepsSeen).toEqual([...new Set(stepsSeen)].sort((a, b) => a - b));
    expect(told.filter((each) => each.startsWith("e"))).toEqual([...Array.from({ length: 20 }, (_, i) => `e${i + 1}`), "end"]);
    expect(told.at(-1)).toBe("end");
    expect(told).toContain("p240");
    const late: api.Progress[] = []; // who comes late gets the newest
    for await (const progress of run) late.push(progress);
    expect(late.map(({ step }) => step)).toEqual([240]);
  });

  test("leaving the loop stops the listening, not the training", async () => {
    const model = await rt.sequential(TAGGER);
    const run = fit(model, { ...OPTIONS, epochs: 5, data: samples() });
    for await (const _ of run) break;
    expect((await run).steps).toBe(60);
  });

  test("the loop throws what ends the training", async () => {
    const model = await rt.sequential(TAGGER);
    const run = fit(model, { ...OPTIONS, data: [{ x: Int32Array.of(1), y: 5 }] });
    await expect(
      (async () => {
        for await (const _ of run);
      })(),
    ).rejects.toThrow(ArgumentError);
  });

  test.each(["onProgress", "onEpoch", "onEnd", "save"])("what %s throws ends the training: that very error", async (name) => {
    const model = await rt.sequential(TAGGER);
    const mine = new Error("mine");
    const ended: string[] = [];
    const throwing = async () => {
      throw mine;
    };
    const run = fit(model, {
      ...{ ...OPTIONS, epochs: name === "onEnd" ? 1 : 1e6, data: samples() },
      ...(name === "save" ? { checkpoint: { save: throwing } } : {}),
      callbacks: [name === "save" ? {} : { [name]: throwing }, { onEnd: () => void ended.push("end") }],
    });
    await expect(run).rejects.toBe(mine);
    expect(ended).toEqual(["end"]);
  });
});

describe("cancellation", () => {
  test("a signal ends it within a step, by its reason, and the checkpoint is written first", async () => {
    const model = await rt.sequential(TAGGER);
    const controller = new AbortController();
    const saved: Uint8Array[] = [];
    const run = fit(model, {
      ...forever,
      data: samples(),
      signal: controller.signal,
      checkpoint: { save: (bytes) => void saved.push(bytes), every: 1e9 },
    });
    let last = 0;
    for await (const { step } of run) {
      last = step;
      if (step > 20) break;
    }
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(run).rejects.toBe(reason);
    const resumed = await fit(model, {
      ...forever,
      data: samples(),
      epochs: Math.ceil((last + 64) / 3),
      resume: saved.at(-1) as Uint8Array,
    });
    expect(resumed.resumedFrom?.step).toBeGreaterThanOrEqual(last);
    expect(resumed.resumedFrom?.step).toBeLessThan(last + 64); // 8 ms and a message later
    expect((await fit(model, { ...OPTIONS, data: samples() })).steps).toBe(36); // the model is free again
  });

  test("one that has come already leaves everything as it was", async () => {
    const model = await rt.sequential(TAGGER);
    const before = await model.save();
    const signal = AbortSignal.abort("never");
    await expect(fit(model, { ...forever, data: samples(), signal })).rejects.toBe("never");
    expect(await model.save()).toEqual(before);
  });

  test("two runs of one model at once are refused, as here; other calls go on beside a run, and other models train", async () => {
    const [model, other] = [await rt.sequential(TAGGER), await rt.sequential(TAGGER)];
    const data = await rt.data(samples());
    const controller = new AbortController();
    const run = fit(model, { ...forever, data, signal: controller.signal });
    for await (const _ of run) break;
    await expect(fit(model, { ...OPTIONS, data })).rejects.toThrow(ArgumentError);
    expect((await fit(other, { ...OPTIONS, data })).steps).toBe(36);
    expect((await evaluate(model, { data, loss: CE })).loss).toBeGreaterThan(0);
    controller.abort();
    await expect(run).rejects.toBe(controller.signal.reason);
  });
});

describe("errors", () => {
  test("are of the very class, with their members and the worker's stack", async () => {
    const stream = await (await rt.sequential([["LSTM", { inputSize: 2, hiddenSize: 3 }]])).stream();
    const error = await stream.step([1]).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ShapeError);
    expect(error).toMatchObject({ name: "ShapeError", argument: "sample", expected: "2 elements", got: "1" });
    expect((error as Error).message).toBe("sample: expected 2 elements, got 1");
    expect((error as Error).stack).toMatch(/stream-calls\.ts/);
    const model = await rt.sequential([["Dense", { inputSize: 1, outputSize: 1 }]]);
    const diverging = fit(model, { data: [{ x: [1], y: [Number.NaN] }], loss: ["MSELoss"], optimizer: ["SGD", { lr: 1 }] });
    const nan = await diverging.catch((error: unknown) => error);
    expect(nan).toBeInstanceOf(NonFiniteError);
    expect((nan as NonFiniteError).place).toEqual({ step: 1, batch: 1, layer: undefined });
  });

  test.each([
    [{ a: ["LSTMM", {}] }, "layers.a: expected one of Dense, Dropout"],
    [{ a: ["constructor", {}] }, "layers.a: expected one of Dense, Dropout"],
    [{ a: ["LSTM", { inputSize: 0, hiddenSize: 3 }] }, "inputSize: expected a positive integer, got 0"],
    [{ a: "LSTM" }, 'layers.a: expected a description, such as ["Dense", { … }], got "LSTM"'],
    [{ a: ["Dense", {}, 1, 2] }, "layers.a: expected a description"],
    [[["Sequential", { b: ["GRU"] }]], "options: expected an object"],
    [null, "layers: expected descriptions of layers"],
  ])("a description that is wrong: %j", async (layers, message) => {
    const bytes = await rt.bytesInUse;
    const error = await rt.sequential(layers as never).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ArgumentError);
    expect((error as Error).message).toContain(message);
    expect(await rt.bytesInUse).toBe(bytes);
  });

  test.each([
    ["loss", ["CrossEntropy"], /loss: expected one of .*CrossEntropyLoss/],
    ["optimizer", ["Adam", { lr: -1 }], /lr: expected/],
    ["schedule", ["SequentialLR", 3, {}], /schedules: expected|schedule/],
    ["schedule", ["StepLR"], /options: expected an object/],
    ["data", 3, /data: expected an array of samples/],
    ["callbacks", [3], /callbacks: expected/],
    ["callbacks", { onBatch: () => {} }, /callbacks.onBatch: expected onProgress, onEpoch or onEnd/],
    ["signal", {}, /signal: expected an AbortSignal/],
    ["targetScaler", {}, /targetScaler: expected a fitted Standardizer or MinMaxScaler, got Object/],
    ["targetScaler", new api.Standardizer(), /scaler: expected one that has been fitted/],
    ["targetScaler", new Proxy(new api.Standardizer().fit([1, 2]), {}), /targetScaler: expected the scaler itself, got a Proxy/],
    ["checkpoint", { save: 3 }, /checkpoint.save: expected a function/],
    ["metrics", [() => 1], /expected what a worker can be sent/],
    ["bathSize", 3, /options: expected only/],
  ])("an option of fit that is wrong: %s %o", async (name, value, message) => {
    const model = await rt.sequential(TAGGER);
    const options = { ...OPTIONS, data: samples(4), [name]: value } as WorkerFitOptions;
    const error = await fit(model, options).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ArgumentError);
    expect((error as Error).message).toMatch(message);
  });

  test("a Proxy of a model, a model of elsewhere, one at its end", async () => {
    const model = await rt.sequential(TAGGER);
    await expect(evaluate(new Proxy(model, {}), { data: [], loss: CE })).rejects.toThrow("a Proxy or an heir");
    // @ts-expect-error: no model
    await expect(fit({}, {})).rejects.toThrow(ArgumentError);
    model.dispose();
    await expect(model.save()).rejects.toThrow(DisposedError);
    await expect(fit(model, OPTIONS)).rejects.toThrow(DisposedError);
  });
});
