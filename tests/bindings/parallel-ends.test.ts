/** Training over a pool that does not go as it should: workers that end, samples that are wrong, an end by a signal, and going on. */
import { afterAll, beforeAll, expect, test } from "vitest";
import * as api from "../../bindings/index.js";
import { createPool, fitParallel, type Pool, predictParallel, sweep, uniform, WorkerError } from "../../bindings/parallel.js";
import { bundledThreads, type Threads } from "../helpers/parallel.js";
import { testRuntime } from "../helpers/runtime.js";

let threads: Threads;
let pool: Pool;
beforeAll(async () => {
  threads = bundledThreads();
  pool = await threads.pool(2);
}, 60_000);
afterAll(async () => {
  await pool.dispose();
  threads.dispose();
});

/** A model that ends its worker at a batch whose first number is 99: once, or always. */
const DEADLY = (folder: string) => `
  import { existsSync, writeFileSync } from "node:fs";
  export default ({ rt, library: { Dense, Dropout, Sequential } }, { how }) => {
    const model = new Sequential(rt, [new Dense(rt, { inputSize: 1, outputSize: 3 }), new Dropout(rt, { p: 0.4 }), new Dense(rt, { inputSize: 3, outputSize: 1 })]);
    const { forward } = model;
    model.forward = (x, options) => {
      const mark = ${JSON.stringify(folder)} + "/died";
      const isBad = x.toArray().includes(99);
      if (isBad && how === "throw") throw new RangeError("99 is not for me");
      if (isBad && (how === "always" || (how === "once" && !existsSync(mark)))) {
        writeFileSync(mark, "");
        process.exit(7);
      }
      return forward.call(model, x, options);
    };
    return { model };
  };`;

const DATA = Array.from({ length: 12 }, (_, n) => ({ x: [n === 7 ? 99 : n / 12], y: [n / 6] }));

async function weightsAfter(options: Partial<Parameters<typeof fitParallel>[1]>): Promise<number[]> {
  const rt = await testRuntime({ seed: 3 });
  try {
    const model = new api.Sequential(rt, [
      new api.Dense(rt, { inputSize: 1, outputSize: 3 }),
      new api.Dropout(rt, { p: 0.4 }),
      new api.Dense(rt, { inputSize: 3, outputSize: 1 }),
    ]);
    const data = DATA.map(({ x, y }) => ({ x: [x], y }));
    const common = {
      data,
      loss: new api.MSELoss(rt),
      optimizer: new api.Adam(model.parameters(), { lr: 0.01 }),
      batchSize: 6,
      seed: 1,
      epochs: 2,
    };
    await fitParallel(model, { ...common, pool, microBatch: 2, ...options } as Parameters<typeof fitParallel>[1]);
    return model.parameters().flatMap((parameter) => [...parameter.toArray()]);
  } finally {
    rt.dispose();
  }
}

test("a worker that ends is replaced, and the bits are the same", async () => {
  const url = threads.module("deadly.mjs", DEADLY(threads.folder));
  const { replaced } = pool;
  const plain = await weightsAfter({});
  expect(await weightsAfter({ module: { url, options: { how: "once" } } })).toEqual(plain);
  expect(pool.replaced).toBeGreaterThan(replaced);
  expect(await weightsAfter({ module: { url, options: { how: "never" } } })).toEqual(plain);
});

test("a part over which workers end again and again is named, and the pool goes on", async () => {
  const url = threads.module("deadly.mjs", DEADLY(threads.folder));
  const error = await weightsAfter({ module: { url, options: { how: "always" } }, shuffle: false }).catch((error) => error);
  expect(error).toBeInstanceOf(WorkerError);
  expect(error.message).toMatch(/^part 0 of a batch \(samples 6, 7\): expected a worker to finish it, got 3 that ended over it/);
  expect(await weightsAfter({})).toHaveLength(10);
});

test("what a model throws in a worker arrives as it is; a wrong sample is named", async () => {
  const url = threads.module("deadly.mjs", DEADLY(threads.folder));
  await expect(weightsAfter({ module: { url, options: { how: "throw" } } })).rejects.toThrow(RangeError);
  const data = DATA.map(({ x, y }, n) => ({ x: [n === 5 ? [1, 2] : x], y }));
  await expect(weightsAfter({ data, microBatch: 1, shuffle: false })).rejects.toThrow(/^x of sample 5: expected 1 features a step/);
  const infinite = DATA.map(({ x, y }, n) => ({ x: [x], y: n === 8 ? [Number.NaN] : y }));
  await expect(weightsAfter({ data: infinite, shuffle: false })).rejects.toThrow(/the loss is NaN in step 2 .*y\[0\] of sample 8 is NaN/);
});

test("an end by a signal, and going on from the checkpoint, give the same bits", async () => {
  const whole = await weightsAfter({});
  let bytes: Uint8Array | undefined;
  const controller = new AbortController();
  const callbacks = { onProgress: ({ done }: { done: number }) => void (done === 6 && controller.abort(new Error("enough"))) };
  const checkpoint = {
    save: (saved: Uint8Array) => {
      bytes = saved;
    },
  };
  await expect(weightsAfter({ callbacks, signal: controller.signal, checkpoint })).rejects.toThrow("enough");
  await expect(weightsAfter({ resume: bytes, microBatch: 3 })).rejects.toThrow(/^microBatch: expected 2, as in the checkpoint, got 3/);
  expect(await weightsAfter({ resume: bytes })).toEqual(whole);
});

test("doors", async () => {
  await expect(weightsAfter({ pool: {} as Pool })).rejects.toThrow(/^pool: expected a pool of createPool\(\)/);
  await expect(weightsAfter({ microBatch: 0 })).rejects.toThrow(api.ArgumentError);
  await expect(createPool({ workers: 0 })).rejects.toThrow(/^workers: /);
  await expect(createPool({ workers: 1, script: threads.module("none.mjs", "export default () => 1;") })).rejects.toThrow(api.FormatError);
  const rt = await testRuntime();
  const own = new (class Mine extends api.Model {
    override forward(): never {
      throw new Error("not here");
    }
  })(rt, { head: new api.Dense(rt, { inputSize: 1, outputSize: 1 }) });
  const reading = predictParallel(own, [[1]], { pool });
  await expect(reading.next()).rejects.toThrow(
    /^module: expected \{ url \}, the address of a module that makes the model: workers do not know Mine, which the model is of, got none$/,
  );
  rt.dispose();
  await expect(sweep({ lr: uniform(0, 1) }, () => 1, { trials: 1, pool })).rejects.toThrow(
    /^train: expected the address of a module, .*, got a function$/,
  );
  const gone = await threads.pool(1);
  const training = weightsAfter({ pool: gone, epochs: 1000 });
  setTimeout(() => gone.dispose(), 50);
  await expect(training).rejects.toThrow(api.DisposedError);
  await expect(weightsAfter({ pool: gone })).rejects.toThrow(api.DisposedError);
});
