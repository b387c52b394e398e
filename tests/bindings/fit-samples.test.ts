/** Samples of every kind, and samples that are none: said of their place in the data. */
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  ArgumentError,
  DTypeError,
  evaluate,
  fit,
  LSTM,
  loadSafetensors,
  MSELoss,
  NonFiniteError,
  type Runtime,
  type Sample,
  Sequential,
  SGD,
  ShapeError,
  saveSafetensors,
} from "../../bindings/index.js";
import { type Parts, partsOf, runOf, sequences, stateOf } from "../helpers/resumable.js";
import { testRuntime } from "../helpers/runtime.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime({ seed: 3 });
});
afterEach(() => {
  expect(rt.bytesInUse).toBe(0);
  rt.dispose();
});

async function withParts<R>(work: (parts: Parts) => Promise<R>): Promise<R> {
  const parts = partsOf(rt);
  try {
    return await work(parts);
  } finally {
    parts.dispose();
  }
}

/** A model of numbers, [T, N, 2] → [T, N, 2], and what fit takes. */
async function withNumbers<R>(work: (model: Sequential, common: { loss: MSELoss; optimizer: SGD }) => Promise<R>): Promise<R> {
  const model = new Sequential(rt, { lstm: new LSTM(rt, { inputSize: 2, hiddenSize: 2 }) });
  const common = { loss: new MSELoss(rt), optimizer: new SGD(model.parameters(), { lr: 0.1 }) };
  try {
    return await work(model, common);
  } finally {
    for (const part of [model, common.loss, common.optimizer]) part.dispose();
  }
}

/** A stream of samples; streams of objects end once. */
function streamOf(samples: readonly Sample[]): ReadableStream<Sample> {
  let i = 0;
  return new ReadableStream({
    pull(controller) {
      if (i < samples.length) controller.enqueue(samples[i++] as Sample);
      else controller.close();
    },
  });
}

test("every kind of source gives the same bits", async () => {
  const samples = sequences(30);
  const sources: [string, () => unknown][] = [
    ["an array", () => samples],
    ["a set", () => new Set(samples)],
    ["a generator", () => samples.values()],
    [
      "an async generator",
      () =>
        (async function* () {
          yield* samples;
        })(),
    ],
    ["a function of the epoch", () => () => samples],
    [
      "an async generator function",
      () =>
        async function* () {
          yield* samples;
        },
    ],
    ["a stream", () => streamOf(samples)],
    ["a function of streams", () => () => streamOf(samples)],
  ];
  const states: unknown[] = [];
  for (const [, source] of sources) {
    await withParts(async (parts) => {
      const { validation: _, ...run } = runOf(parts);
      await fit(parts.model, { ...run, data: source() as Sample[], epochs: 1, shuffle: false });
      states.push(stateOf(parts));
    });
  }
  for (const [i, state] of states.entries()) expect(state, sources[i]?.[0]).toEqual(states[0]);
});

describe("streams", () => {
  test("are not locked by what is refused, and are let go of at the end, whole or not", () =>
    withParts(async (parts) => {
      const run = { ...runOf(parts), validation: undefined, epochs: 1 };
      const stream = streamOf(sequences(5));
      await expect(fit(parts.model, { ...run, data: stream, epochs: 2 })).rejects.toThrow("data: expected an array or a function");
      await expect(fit(parts.model, { ...run, data: stream, shuffle: true })).rejects.toThrow("shuffle: expected false");
      await expect(fit(parts.model, { ...run, data: stream, checkpoint: { save() {} } })).rejects.toThrow("for checkpoints");
      expect(stream.locked).toBe(false);
      await fit(parts.model, { ...run, data: stream });
      expect(stream.locked).toBe(false);
      await expect(fit(parts.model, { ...run, data: stream })).rejects.toThrow("data: expected at least one sample, got none");
      const bad = streamOf([...sequences(4), null as never]);
      await expect(fit(parts.model, { ...run, data: bad })).rejects.toThrow("sample 4: expected { x, y }, got null");
      expect(bad.locked).toBe(false);
    }));

  test("that someone else reads are refused by name", () =>
    withParts(async (parts) => {
      const stream = streamOf(sequences(5));
      const reader = stream.getReader();
      const run = { ...runOf(parts), epochs: 1 };
      for (const [name, options] of [
        ["data", { data: stream, validation: undefined }],
        ["data", { data: () => stream, validation: undefined }],
        ["validation", { data: sequences(4), validation: stream }],
      ] as const) {
        const error = await fit(parts.model, { ...run, ...options } as never).catch((caught) => caught);
        expect(error).toBeInstanceOf(ArgumentError);
        expect(error.message).toContain(`${name}: expected a stream that nobody else reads, got one that is locked`);
      }
      reader.releaseLock();
    }));
});

