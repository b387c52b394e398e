/** Training over a pool: the same bits with any number of workers. */
import { afterAll, beforeAll, expect, test } from "vitest";
import * as api from "../../bindings/index.js";
import { fitParallel, type Pool, predictParallel } from "../../bindings/parallel.js";
import { type ParameterBlock, placeOf } from "../../bindings/parameters.js";
import { bundledThreads, type Threads } from "../helpers/parallel.js";
import { testRuntime } from "../helpers/runtime.js";

let threads: Threads;
const pools = new Map<number, Pool>();
beforeAll(async () => {
  threads = bundledThreads();
  for (const workers of [1, 2, 3, 8]) pools.set(workers, await threads.pool(workers));
}, 60_000);
afterAll(async () => {
  for (const pool of pools.values()) await pool.dispose();
  threads.dispose();
});

/** Ragged sequences of tokens, each with a class for every step; some count nothing. */
const DATA = Array.from({ length: 23 }, (_, n) => {
  const x = Int32Array.from({ length: 2 + ((n * 5) % 7) }, (_, t) => (n * 3 + t * t) % 11);
  return { x, y: Int32Array.from(x, (token, t) => ((n + t) % 6 === 0 ? -100 : token % 4)) };
});

interface Trained {
  readonly weights: number[];
  readonly epochs: readonly object[];
}

async function trained(options: object, train: (model: api.Sequential, options: api.FitOptions) => Promise<api.History>): Promise<Trained> {
  const rt = await testRuntime({ seed: 5 });
  const model = new api.Sequential(rt, {
    embedding: new api.Embedding(rt, { numEmbeddings: 11, embeddingDim: 6 }),
    lstm: new api.LSTM(rt, { inputSize: 6, hiddenSize: 7 }),
    drop: new api.Dropout(rt, { p: 0.3 }),
    gru: new api.GRU(rt, { inputSize: 7, hiddenSize: 5 }),
    head: new api.Dense(rt, { inputSize: 5, outputSize: 4 }),
  });
  const optimizer = new api.AdamW(model.parameters(), { lr: 0.01 });
  const loss = new api.CrossEntropyLoss(rt, { weight: [1, 2, 0.5, 1], labelSmoothing: 0.1 });
  const before = rt.bytesInUse;
  const common = { data: DATA, loss, optimizer, epochs: 2, batchSize: 9, seed: 3, clipNorm: 0.5, metrics: ["accuracy"] as const };
  const { epochs } = await train(model, { ...common, ...options });
  expect(rt.bytesInUse).toBeGreaterThanOrEqual(before);
  const weights = model.parameters().flatMap((parameter) => [...parameter.toArray()]);
  model.dispose();
  optimizer.dispose();
  loss.dispose();
  expect(rt.bytesInUse).toBe(0);
  rt.dispose();
  return { weights, epochs };
}

test.each([{}, { accumulate: 2 }])("1, 2, 3 and 8 workers give the same bits: %o", async (options) => {
  const over = (workers: number) =>
    trained(options, (model, rest) => fitParallel(model, { ...rest, pool: pools.get(workers) as Pool, microBatch: 4 }));
  const one = await over(1);
  expect(one.weights.every(Number.isFinite)).toBe(true);
  for (const workers of [2, 3, 8]) expect(await over(workers), `${workers} workers`).toEqual(one);
});

test("the bits are those of the parts, one after another, in this thread", async () => {
  const [rt, near] = [await testRuntime({ seed: 8 }), await testRuntime({ seed: 8 })];
  const make = (runtime: api.Runtime) =>
    new api.Sequential(runtime, [
      new api.LSTM(runtime, { inputSize: 2, hiddenSize: 5 }),
      new api.LastStep(runtime),
      new api.Dense(runtime, { inputSize: 5, outputSize: 1 }),
    ]);
  const data = Array.from({ length: 10 }, (_, n) => ({ x: [0, 1, 2].map((t) => [Math.sin(n + t), n / 10]), y: [Math.cos(n)] }));
  const [model, twin] = [make(rt), make(near)];
  const common = { data, batchSize: 5, shuffle: false };
  const optimizer = new api.SGD(model.parameters(), { lr: 0.1 });
  await fitParallel(model, { ...common, loss: new api.MSELoss(rt), optimizer, pool: pools.get(2) as Pool, microBatch: 2 });

  const [steps, criterion, frame] = [new api.SGD(twin.parameters(), { lr: 0.1 }), new api.MSELoss(near), new api.Frame(near)];
  twin.train();
  for (const batch of [data.slice(0, 5), data.slice(5)]) {
    const sums = twin.parameters().map(({ grad }) => grad.map(() => 0));
    for (const part of [batch.slice(0, 2), batch.slice(2, 4), batch.slice(4)]) {
      twin.zeroGrad();
      const x = near.tensor(part.length === 1 ? part.flatMap((s) => s.x.flat()) : [0, 1, 2].flatMap((t) => part.flatMap((s) => s.x[t])), [
        3,
        part.length,
        2,
      ]);
      const y = near.tensor(
        part.flatMap((s) => s.y),
        [part.length, 1],
      );
      frame.backward(frame.record(() => criterion.forward(twin.forward(x), y, { divisor: 1 })));
      for (const [i, { grad }] of twin.parameters().entries()) for (let k = 0; k < grad.length; k++) sums[i][k] += grad[k]; // Float32Array rounds each sum
    }
    twin.zeroGrad();
    for (const [i, parameter] of twin.parameters().entries()) {
      const block = placeOf(parameter)?.block as ParameterBlock;
      near.view("f32", block.gradient(placeOf(parameter)?.offset), sums[i].length).set(sums[i].map((sum) => sum * Math.fround(1 / 5)));
    }
    steps.step();
  }
  expect(model.parameters().map((parameter) => parameter.toArray())).toEqual(twin.parameters().map((parameter) => parameter.toArray()));
  rt.dispose();
  near.dispose();
});

