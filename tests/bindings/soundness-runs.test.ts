/** Runs that go on, end early or go through sources and bundlers: nothing is lost and nothing repeats itself. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import * as library from "../../bindings/index.js";
import {
  Adam,
  CrossEntropyLoss,
  Dense,
  evaluate,
  type FitOptions,
  fit,
  Generator,
  L1Loss,
  type Runtime,
  type Sample,
  type Sequential,
  SGD,
  sample,
  type Tensor,
  type Trainable,
} from "../../bindings/index.js";
import { expectBits } from "../helpers/compare.js";
import { ROOT } from "../helpers/package.js";
import { testRuntime } from "../helpers/runtime.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime({ seed: 3 });
});
afterEach(() => rt.dispose());

function samples(count: number): Sample[] {
  const random = new Generator(5);
  return Array.from({ length: count }, (_, i) => {
    const x = Int32Array.from({ length: 3 }, () => random.integer(5));
    return { x, y: x.map((token) => (token + i) % 5) };
  });
}

/** From another copy of the library too. */
function tagger({ Sequential: S, Embedding: E, GRU: G, Dropout: O, Dense: D, Generator: R }: typeof library, runtime: Runtime): Sequential {
  const generator = new R(9);
  return new S(runtime, {
    embedding: new E(runtime, { numEmbeddings: 5, embeddingDim: 3, generator }),
    gru: new G(runtime, { inputSize: 3, hiddenSize: 4, generator }),
    dropout: new O(runtime, { p: 0.2, generator }),
    head: new D(runtime, { inputSize: 4, outputSize: 5, generator }),
  });
}

const bitsOf = (model: Sequential) => model.parameters().flatMap((parameter) => [...parameter.toArray()]);

/** Predicts its input, and remembers it. */
function echo(seen: number[] = []): Trainable {
  const dense = new Dense(rt, { inputSize: 1, outputSize: 1 });
  return {
    runtime: rt,
    forward: (x: Tensor) => {
      for (const value of x.toArray()) seen.push(value);
      return dense.forward(x);
    },
    namedParameters: () => dense.parameters().map((parameter) => [parameter.name, parameter]),
    ...{ train: () => {}, eval: () => {} },
  };
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => ({ x: [i], y: [0] }));
const trainerOf = (model: Trainable) => ({
  loss: new L1Loss(rt),
  optimizer: new SGD(
    model.namedParameters().map(([, parameter]) => parameter),
    { lr: 1e-6 },
  ),
});

test("fit called twice goes through the samples in another order; with a seed in the same", async () => {
  const orders = async (seed?: number) => {
    const got: number[][] = [];
    for (let i = 0; i < 2; i++) {
      const seen: number[] = [];
      const model = echo(seen);
      await fit(model, { ...trainerOf(model), data: numbers(50), batchSize: 7, ...(seed === undefined ? {} : { seed }) });
      got.push(seen);
      expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, k) => k));
    }
    return got;
  };
  const [first, second] = await orders();
  expect(second).not.toEqual(first);
  const [one, two] = await orders(4);
  expect(two).toEqual(one);
});

test("sample without a generator draws one token and another; with one it repeats", () => {
  const logits = new Float32Array(16);
  const drawn = Array.from({ length: 200 }, () => sample(logits));
  expect(new Set(drawn).size).toBeGreaterThan(4); // of 16 even ones: 4 or fewer has a chance below 1e-100
  const again = () => {
    const generator = new Generator(2);
    return Array.from({ length: 20 }, () => sample(logits, { generator }));
  };
  expect(again()).toEqual(again());
});

describe("an abort inside an accumulation", () => {
  const common = (model: Sequential) => ({ loss: new CrossEntropyLoss(rt), optimizer: new Adam(model.parameters(), { lr: 0.05 }) });
  const how = { data: samples(22), epochs: 3, batchSize: 2, accumulate: 3, seed: 8 };

  test.each([1, 2, 3, 4, 10, 11, 12, 13, 20])("at batch %i: a checkpoint is written, and the run goes on to the same bits", async (at) => {
    const whole = tagger(library, rt);
    const straight = await fit(whole, { ...common(whole), ...how });
    const stopped = tagger(library, rt);
    const abort = new AbortController();
    const saved: Uint8Array[] = [];
    let batches = 0;
    const options: Partial<FitOptions> = {
      signal: abort.signal,
      callbacks: { onProgress: () => ++batches === at && abort.abort(new Error("enough")) },
      checkpoint: { every: 1000, save: (bytes) => void saved.push(bytes.slice()) },
    };
    await expect(fit(stopped, { ...common(stopped), ...how, ...options })).rejects.toThrow("enough");
    expect(saved.length).toBeGreaterThan(0);
    const resumed = tagger(library, rt);
    const history = await fit(resumed, { ...common(resumed), ...how, resume: saved.at(-1) as Uint8Array });
    expectBits("weights", bitsOf(resumed), bitsOf(whole));
    expect(history.epochs).toEqual(straight.epochs);
  });
});