describe("a bad sample is named by its place in the data", () => {
  const good = (): Sample => ({ x: Int32Array.of(1, 2), y: [1, 2] });
  const bad: [string, unknown, new (...args: never[]) => Error, string][] = [
    ["nothing", null, ArgumentError, "sample 17: expected { x, y }, got null"],
    ["a string", "abc", ArgumentError, 'sample 17: expected { x, y }, got "abc"'],
    [
      "no x",
      { y: [0] },
      ArgumentError,
      "x of sample 17: expected a sequence: an Int32Array of tokens, an array of steps, or numbers in a row, got undefined",
    ],
    [
      "x a string",
      { x: "12", y: [0, 1] },
      ArgumentError,
      'x of sample 17: expected a sequence: an Int32Array of tokens, an array of steps, or numbers in a row, got "12"',
    ],
    ["x of strings", { x: ["1", "2"], y: [0, 1] }, ArgumentError, 'x[0] of sample 17: expected a number, as the first, got "1"'],
    ["an empty x", { x: new Int32Array(0), y: [] }, ArgumentError, "x of sample 17: expected one or more steps, got none"],
    ["tokens as numbers", { x: [1, 2], y: [0, 1] }, ArgumentError, "x of sample 17: expected tokens"],
    ["tokens in an Int16Array", { x: Int16Array.of(1, 2), y: [0, 1] }, ArgumentError, "x of sample 17: expected tokens (an Int32Array)"],
    ["a token too great", { x: Int32Array.of(1, 6), y: [0, 1] }, ArgumentError, "x[1] of sample 17: expected"],
    ["a token below zero", { x: Int32Array.of(-1, 0), y: [0, 1] }, ArgumentError, "x[0] of sample 17: expected"],
    [
      "big integers",
      { x: BigInt64Array.of(1n), y: [0] },
      ArgumentError,
      "x of sample 17: expected a sequence: an Int32Array of tokens, an array of steps, or numbers in a row, got BigInt64Array",
    ],
    [
      "no y",
      { x: Int32Array.of(1) },
      ArgumentError,
      "y of sample 17: expected a class, which is an integer, or an array of classes, got undefined",
    ],
    ["y a string", { x: Int32Array.of(1), y: "0" }, ArgumentError, "y of sample 17: expected a class"],
    [
      "a class that is NaN",
      { x: Int32Array.of(1, 1), y: [0, Number.NaN] },
      ArgumentError,
      "y[1] of sample 17: expected a 32-bit integer, a class, got NaN",
    ],
    [
      "a class that is infinite",
      { x: Int32Array.of(1), y: [Number.POSITIVE_INFINITY] },
      ArgumentError,
      "y[0] of sample 17: expected a 32-bit integer",
    ],
    ["a class of 2**31", { x: Int32Array.of(1), y: [2 ** 31] }, ArgumentError, "y[0] of sample 17: expected a 32-bit integer"],
    ["a class too great", { x: Int32Array.of(1, 1), y: [0, 3] }, ArgumentError, "y[1] of sample 17: expected"],
    [
      "too few classes",
      { x: Int32Array.of(1, 1), y: [0] },
      ShapeError,
      "y of sample 17: expected 2 classes, 1 a step (the model predicts every step: ",
    ],
    ["too many classes", { x: Int32Array.of(1), y: [0, 1] }, ShapeError, "y of sample 17: expected 1 class, 1 a step, got 2"],
    ["one class for two steps", { x: Int32Array.of(1, 1), y: 1 }, ShapeError, "LastStep, MeanPool and MaxPool make one of them), got 1"],
    ["a hole in y", { x: Int32Array.of(1, 1), y: Object.assign([], { 1: 0 }) }, ArgumentError, "y[0] of sample 17: expected a number"],
    ["a lie about the length of y", { x: Int32Array.of(1), y: { length: 1e9 } }, ArgumentError, "y[0] of sample 17: expected a number"],
    ["a lie about the length of x", { x: { length: 1e9, 0: 1 }, y: [0] }, ArgumentError, "x[1] of sample 17: expected a number"],
    ["a length that is none", { x: { length: -1 }, y: [0] }, ArgumentError, "length of x of sample 17: expected a count, got -1"],
  ];
  const options = { shuffled: { shuffle: true }, bucketed: { bucketByLength: true, shuffle: true }, "in order": { shuffle: false } };
  test.each(Object.entries(options))("%s, of data or of validation; weights are those of whole steps", (_, how) =>
    withParts(async (parts) => {
      for (const [what, sample, type, text] of bad) {
        const data = Array.from({ length: 32 }, (_, i) => (i === 17 ? (sample as Sample) : good()));
        const run = { ...runOf(parts), epochs: 1, batchSize: 4, validation: undefined, ...how };
        for (const [of, given] of [
          ["", { data }],
          [" of validation", { data: sequences(4), validation: data }],
          [" of epoch 1", { data: () => data, shuffle: false, bucketByLength: false }],
          [" of validation, epoch 1", { data: sequences(4), validation: () => data }],
        ] as const) {
          const error = await fit(parts.model, { ...run, ...given } as never).catch((caught) => caught);
          expect(String(error), what).toContain(text.replace("sample 17", `sample 17${of}`));
          expect(error, what).toBeInstanceOf(type);
        }
        const error = await evaluate(parts.model, { data, loss: parts.loss }).catch((caught) => caught);
        expect(String(error), what).toContain(text);
      }
      const { weights } = stateOf(parts) as { weights: [string, number[], number[]][] };
      expect(weights.every(([, values, gradients]) => values.every(Number.isFinite) && gradients.every((g) => g === 0))).toBe(true);
    }));

  test("numbers: features, steps and what is in them", () =>
    withNumbers(async (model, common) => {
      const fine = { x: [[1, 2]], y: [0, 0] };
      const cases: [unknown, new (...args: never[]) => Error, string][] = [
        [{ x: [[1, 2], [3]], y: [0, 0, 0, 0] }, ShapeError, "x[1] of sample 1: expected 2 features, as x[0], got 1"],
        [{ x: [[1, 2], 3], y: [0, 0, 0, 0] }, ArgumentError, "x[1] of sample 1: expected an array of features, as the first, got 3"],
        [
          { x: [[1, "2"]], y: [0, 0] },
          ArgumentError,
          'x[0][1] of sample 1: expected a number (x is steps, each an array of features), got "2"',
        ],
        [
          { x: [[1, null]], y: [0, 0] },
          ArgumentError,
          "x[0][1] of sample 1: expected a number (x is steps, each an array of features), got null",
        ],
        [{ x: [[]], y: [] }, ArgumentError, "x[0] of sample 1: expected one feature or more, got none"],
        [{ x: [[1, 2, 3]], y: [0, 0] }, ShapeError, "x of sample 1: expected 2 features a step, as sample 0, got 3"],
        [{ x: Int32Array.of(1, 2), y: [0, 0] }, ArgumentError, "x of sample 1: expected numbers, as sample 0, got tokens"],
        [{ x: [[1, 2]], y: [0, "0"] }, ArgumentError, 'y[1] of sample 1: expected a number (targets are flat), got "0"'],
        [{ x: [[1, 2]], y: [[0, 0]] }, ArgumentError, "y[0] of sample 1: expected a number (targets are flat)"],
        [{ x: [[1, 2]], y: [0] }, ShapeError, "y of sample 1: expected 2 numbers, 2 a step, got 1"],
        [{ x: [[1, Number.NaN]], y: [0, 0] }, NonFiniteError, "(batch 1 of epoch 1); x[0][1] of sample 1 is NaN"],
        [{ x: [[1, 2]], y: [0, Number.NaN] }, NonFiniteError, "(batch 1 of epoch 1); y[1] of sample 1 is NaN"],
        [{ x: [[1, 2]], y: [0, Number.NEGATIVE_INFINITY] }, NonFiniteError, "(batch 1 of epoch 1); y[1] of sample 1 is -Infinity"],
      ];
      const before = model.parameters().map((parameter) => [...parameter.toArray()]);
      for (const [sample, type, text] of cases) {
        const error = await fit(model, { ...common, data: [fine, sample as Sample], shuffle: false }).catch((caught) => caught);
        expect(String(error)).toContain(text);
        expect(error).toBeInstanceOf(type);
        expect(model.parameters().map((parameter) => [...parameter.toArray()])).toEqual(before);
      }
      const flat = fit(model, { ...common, data: [{ x: [1, 2, 3, 4], y: [0, 0, 0, 0] }] });
      await expect(flat).rejects.toThrow("x of sample 0: expected 2 features a step, as the model reads (option features: 2), got 1");
      const tokens = fit(model, { ...common, data: [{ x: Int32Array.of(1, 2), y: [0, 0] }] });
      await expect(tokens).rejects.toThrow(
        "x of sample 0: expected numbers, which this model reads (in a Float32Array, say), got an Int32Array, which is for tokens",
      );
      await expect(tokens).rejects.toBeInstanceOf(DTypeError);
      const odd = fit(model, { ...common, data: [{ x: [1, 2, 3], y: [0, 0] }], features: 2 });
      await expect(odd).rejects.toThrow("x of sample 0: expected a multiple of 2 numbers, by the option features, got 3");
    }));

  test("getters that throw: their error; getters that change: read once", () =>
    withParts(async (parts) => {
      const run = { ...runOf(parts), validation: undefined, epochs: 1, shuffle: false };
      const thrower = {
        get x(): Int32Array {
          throw new Error("of the getter");
        },
        y: 0,
      };
      await expect(fit(parts.model, { ...run, data: [good(), thrower] })).rejects.toThrow("of the getter");
      let reads = 0;
      const changing = {
        get x() {
          return ++reads === 1 ? Int32Array.of(1, 2) : "gone";
        },
        y: [0, 1],
      };
      await fit(parts.model, { ...run, data: [changing as Sample] });
      expect(reads).toBe(1);
    }));

  test("holes in the data, no data, a source that is none", () =>
    withParts(async (parts) => {
      const run = { ...runOf(parts), validation: undefined, epochs: 1, shuffle: false };
      const holes = [good()];
      holes[3] = good();
      const cases: [unknown, string][] = [
        [holes, "sample 1: expected { x, y }, got undefined"],
        [[], "data: expected at least one sample, got none"],
        [new Set(), "data: expected at least one sample, got none"],
        [() => [], "data: expected at least one sample, got none"],
        [() => undefined, "data: expected a function that returns an array or an iterable, got undefined"],
        [async () => [good()], "data: expected a function that returns an array or an iterable, got a Promise (await it first)"],
        ["samples", "data: expected samples"],
        [null, "data: expected samples"],
        [{ length: 1, 0: good() }, "data: expected samples"],
      ];
      for (const [data, text] of cases) {
        const error = await fit(parts.model, { ...run, data } as never).catch((caught) => caught);
        expect(String(error)).toContain(text);
        expect(error).toBeInstanceOf(ArgumentError);
      }
    }));
});

