/** Training: fit, evaluate, checkpoints, what stops it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  Adam,
  ArgumentError,
  CrossEntropyLoss,
  Dense,
  Embedding,
  type EpochReport,
  evaluate,
  FormatError,
  fit,
  Generator,
  LSTM,
  MSELoss,
  NonFiniteError,
  type Progress,
  type Runtime,
  type Sample,
  Sequential,
  SGD,
  ShapeError,
  type Trainable,
} from "../../bindings/index.js";
import { testRuntime } from "../helpers/runtime.js";

let rt: Runtime;
let folder: string;
beforeEach(async () => {
  rt = await testRuntime({ seed: 3 });
  folder = mkdtempSync(join(tmpdir(), "wasm-rnn-fit-"));
});
afterEach(() => {
  expect(rt.bytesInUse).toBe(0);
  rt.dispose();
  rmSync(folder, { recursive: true });
});

/** Sequences of tokens, 2 to 7 long: for each step, whether a 3 has come by then. */
function tagging(count: number, seed = 5): Sample[] {
  const random = new Generator(seed);
  return Array.from({ length: count }, () => {
    const x = Int32Array.from({ length: 2 + random.integer(6) }, () => random.integer(6));
    return { x, y: Int32Array.from(x, (_, t) => Number(x.subarray(0, t + 1).includes(3))) };
  });
}

interface Parts {
  model: Sequential;
  /** What every call of fit takes. */
  common: { loss: CrossEntropyLoss; optimizer: Adam };
  loss: CrossEntropyLoss;
  optimizer: Adam;
}

function tagger(seed = 9): Parts {
  const generator = new Generator(seed);
  const model = new Sequential(rt, {
    embedding: new Embedding(rt, { numEmbeddings: 6, embeddingDim: 4, generator }),
    lstm: new LSTM(rt, { inputSize: 4, hiddenSize: 5, numLayers: 2, dropout: 0.2, generator }),
    head: new Dense(rt, { inputSize: 5, outputSize: 2, generator }),
  });
  const common = { loss: new CrossEntropyLoss(rt), optimizer: new Adam(model.parameters(), { lr: 0.02 }) };
  return { model, common, ...common };
}

async function withTagger<R>(work: (parts: Parts) => Promise<R>, seed?: number): Promise<R> {
  const parts = tagger(seed);
  try {
    return await work(parts);
  } finally {
    for (const part of [parts.model, parts.loss, parts.optimizer]) part.dispose();
  }
}

/** The model, with something done before each forward. */
function spyOn(model: Sequential, look: (...given: Parameters<Sequential["forward"]>) => void): Trainable {
  return {
    runtime: model.runtime,
    forward: (...given) => {
      look(...given);
      return model.forward(...given);
    },
    namedParameters: () => model.namedParameters(),
    train: () => void model.train(),
    eval: () => void model.eval(),
  };
}

function bitsOf(model: Sequential): number[] {
  return model.parameters().flatMap((parameter) => [...parameter.toArray()]);
}