describe("sources", () => {
  const stream = (count: number) =>
    new ReadableStream<Sample>({
      start: (controller) => {
        for (const each of numbers(count)) controller.enqueue(each);
        controller.close();
      },
    }) as unknown as AsyncIterable<Sample>;

  test("a ReadableStream is gone through once", async () => {
    const seen: number[] = [];
    const model = echo(seen);
    await fit(model, { ...trainerOf(model), data: stream(5), batchSize: 2 });
    expect(seen).toEqual([0, 1, 2, 3, 4]);
    expect(await evaluate(model, { loss: new L1Loss(rt), data: stream(3) })).toEqual({ loss: expect.any(Number) });
  });

  test("one that is refused is not locked, nor has anything been read of an iterator", async () => {
    const model = echo();
    const source = stream(3);
    await expect(fit(model, { ...trainerOf(model), data: source, epochs: 2 })).rejects.toThrow(/data/);
    expect((source as unknown as ReadableStream).locked).toBe(false);
    const begun = numbers(3).values();
    await expect(fit(model, { ...trainerOf(model), data: begun, epochs: 2 })).rejects.toThrow(/data/);
    expect(begun.next().value).toEqual({ x: [0], y: [0] });
  });

  test.each([126_000, 200_000])("batches of %i samples", async (batchSize) => {
    const model = echo();
    const data = Array.from({ length: batchSize + 10 }, () => ({ x: [1], y: [1] }));
    const { steps, epochs } = await fit(model, { ...trainerOf(model), data, batchSize, bucketByLength: true });
    expect(steps).toBe(2);
    const { loss } = await evaluate(model, { loss: new L1Loss(rt), data, batchSize });
    expect(Math.abs(loss - epochs[0].loss)).toBeLessThan(1e-3);
  });
});

describe("a minifier that gives classes other names", () => {
  const folder = mkdtempSync(join(tmpdir(), "wasm-rnn-minified-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  async function minified(): Promise<typeof library> {
    mkdirSync(join(folder, "dist"), { recursive: true });
    const outfile = join(folder, "dist", "index.mjs");
    await esbuild.build({
      ...{ entryPoints: [join(ROOT, "bindings/index.ts")], outfile, bundle: true, minify: true, format: "esm", platform: "node" },
      ...{ target: "es2022", logLevel: "error" },
    });
    symlinkSync(join(ROOT, "build"), join(folder, "build"));
    return import(/* @vite-ignore */ pathToFileURL(outfile).href);
  }

  test("a run, its optimizer and its schedule go on across it, either way", async () => {
    const other = await minified();
    expect(other.Adam.name).not.toBe("Adam");
    const parts = async (lib: typeof library) => {
      const runtime = await lib.createRuntime({ build: rt.build, seed: 3 });
      const model = tagger(lib, runtime);
      const optimizer = new lib.AdamW(model.parameters(), { lr: 0.05 });
      const schedule = new lib.StepLR(optimizer, { stepSize: 2, gamma: 0.5 });
      return {
        fit: lib.fit,
        runtime,
        model,
        common: { loss: new lib.CrossEntropyLoss(runtime), optimizer, schedule, data: samples(9), batchSize: 3, seed: 1 },
      };
    };
    const run = async (lib: typeof library, options: Partial<FitOptions>) => {
      const { runtime, model, common, fit } = await parts(lib);
      await fit(model, { ...common, ...options });
      const result = { bits: bitsOf(model), kinds: [common.optimizer.state().kind, common.schedule.state().kind] };
      runtime.dispose();
      return result;
    };
    const whole = await run(library, { epochs: 4 });
    for (const [first, second] of [
      [library, other],
      [other, library],
    ]) {
      let saved = new Uint8Array();
      const save = (bytes: Uint8Array) => {
        saved = bytes.slice();
      };
      await run(first, { epochs: 2, checkpoint: { save } });
      const resumed = await run(second, { epochs: 4, resume: saved });
      expectBits("weights", resumed.bits, whole.bits);
      expect(resumed.kinds).toEqual(whole.kinds);
    }
  });
});
