/** Where memory is wanting: gradients, steps and weights are those of a whole pass, or as before. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  Adam,
  CrossEntropyLoss,
  Dense,
  Embedding,
  type FloatType,
  fit,
  Generator,
  GRU,
  LayerNorm,
  LSTM,
  MeanPool,
  MemoryError,
  Model,
  type Part,
  RNN,
  type Runtime,
  Sequential,
  type Tensor,
} from "../../bindings/index.js";
import { draws } from "../helpers/compare.js";
import { passesOf } from "../helpers/passes.js";
import { DTYPES, testRuntime } from "../helpers/runtime.js";

const [T, N] = [16, 4];

/** By hand: what is behind it has added its gradients before memory runs out in what is before it. */
class Inner extends Model<{ gru: GRU; head: Dense }> {
  forward(x: Tensor): Tensor {
    return this.layers.head.forward(this.layers.gru.forward(x).output);
  }
}

type Make = (rt: Runtime, dtype: FloatType) => Record<string, Part>;

/** x is [T, N, 6], the prediction [T, N, 7] or [N, 7]. */
const MODELS: Record<string, Make> = {
  layers: (rt, dtype) => ({
    lstm: new LSTM(rt, { inputSize: 6, hiddenSize: 24, numLayers: 2, dropout: 0.3, dtype }),
    norm: new LayerNorm(rt, { normalizedShape: 24, dtype }),
    gru: new GRU(rt, { inputSize: 24, hiddenSize: 20, bidirectional: true, dtype }),
    head: new Dense(rt, { inputSize: 40, outputSize: 7, dtype }),
  }),
  "a pool": (rt, dtype) => ({
    rnn: new RNN(rt, { inputSize: 6, hiddenSize: 40, dtype }),
    pool: new MeanPool(rt, { dtype }),
    head: new Dense(rt, { inputSize: 40, outputSize: 7, dtype }),
  }),
  "Sequential in Sequential": (rt, dtype) => ({
    first: new Sequential(rt, [new LSTM(rt, { inputSize: 6, hiddenSize: 32, dtype }), new LayerNorm(rt, { normalizedShape: 32, dtype })]),
    second: new Sequential(rt, [
      new GRU(rt, { inputSize: 32, hiddenSize: 16, dtype }),
      new Dense(rt, { inputSize: 16, outputSize: 7, dtype }),
    ]),
  }),
  "a model of one's own inside": (rt, dtype) => ({
    lstm: new LSTM(rt, { inputSize: 6, hiddenSize: 24, dtype }),
    inner: new Inner(rt, {
      gru: new GRU(rt, { inputSize: 24, hiddenSize: 24, dtype }),
      head: new Dense(rt, { inputSize: 24, outputSize: 20, dtype }),
    }),
    head: new Dense(rt, { inputSize: 20, outputSize: 7, dtype }),
  }),
};

function outputOf(name: string): number[] {
  return name === "a pool" ? [N, 7] : [T, N, 7];
}

const gradientsOf = (model: Model) => model.parameters().map(({ grad }) => grad);

/** toEqual takes its time over long arrays. */
function expectGradients(model: Model, wanted: readonly ArrayLike<number>[]): void {
  for (const [i, { name, grad }] of model.parameters().entries()) {
    const at = grad.findIndex((g, k) => !Object.is(g, wanted[i]?.[k]));
    if (at >= 0) expect.fail(`gradient of ${name}[${at}]: expected ${wanted[i]?.[at]}, got ${grad[at]}`);
  }
}

/** A model and its pass; gradients add up. */
function makingOf(rt: Runtime, name: string, dtype: FloatType, frozen: boolean) {
  rt.generator.state = new Generator(5).state;
  const model = new Sequential(rt, (MODELS[name] as Make)(rt, dtype));
  if (frozen) (Object.values(model.layers)[0] as Part).freeze();
  model.eval(); // the same dropout every time: none
  const x = rt.tensor(draws(1)(T * N * 6), [T, N, 6], { dtype });
  const shape = outputOf(name);
  const d = rt.tensor(draws(2)(shape.reduce((a, b) => a * b)), shape, { dtype });
  const { frame, forward, backward } = passesOf(model);
  const pass = () => {
    forward(x);
    backward(d);
  };
  const dispose = () => {
    for (const part of [frame, model, x, d]) part.dispose();
  };
  return { model, pass, dispose };
}

/** Gradients after one pass and after two, and the bytes that both take. */
async function unbounded(name: string, dtype: FloatType, frozen: boolean) {
  const rt = await testRuntime({ seed: 1 });
  const { model, pass } = makingOf(rt, name, dtype, frozen);
  pass();
  const once = gradientsOf(model);
  pass();
  const result = { none: once.map((gradient) => gradient.slice().fill(0)), once, twice: gradientsOf(model), bytes: rt.bytesInUse };
  rt.dispose();
  return result;
}

/** Lets the k-th allocation from now on fail, and the next, with which an arena asks for less; no other. @returns `heal` puts it back, `reached` says whether there was a k-th */
function failAt(rt: Runtime, k: number): { heal: () => void; reached: () => boolean } {
  const { memory } = rt;
  const allocate = memory.allocate.bind(memory);
  let calls = 0;
  memory.allocate = (bytes) => {
    if (++calls === k || calls === k + 1) throw new MemoryError(`memory: no ${bytes} bytes for allocation ${k}`);
    return allocate(bytes);
  };
  return { heal: () => void Reflect.deleteProperty(memory, "allocate"), reached: () => calls >= k };
}

/** Takes all of a bounded memory but so many bytes, in one piece. */
function leaveOnly(rt: Runtime, bytes: number, bound: number): void {
  let [low, high] = [0, bound / 64];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    try {
      rt.memory.free(rt.memory.allocate(middle * 64));
      low = middle;
    } catch {
      high = middle;
    }
  }
  rt.memory.allocate(low * 64 - bytes);
}