test("several outputs, each of its own weight, make the gradients of fit", async () => {
  const make = async () => {
    const rt = await testRuntime({ seed: 4 });
    const gru = new api.GRU(rt, { inputSize: 1, hiddenSize: 4 });
    const last = new api.LastStep(rt);
    const [a, b] = [new api.Dense(rt, { inputSize: 4, outputSize: 3 }), new api.Dense(rt, { inputSize: 4, outputSize: 1 })];
    class Two extends api.Model {
      constructor() {
        super(rt, { gru, last, a, b });
      }
      forward(x: api.Tensor, options?: object) {
        const h = last.forward(gru.forward(x, options).output, options);
        return { kind: a.forward(h), size: b.forward(h) };
      }
    }
    return { rt, model: new Two(), loss: { kind: new api.CrossEntropyLoss(rt, { ignoreIndex: 2 }), size: new api.MSELoss(rt) } };
  };
  const module = threads.module(
    "two.mjs",
    `export default ({ rt, library: api }) => {
      const gru = new api.GRU(rt, { inputSize: 1, hiddenSize: 4 }), last = new api.LastStep(rt);
      const a = new api.Dense(rt, { inputSize: 4, outputSize: 3 }), b = new api.Dense(rt, { inputSize: 4, outputSize: 1 });
      class Two extends api.Model {
        constructor() { super(rt, { gru, last, a, b }); }
        forward(x, options) { const h = last.forward(gru.forward(x, options).output, options); return { kind: a.forward(h), size: b.forward(h) }; }
      }
      return { model: new Two() };
    };`,
  );
  const data = Array.from({ length: 12 }, (_, n) => ({
    x: Array.from({ length: 1 + (n % 3) }, (_, t) => n / 9 + t),
    y: { kind: n % 3, size: [n / 4] },
  }));
  const run = async (parallel: boolean) => {
    const { rt, model, loss } = await make();
    const options = { data, loss, optimizer: new api.SGD(model.parameters(), { lr: 0.05 }), epochs: 2, batchSize: 6, seed: 1 };
    const own = { pool: pools.get(2) as Pool, microBatch: 4, module: { url: module } };
    const { epochs } = parallel ? await fitParallel(model, { ...options, ...own }) : await api.fit(model, options);
    const weights = model.parameters().flatMap((parameter) => [...parameter.toArray()]);
    rt.dispose();
    return { weights, loss: epochs[1]?.loss as number };
  };
  const [near, far] = [await run(false), await run(true)];
  expect(far.loss).toBeCloseTo(near.loss, 5);
  for (const [i, weight] of far.weights.entries()) expect(weight).toBeCloseTo(near.weights[i], 5);
});

test("predictParallel gives what predict gives, in order, and takes no more than it needs", async () => {
  const rt = await testRuntime({ seed: 6 });
  const model = new api.Sequential(rt, [
    new api.GRU(rt, { inputSize: 1, hiddenSize: 3 }),
    new api.Dense(rt, { inputSize: 3, outputSize: 2 }),
  ]);
  const xs = Array.from({ length: 50 }, (_, n) => Float32Array.from({ length: 1 + (n % 5) }, (_, t) => n / 50 + t));
  const expected = await api.predict(model, xs);
  const got: unknown[] = [];
  for await (const each of predictParallel(model, xs, { pool: pools.get(3) as Pool, batchSize: 4 })) got.push(each);
  expect(got).toEqual(expected);
  let taken = 0;
  const endless = function* () {
    for (;;) yield xs[taken++ % 50];
  };
  const first: unknown[] = [];
  for await (const each of predictParallel(model, endless(), { pool: pools.get(2) as Pool, batchSize: 4 }))
    if (first.push(each) === 10) break;
  expect(first).toEqual(expected.slice(0, 10));
  expect(taken).toBeLessThanOrEqual(10 + 4 * 5 + 4);
  rt.dispose();
});