test("every option, by name, against what it cannot be; nothing changes", () =>
  withParts(async (parts) => {
    const wrong = [null, "x", -1, 0.5, Number.NaN, {}, [], true, () => 1, 2 ** 60, Symbol("s"), 1n];
    const allowed: Record<string, readonly unknown[]> = {
      data: [() => 1], // asked for samples when training begins
      ...{ epochs: [2 ** 60], batchSize: [2 ** 60], features: [2 ** 60], accumulate: [2 ** 60], seed: [-1, 0.5, 2 ** 60] },
      ...{ clipNorm: [0.5, 2 ** 60], shuffle: [true], bucketByLength: [true], callbacks: [{}, []], metrics: [[]] },
      ...{ validation: [() => 1], resume: [], schedule: [], loss: [], optimizer: [] },
    };
    const names = [
      ...["data", "loss", "optimizer", "epochs", "batchSize", "shuffle", "bucketByLength", "features", "seed", "accumulate", "clipNorm"],
      ...["schedule", "scheduleEvery", "validation", "metrics", "earlyStopping", "callbacks", "signal", "checkpoint", "resume"],
    ];
    const before = stateOf(parts);
    for (const name of names) {
      for (const value of wrong) {
        const isAllowed = (allowed[name] ?? []).some((each) => String(each) === String(value) && typeof each === typeof value);
        if (isAllowed) continue;
        const error = await fit(parts.model, { ...runOf(parts), [name]: value } as never).catch((caught) => caught);
        expect(error, `${name}: ${String(value)}`).toBeInstanceOf(ArgumentError);
        expect(error.message, name).toContain(name);
        expect(stateOf(parts), name).toEqual(before);
      }
      const strangers = fit(parts.model, { ...runOf(parts), [`${name}s`]: 1 } as never);
      await expect(strangers).rejects.toThrow(`got ${name}s`);
    }
    for (const bad of [undefined, null, 5, "x", []]) await expect(fit(parts.model, bad as never)).rejects.toBeInstanceOf(ArgumentError);
  }));