const cases = Object.keys(MODELS).flatMap((name) =>
  DTYPES.flatMap((dtype) => [false, true].map((frozen) => [name, dtype, frozen] as const)),
);

describe.each(cases)("%s in %s, the first part frozen: %s", (name, dtype, frozen) => {
  test("whichever allocation of the first two passes fails: no gradient is changed, and the pass can be made again", async () => {
    const { none, once, twice } = await unbounded(name, dtype, frozen);
    const rt = await testRuntime();
    let [failures, last] = [0, 0];
    for (let k = 1; k < 200; k++) {
      const { model, pass, dispose } = makingOf(rt, name, dtype, frozen);
      const { heal, reached } = failAt(rt, k);
      let failed = false;
      for (const [before, after] of [
        [none, once],
        [once, twice],
      ]) {
        try {
          pass();
        } catch (error) {
          expect(error).toBeInstanceOf(MemoryError);
          expectGradients(model, before);
          failed = true;
          heal();
          pass();
        }
        expectGradients(model, after);
      }
      heal();
      dispose();
      if (failed) failures++;
      if (!reached()) break; // all were seen; some are survived
      last = k;
    }
    expect(rt.bytesInUse).toBe(0);
    rt.dispose();
    expect(failures).toBeGreaterThan(9);
    expect(last).toBeLessThan(199);
  });

  test("under 64 limits of memory, up to 1.6 times of what two passes leave: the first takes some more", async () => {
    const { none, once, twice, bytes } = await unbounded(name, dtype, frozen);
    const bound = (Math.ceil((1.6 * bytes) / 65536) + 8) * 65536;
    let refusals = 0;
    for (let i = 1; i <= 64; i++) {
      const rt = await testRuntime({ maximumMemory: bound });
      leaveOnly(rt, Math.ceil((bytes * i) / 40 / 64) * 64 + 4096, bound);
      let making: ReturnType<typeof makingOf> | undefined;
      let wanted = none;
      try {
        making = makingOf(rt, name, dtype, frozen);
        for (const after of [once, twice]) {
          making.pass();
          wanted = after;
        }
      } catch (error) {
        expect(error).toBeInstanceOf(MemoryError);
        refusals++;
      }
      if (making) expectGradients(making.model, wanted);
      rt.dispose();
    }
    expect(refusals).toBeGreaterThan(30);
    expect(refusals).toBeLessThan(64);
  });
});

describe("fit", () => {
  let rt: Runtime;
  beforeEach(async () => {
    rt = await testRuntime({ seed: 1 });
  });
  afterEach(() => rt.dispose());

  function parts() {
    const generator = new Generator(4);
    const model = new Sequential(rt, {
      embedding: new Embedding(rt, { numEmbeddings: 6, embeddingDim: 3, generator }),
      inner: new Inner(rt, {
        gru: new GRU(rt, { inputSize: 3, hiddenSize: 5, generator }),
        head: new Dense(rt, { inputSize: 5, outputSize: 2, generator }),
      }),
    });
    const optimizer = new Adam(model.parameters(), { lr: 0.1 });
    const random = new Generator(7);
    const data = Array.from({ length: 12 }, () => {
      const x = Int32Array.from({ length: 1 + random.integer(9) }, () => random.integer(6));
      return { x, y: x.map((token) => token % 2) };
    });
    return { model, loss: new CrossEntropyLoss(rt), optimizer, data };
  }

  test("whichever allocation fails: weights and moments are those of whole steps, gradients are zero, the run can be resumed", async () => {
    const weightsOf = (model: Model) => model.parameters().map((parameter) => [...parameter.toArray()]);
    const run = { batchSize: 2, epochs: 2, accumulate: 2, shuffle: false };
    const { model: first, ...common } = parts();
    const trail = [weightsOf(first)];
    const onProgress = ({ step }: { step: number }) => {
      trail[step] = weightsOf(first);
    };
    await fit(first, { ...common, ...run, callbacks: { onProgress } });
    let failures = 0;
    for (let k = 1; ; k++) {
      const { model, ...rest } = parts();
      const { heal, reached } = failAt(rt, k);
      let bytes: Uint8Array | undefined;
      const save = (now: Uint8Array) => {
        bytes = now.slice();
      };
      const error: unknown = await fit(model, { ...rest, ...run, checkpoint: { save, every: 1 } }).catch((caught) => caught);
      heal();
      if (!reached()) break;
      if (!(error instanceof Error)) {
        expect(weightsOf(model)).toEqual(trail.at(-1)); // survived
        for (const part of [model, rest.loss, rest.optimizer]) part.dispose();
        continue;
      }
      failures++;
      expect(error).toBeInstanceOf(MemoryError);
      expect(gradientsOf(model).every((gradient) => gradient.every((g) => g === 0))).toBe(true);
      expect(weightsOf(model)).toEqual(trail[rest.optimizer.state().step]);
      await fit(model, { ...rest, ...run, resume: bytes ?? false });
      expect(weightsOf(model)).toEqual(trail.at(-1));
      for (const part of [model, rest.loss, rest.optimizer]) part.dispose();
    }
    expect(failures).toBeGreaterThan(30);
  });

  test("a model's load takes no memory: whole in a full runtime", async () => {
    const { model } = parts();
    const other = parts().model;
    for (const parameter of other.parameters()) parameter.update((values) => void values.fill(0.5));
    const bytes = other.save();
    failAt(rt, 1);
    model.load(bytes);
    for (const parameter of model.parameters()) expect(parameter.toArray().every((value) => value === 0.5)).toBe(true);
  });
});