describe("fit", () => {
  test("learns to tag, with validation and metrics", () =>
    withTagger(async ({ model, loss, optimizer }) => {
      const options = { data: tagging(200), validation: tagging(60, 6), batchSize: 16, metrics: ["accuracy", "perplexity", "f1"] as const };
      const { epochs, steps } = await fit(model, { ...options, loss, optimizer, epochs: 12 });
      expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
      expect(steps).toBe(12 * 13);
      const [first, last] = [epochs[0], epochs[11]] as [EpochReport, EpochReport];
      expect(last.loss).toBeLessThan(first.loss / 2);
      expect(last.validation?.accuracy).toBeGreaterThan(0.95);
      expect(last.validation?.f1).toBeGreaterThan(0.95);
      expect(last.validation?.perplexity).toBeCloseTo(Math.exp(last.validation?.loss as number), 12);
      const again = await evaluate(model, { data: options.validation, loss, metrics: ["accuracy"], batchSize: 7 });
      expect(again.loss).toBeCloseTo(last.validation?.loss as number, 5); // other batches, another order of summation
      expect(again.accuracy).toBe(last.validation?.accuracy);
    }));

  test("a last batch that is smaller, and any split into batches, give the same mean loss", () =>
    withTagger(async ({ model, loss }) => {
      const data = tagging(23);
      const losses = [];
      for (const batchSize of [1, 4, 23]) losses.push((await evaluate(model, { data, loss, batchSize })).loss);
      expect(losses[1]).toBeCloseTo(losses[0] as number, 5);
      expect(losses[2]).toBeCloseTo(losses[0] as number, 5);
    }));

  test("takes iterables and functions; each gives the bits of the array", async () => {
    const data = tagging(20);
    function* sync() {
      yield* data;
    }
    async function* later() {
      for (const sample of data) yield await Promise.resolve(sample);
    }
    const results = [];
    for (const source of [data, sync, later, new Set(data)]) {
      results.push(
        await withTagger(async (parts) => {
          await fit(parts.model, { ...parts.common, data: source, shuffle: false, epochs: 2, batchSize: 6 });
          return bitsOf(parts.model);
        }),
      );
    }
    for (const result of results) expect(result).toEqual(results[0]);
    const once = await withTagger(async (parts) => {
      await fit(parts.model, { ...parts.common, data: later(), batchSize: 6 });
      return bitsOf(parts.model);
    });
    const oneEpoch = await withTagger(async (parts) => {
      await fit(parts.model, { ...parts.common, data, shuffle: false, batchSize: 6 });
      return bitsOf(parts.model);
    });
    expect(once).toEqual(oneEpoch);
  });

  describe("batches", () => {
    const count = 130;
    /** Lengths 3 … 9; the first three tokens are the sample's number in base 6. */
    const numbered = () => {
      const random = new Generator(7);
      return Array.from({ length: count }, (_, i): { x: Int32Array; y: Int32Array } => {
        const x = Int32Array.from({ length: 3 + random.integer(7) }, () => random.integer(6));
        x.set([Math.floor(i / 36), Math.floor(i / 6) % 6, i % 6]);
        return { x, y: x.map((token) => token % 2) };
      });
    };

    /** Which samples each batch of two held, by epoch, as the model saw them; each whole, and its padding marked. */
    const run = (options: object) =>
      withTagger(async ({ model, common }) => {
        const data = numbered();
        const batches: number[][] = [];
        const numberOf = (tokens: Int32Array, N: number, n: number) => [0, 1, 2].reduce((sum, t) => sum * 6 + tokens[t * N + n], 0);
        const spy = spyOn(model, (x, given) => {
          const [T, N] = x.shape;
          const tokens = x.toArray() as Int32Array;
          const held = Array.from({ length: N }, (_, n) => numberOf(tokens, N, n));
          for (const [n, i] of held.entries()) {
            const length = given?.lengths?.[n] ?? T;
            expect(Array.from({ length }, (_, t) => tokens[t * N + n])).toEqual([...data[i].x]);
          }
          batches.push(held);
        });
        await fit(spy, { ...common, data, batchSize: 2, epochs: 3, ...options });
        const half = count / 2;
        return [0, 1, 2].map((epoch) => batches.slice(epoch * half, (epoch + 1) * half));
      });
    const all = Array.from({ length: count }, (_, i) => i);
    const sorted = (batches: number[][]) => batches.flat().sort((a, b) => a - b);

    test("as they come, where nothing is shuffled", async () => {
      const inOrder = Array.from({ length: count / 2 }, (_, k) => [2 * k, 2 * k + 1]);
      expect(await run({ shuffle: false })).toEqual([inOrder, inOrder, inOrder]);
    });

    test("the seed decides the order, which every epoch draws anew; every sample comes once an epoch", async () => {
      const [one, same, other] = [await run({ seed: 1 }), await run({ seed: 1 }), await run({ seed: 2 })];
      expect(same).toEqual(one);
      const orders = [...one, ...other];
      expect(new Set(orders.map((order) => JSON.stringify(order))).size).toBe(6);
      for (const order of orders) expect(sorted(order)).toEqual(all);
    });

    test("buckets keep every sample, and put those of like length together", async () => {
      const lengths = numbered().map(({ x }) => x.length);
      const lengthsOf = (batch: number[]) => batch.map((i) => lengths[i]).sort((a, b) => a - b);
      for (const epoch of await run({ bucketByLength: true, seed: 1 })) {
        expect(sorted(epoch)).toEqual(all);
        const wide = epoch.map(lengthsOf).filter(([least, most]) => least !== most);
        expect(wide.length).toBeLessThanOrEqual(2 * 6); // two buckets (of 50 batches and of 15), each with six places where the length changes
        expect(epoch.map(([first]) => lengths[first])).not.toEqual(epoch.map(([first]) => lengths[first]).sort((a, b) => a - b)); // mixed again
      }
    });

    test("buckets without a shuffle are sorted, equal lengths as they come", async () => {
      const lengths = numbered().map(({ x }) => x.length);
      const byLength = (from: number, to: number) => all.slice(from, to).sort((a, b) => lengths[a] - lengths[b]);
      const order = [...byLength(0, 100), ...byLength(100, count)];
      for (const epoch of await run({ bucketByLength: true, shuffle: false })) expect(epoch.flat()).toEqual(order);
    });
  });

  test("accumulated gradients are those of one batch", async () => {
    const run = (options: object) =>
      withTagger(async ({ model, loss }) => {
        for (const [, layer] of model.namedLayers()) (layer as { dropout?: number }).dropout = 0;
        const sgd = new SGD(model.parameters(), { lr: 0.5 });
        const { steps } = await fit(model, { data: tagging(24), loss, optimizer: sgd, shuffle: false, ...options });
        sgd.dispose();
        return { steps, bits: bitsOf(model) };
      });
    const whole = await run({ batchSize: 12 });
    const parts = await run({ batchSize: 4, accumulate: 3 });
    expect([whole.steps, parts.steps]).toEqual([2, 2]);
    for (const [i, value] of parts.bits.entries()) expect(Math.abs(value - (whole.bits[i] as number))).toBeLessThan(2e-6);
  });

  test("regression over sequences of numbers", async () => {
    const lstm = new LSTM(rt, { inputSize: 2, hiddenSize: 6 });
    const model = new Sequential(rt, [lstm, new Dense(rt, { inputSize: 6, outputSize: 1 })]);
    const loss = new MSELoss(rt);
    const optimizer = new Adam(model.parameters(), { lr: 0.02 });
    const random = new Generator(2);
    const data = Array.from({ length: 60 }, () => {
      const x = Array.from({ length: 3 + random.integer(3) }, () => [random.uniform(), random.uniform()]);
      return { x, y: x.map(([a, b]) => (a as number) - (b as number)) };
    });
    const flat = data.map(({ x, y }) => ({ x: x.flat(), y }));
    const { epochs } = await fit(model, { data, loss, optimizer, epochs: 30, batchSize: 10 });
    expect(epochs.at(-1)?.loss).toBeLessThan((epochs[0]?.loss as number) / 20);
    const [nested, inARow] = [await evaluate(model, { data, loss }), await evaluate(model, { data: flat, loss, features: 2 })];
    expect(inARow).toEqual(nested);
    for (const part of [model, loss, optimizer]) part.dispose();
  });

  test("stops early and takes the best weights", () =>
    withTagger(async ({ model, loss, optimizer }) => {
      optimizer.lr = 0.4; // too high: it gets worse
      const validation = tagging(40, 8);
      const { epochs, stopped, bestEpoch } = await fit(model, {
        ...{ data: tagging(20), validation, loss, optimizer, epochs: 40, batchSize: 4 },
        earlyStopping: { patience: 2 },
      });
      expect(stopped).toBe("early");
      const losses = epochs.map((epoch) => epoch.validation?.loss as number);
      expect(bestEpoch).toBe(losses.indexOf(Math.min(...losses)) + 1);
      expect(epochs.length).toBe((bestEpoch as number) + 2);
      expect((await evaluate(model, { data: validation, loss, batchSize: 4 })).loss).toBe(Math.min(...losses));
    }));

  test("reports progress", () =>
    withTagger(async (parts) => {
      const reports: Progress[] = [];
      const epochs: EpochReport[] = [];
      let ended = 0;
      const callbacks = {
        onProgress: (progress: Progress) => void reports.push(progress),
        onEpoch: (report: EpochReport) => void epochs.push(report),
        onEnd: () => void ended++,
      };
      const history = await fit(parts.model, { ...parts.common, data: tagging(50), epochs: 3, batchSize: 16, callbacks });
      expect(ended).toBe(1);
      expect(epochs).toEqual(history.epochs);
      const places = [16, 32, 48, 50, 66, 82, 98, 100, 116, 132, 148, 150].map((done, i) => ({
        ...{ epoch: Math.floor(i / 4) + 1, epochs: 3, step: i + 1, done, total: 150 },
      }));
      expect(reports).toEqual(places.map((place) => expect.objectContaining(place)));
      for (const { rate, loss, timeLeft, done } of reports) {
        expect(rate > 0 && loss > 0).toBe(true);
        expect(timeLeft).toBeCloseTo((150 - done) / rate, 12);
      }
    }));

  test("stays polite: after 8 ms of work, what waits comes in before the next batch", () =>
    withTagger(async ({ model, common }) => {
      const waiting = { immediates: 0, timers: 0 };
      const seen: (typeof waiting)[] = [];
      const slow = spyOn(model, () => {
        seen.push({ ...waiting });
        setImmediate(() => waiting.immediates++);
        setTimeout(() => waiting.timers++, 0);
        const start = performance.now();
        while (performance.now() - start < 9) {} // a batch takes longer than that on any machine
      });
      await fit(slow, { ...common, data: tagging(20), batchSize: 2 });
      expect(seen.map(({ immediates }) => immediates)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      for (const [batch, { timers }] of seen.entries()) expect(timers).toBeGreaterThanOrEqual(batch - 1);
    }));
});

describe("what stops fit", () => {
  test("a signal: the checkpoint is written, the reason is thrown, and the run can go on", async () => {
    const data = tagging(30);
    const file = join(folder, "a.safetensors");
    const whole = await withTagger(async (parts) => {
      await fit(parts.model, { ...parts.common, data, epochs: 3, batchSize: 4 });
      return bitsOf(parts.model);
    });
    await withTagger(async (parts) => {
      const controller = new AbortController();
      const callbacks = { onProgress: ({ step }: Progress) => step === 11 && controller.abort(new Error("enough")) };
      const options = {
        ...parts.common,
        data,
        epochs: 3,
        batchSize: 4,
        checkpoint: { file, every: 1000 },
        callbacks,
        signal: controller.signal,
      };
      await expect(fit(parts.model, options)).rejects.toThrow("enough");
    });
    await withTagger(async (parts) => {
      const history = await fit(parts.model, { ...parts.common, data, epochs: 3, batchSize: 4, checkpoint: { file }, resume: true });
      expect(history.resumedFrom).toEqual({ step: 11, build: rt.build });
      expect(history.epochs.length).toBe(3);
      expect(bitsOf(parts.model)).toEqual(whole);
    }, 77); // other initial weights, which the checkpoint replaces
    expect(readdirSync(folder)).toEqual(["a.safetensors"]);
  });

  test("a loss that is not finite: the first layer is named, and parameters and checkpoint are the last good ones", () =>
    withTagger(async (parts) => {
      const file = join(folder, "n.safetensors");
      const lstm = parts.model.layers.lstm as LSTM;
      const poison = {
        onProgress: ({ step }: Progress) => {
          if (step === 5) lstm.parameters()[0]?.update((values) => void values.fill(Number.NaN, 0, 1));
        },
      };
      const options = { ...parts.common, data: tagging(30), epochs: 3, batchSize: 4, checkpoint: { file, every: 2 }, callbacks: poison };
      const error = await fit(parts.model, options).catch((caught) => caught);
      expect(error).toBeInstanceOf(NonFiniteError);
      expect(error.place).toEqual({ step: 6, batch: 6, layer: "lstm" });
      expect(error.message).toMatch(/the loss is NaN in step 6 \(batch 6 of epoch 1\); the first layer to blame is lstm/);
      const history = await withTagger((fresh) =>
        fit(fresh.model, { ...fresh.common, data: tagging(30), epochs: 3, batchSize: 4, checkpoint: { file }, resume: true }),
      );
      expect(history.resumedFrom?.step).toBe(4);
    }));

  test.each([
    // The loss, (x·w)² = 9e16, is finite; its gradient by w, 2·x²·w, is not.
    ["a gradient", 1e-30, 0, "the gradient of head.weight is not finite in step 1 (batch 1 of epoch 1); the first layer to blame is head"],
    // Every output is finite, the target is none; or one that f32 does not hold.
    ["a target", 1e-30, Number.NaN, "the loss is NaN in step 1 (batch 1 of epoch 1); y[0] of sample 0 is NaN"],
    ["a loss", 1e-30, 1e300, "the loss is Infinity in step 1 (batch 1 of epoch 1); every layer's output is finite: look at the targets"],
    // x·w = 6e38 is not finite.
    ["an output", 2, 0, "the loss is Infinity in step 1 (batch 1 of epoch 1); the first layer to blame is head"],
  ] as const)("%s that is not finite is named, and nothing is changed", async (_, w, y, message) => {
    const model = new Sequential(rt, { head: new Dense(rt, { inputSize: 1, outputSize: 1 }) });
    const loss = new MSELoss(rt);
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    model.parameters()[0]?.set([w]);
    const before = bitsOf(model);
    const error = await fit(model, { data: [{ x: [3e38], y: [y] }], loss, optimizer }).catch((caught) => caught);
    expect(error).toBeInstanceOf(NonFiniteError);
    expect(error.message).toContain(message);
    expect(bitsOf(model)).toEqual(before);
    for (const { grad } of model.parameters()) expect([...grad]).toEqual([0]);
    for (const part of [model, loss, optimizer]) part.dispose();
  });

  test("bad options, by name", () =>
    withTagger(async (parts) => {
      const data = tagging(4);
      const refused: [object, RegExp][] = [
        [{ epoch: 3 }, /options: expected only .*, got epoch/],
        [{ data: [] }, /data: expected at least one sample/],
        [{ data: 7 }, /data: expected samples/],
        [{ epochs: 0 }, /epochs: expected a positive integer/],
        [
          { data: tagging(4)[Symbol.iterator](), epochs: 2 },
          /data: expected an array or a function that begins anew, for more than one epoch/,
        ],
        [
          { data: tagging(4)[Symbol.iterator](), checkpoint: { save() {} } },
          /data: .* for checkpoints, got a source that cannot be restarted/,
        ],
        [{ data: new Set(data), shuffle: true }, /shuffle: expected false/],
        [{ metrics: ["recall"] }, /metrics\[0\]/],
        [{ clipNorm: 0 }, /clipNorm/],
        [{ accumulate: 1.5 }, /accumulate/],
        [{ earlyStopping: { patience: 0 } }, /earlyStopping.patience/],
        [{ checkpoint: {} }, /checkpoint: expected a file, or a function/],
        [{ resume: true }, /resume/],
        [{ signal: {} }, /signal/],
        [{ optimizer: {} }, /optimizer/],
        [{ loss: {} }, /loss/],
      ];
      for (const [options, message] of refused) {
        const error = await fit(parts.model, { ...parts.common, data, ...options } as never).catch((caught) => caught);
        expect(error, String(message)).toBeInstanceOf(ArgumentError);
        expect(error.message).toMatch(message);
      }
      await expect(fit({} as never, { ...parts.common, data })).rejects.toThrow(/model: expected/);
    }));

  test("bad samples, by their place; nothing is leaked", () =>
    withTagger(async (parts) => {
      const good = { x: Int32Array.of(1, 2), y: Int32Array.of(0, 1) };
      const refused: [object, typeof ArgumentError, RegExp][] = [
        [{ x: Int32Array.of(1, 2), y: Int32Array.of(0) }, ShapeError, /y of sample 1: expected 2 classes, 1 a step \(.*\), got 1/],
        [{ x: Int32Array.of(), y: Int32Array.of() }, ArgumentError, /x of sample 1: expected one or more steps/],
        [{ x: [1, 2], y: Int32Array.of(0, 1) }, ArgumentError, /x of sample 1: expected tokens/],
        [{ x: Int32Array.of(1, 9), y: Int32Array.of(0, 1) }, ArgumentError, /token/],
        [{ x: Int32Array.of(1, 2), y: [0, 0.5] }, ArgumentError, /y\[1\] of sample 1: expected a 32-bit integer/],
        [{ x: Int32Array.of(1, 2), y: [0, 5] }, ArgumentError, /class/],
      ];
      await fit(parts.model, { ...parts.common, data: [good, good], shuffle: false }); // takes what an optimizer and a layer keep
      const before = rt.bytesInUse;
      for (const [bad, type, message] of refused) {
        const error = await fit(parts.model, { ...parts.common, data: [good, bad as Sample], shuffle: false }).catch((caught) => caught);
        expect(error, String(message)).toBeInstanceOf(type);
        expect(error.message).toMatch(message);
      }
      expect(rt.bytesInUse).toBe(before);
    }));
});

describe("checkpoints", () => {
  async function checkpoint(): Promise<Uint8Array> {
    let bytes = new Uint8Array();
    await withTagger((parts) =>
      fit(parts.model, {
        ...parts.common,
        data: tagging(12),
        batchSize: 4,
        checkpoint: {
          save: (saved) => {
            bytes = saved.slice();
          },
        },
      }),
    );
    return bytes;
  }

  test("any byte altered, any end cut off, is refused, and nothing of it is loaded", async () => {
    const bytes = await checkpoint();
    await withTagger(async (parts) => {
      const before = bitsOf(parts.model);
      const random = new Generator(4);
      for (let i = 0; i < 60; i++) {
        const damaged = i % 2 === 0 ? bytes.slice(0, random.integer(bytes.length)) : bytes.slice();
        if (i % 2 === 1) damaged[random.integer(bytes.length)] ^= 1 << random.integer(8);
        await expect(
          fit(parts.model, { ...parts.common, data: tagging(12), batchSize: 4, epochs: 2, resume: damaged }),
        ).rejects.toBeInstanceOf(FormatError);
      }
      expect(bitsOf(parts.model)).toEqual(before);
      expect(parts.optimizer.state().step).toBe(0);
    });
  });

  test("of another run is refused by name", async () => {
    const bytes = await checkpoint();
    await withTagger(async (parts) => {
      const run = (options: object) =>
        fit(parts.model, { ...parts.common, data: tagging(12), batchSize: 4, epochs: 2, resume: bytes, ...options });
      await expect(run({ batchSize: 5 })).rejects.toThrow("batchSize: expected 4, as in the checkpoint, got 5");
      await expect(run({ data: tagging(13) })).rejects.toThrow("data: expected 12 samples, as in the checkpoint, got 13");
      await expect(run({ accumulate: 2 })).rejects.toThrow("accumulate: expected 1");
      expect(parts.optimizer.state().step).toBe(0);
    });
    const head = new Sequential(rt, [new Dense(rt, { inputSize: 1, outputSize: 2 })]);
    const optimizer = new SGD(head.parameters(), { lr: 1 });
    const loss = new CrossEntropyLoss(rt);
    await expect(fit(head, { data: tagging(12), batchSize: 4, loss, optimizer, resume: bytes })).rejects.toThrow(/parameter 0.weight/);
    for (const part of [head, optimizer, loss]) part.dispose();
  });

  test("a file that cannot be written leaves the old one and no other", () =>
    withTagger(async (parts) => {
      writeFileSync(join(folder, "file"), "old");
      const file = join(folder, "file", "below.safetensors");
      await expect(fit(parts.model, { ...parts.common, data: tagging(4), checkpoint: { file } })).rejects.toThrow();
      expect(readFileSync(join(folder, "file"), "utf8")).toBe("old");
      expect(readdirSync(folder)).toEqual(["file"]);
    }));
});