test("arrays of another realm, as a frame or a test runner has, are what they are", () =>
  withParts(async (parts) => {
    const run = { ...runOf(parts), validation: undefined, epochs: 1, shuffle: false, seed: 1 };
    const own = [{ x: Int32Array.of(1, 2), y: [1, 2] }];
    const foreign = runInNewContext("[{ x: Int32Array.of(1, 2), y: Float64Array.of(1, 2) }]") as Sample[];
    const { loss } = await evaluate(parts.model, { data: own, loss: parts.loss });
    expect((await evaluate(parts.model, { data: foreign, loss: parts.loss })).loss).toBe(loss);
    const saved: Uint8Array[] = [];
    await fit(parts.model, { ...run, data: foreign, checkpoint: { save: (bytes) => void saved.push(bytes) } });
    const copy = (bytes: Uint8Array) => runInNewContext("new Uint8Array(bytes)", { bytes: [...bytes] }) as Uint8Array;
    expect(copy(saved[0] as Uint8Array)).not.toBeInstanceOf(Uint8Array);
    const { resumedFrom } = await fit(parts.model, { ...run, data: own, resume: copy(saved[0] as Uint8Array) });
    expect(resumedFrom?.step).toBe(1);
    const weights = runInNewContext("Float32Array.of(1.5, 2)") as Float32Array<ArrayBuffer>;
    const file = saveSafetensors({ weights: { shape: [2], data: weights } });
    expect(loadSafetensors(copy(file)).tensors.weights?.data).toEqual(Float32Array.of(1.5, 2));
  }));

test("what breaks the protocol of iterators is refused by name, with a signal and without", () =>
  withParts(async (parts) => {
    const run = { ...runOf(parts), validation: undefined, epochs: 1, shuffle: false };
    const sources: [unknown, string][] = [
      [
        { [Symbol.asyncIterator]: () => ({ next: () => 5 }) },
        "data: expected an iterator that gives { value, done }, got one that gives 5",
      ],
      [
        { [Symbol.iterator]: () => ({ next: () => null }) },
        "data: expected an iterator that gives { value, done }, got one that gives null",
      ],
      [{ [Symbol.asyncIterator]: () => ({}) }, "data: expected one that gives an iterator, got Object"],
      [{ [Symbol.asyncIterator]: () => null }, "data: expected one that gives an iterator"],
      [{ [Symbol.iterator]: 5 }, "data: expected one that gives an iterator, got 5"],
      [
        Float32Array.of(1, 2),
        "data: expected samples { x, y }: an array of them, an iterable, or a function that returns one, got Float32Array",
      ],
    ];
    for (const signal of [undefined, new AbortController().signal]) {
      for (const [data, text] of sources) {
        const error = await fit(parts.model, { ...run, data: data as Sample[], ...(signal && { signal }) }).catch((caught) => caught);
        expect(String(error)).toContain(text);
        expect(error).toBeInstanceOf(ArgumentError);
      }
      const sync = {
        [Symbol.asyncIterator]: undefined,
        [Symbol.iterator]: () => [{ x: Int32Array.of(1, 2), y: [1, 2] }][Symbol.iterator](),
      };
      const { steps } = await fit(parts.model, { ...run, data: sync as Iterable<Sample>, ...(signal && { signal }) });
      expect(steps).toBe(1);
    }
  }));

test("an iterator is told when it is not gone through to its end, once", () =>
  withParts(async (parts) => {
    const run = { ...runOf(parts), validation: undefined, epochs: 1, shuffle: false, batchSize: 1 };
    for (const signal of [undefined, new AbortController().signal]) {
      let told = 0;
      let i = 0;
      const next = async () => ({ done: false as const, value: { x: Int32Array.of(i++ === 0 ? 1 : 99), y: [1] } });
      const data = { [Symbol.asyncIterator]: () => ({ next, return: async () => ({ done: true as const, value: ++told }) }) };
      await expect(fit(parts.model, { ...run, data, ...(signal && { signal }) })).rejects.toThrow("x[0] of sample 1");
      expect(told).toBe(1);
    }
  }));
