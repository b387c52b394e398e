/** Where all targets are ignored or of weight 0, nothing counts, and nothing may change. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  Adam,
  ArgumentError,
  CrossEntropyLoss,
  type CrossEntropyLossOptions,
  Dense,
  Dropout,
  Embedding,
  evaluate,
  type FitOptions,
  fit,
  Generator,
  GRU,
  ReduceLROnPlateau,
  type Runtime,
  type Sample,
  Sequential,
  SGD,
} from "../../bindings/index.js";
import { draws, expectBits } from "../helpers/compare.js";
import { testRuntime, valuesOf } from "../helpers/runtime.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime({ seed: 3 });
});
afterEach(() => rt.dispose());

const IGNORED = -100;

/** Three tokens each; targets of every step. */
function samples(count: number, seed: number, y?: number): Sample[] {
  const random = new Generator(seed);
  return Array.from({ length: count }, () => {
    const x = Int32Array.from({ length: 3 }, () => random.integer(5));
    return { x, y: x.map((token) => y ?? token % 3) };
  });
}

function modelOf(seed = 4): Sequential {
  const generator = new Generator(seed);
  return new Sequential(rt, {
    embedding: new Embedding(rt, { numEmbeddings: 5, embeddingDim: 3, generator }),
    gru: new GRU(rt, { inputSize: 3, hiddenSize: 4, generator }),
    dropout: new Dropout(rt, { p: 0.3, generator }),
    head: new Dense(rt, { inputSize: 4, outputSize: 3, generator }),
  });
}

const bitsOf = (model: Sequential) => Object.values(valuesOf(model)).flatMap((values) => [...(values as Float32Array)]);

/** A run of batches of 2 in order: weights, losses, steps. */
async function run(data: Sample[], options: Partial<FitOptions> = {}, loss: CrossEntropyLossOptions = {}) {
  const model = modelOf();
  const optimizer = new Adam(model.parameters(), { lr: 0.05 });
  const common = { loss: new CrossEntropyLoss(rt, loss), optimizer, shuffle: false, batchSize: 2 };
  const history = await fit(model, { ...common, data, ...options });
  return { bits: bitsOf(model), history, steps: history.steps };
}

/** Ways to count nothing: the target, and the loss's options. */
const WAYS: [string, number, CrossEntropyLossOptions][] = [
  ["ignored by default", IGNORED, {}],
  ["ignored by ignoreIndex", 2, { ignoreIndex: 2 }],
  ["of weight 0", 2, { weight: [1, 2, 0] }],
];

describe.each(WAYS)("targets that are %s", (_, nothing, loss) => {
  /** Targets 0 and 1 alone, so that all of them count. */
  const counted = (count: number, seed: number) => samples(count, seed).map(({ x }) => ({ x, y: (x as Int32Array).map((t) => t % 2) }));

  test("evaluate: a batch of them weighs nothing; all of them are NaN", async () => {
    const model = modelOf();
    const criterion = new CrossEntropyLoss(rt, loss);
    const measured = { loss: criterion, batchSize: 2, metrics: ["accuracy", "f1", "f1Micro", "f1Weighted", "perplexity"] as const };
    const [some, none] = [counted(6, 1), samples(4, 2, nothing)];
    const alone = await evaluate(model, { ...measured, data: some });
    const among = await evaluate(model, {
      ...measured,
      data: [...none.slice(0, 2), ...some.slice(0, 4), ...none.slice(2), ...some.slice(4)],
    });
    expect(among).toEqual(alone);
    expect(Number.isFinite(alone.loss)).toBe(true);
    const empty = await evaluate(model, { ...measured, data: none });
    for (const [name, value] of Object.entries(empty)) expect(value, name).toBeNaN();
  });

  test("fit: a batch of them changes nothing, dropout included", async () => {
    const [some, none] = [counted(6, 1), samples(2, 2, nothing)];
    const alone = await run(some, { epochs: 2 }, loss);
    for (const at of [0, 2, 6]) {
      const among = await run([...some.slice(0, at), ...none, ...some.slice(at)], { epochs: 2 }, loss);
      expectBits(`weights, batch at ${at}`, among.bits, alone.bits);
      expect(among.steps).toBe(alone.steps);
      expect(among.history.epochs.map(({ loss }) => loss)).toEqual(alone.history.epochs.map(({ loss }) => loss));
    }
  });

  test("fit: inside an accumulation, and all of one", async () => {
    const some = counted(4, 1);
    const none = samples(2, 2, nothing);
    const two = await run(some, { accumulate: 2 }, loss);
    const three = await run([...some.slice(0, 2), ...none, ...some.slice(2)], { accumulate: 3 }, loss);
    expectBits("weights", three.bits, two.bits);
    expect(three.steps).toBe(1);
    const whole = await run([...some, ...none, ...none], { accumulate: 2 }, loss);
    expectBits("weights", whole.bits, two.bits);
    expect(whole.steps).toBe(1);
  });

  test("fit: a whole epoch of them is refused, and nothing is learned", async () => {
    const model = modelOf();
    const before = bitsOf(model);
    const common = { loss: new CrossEntropyLoss(rt, loss), optimizer: new SGD(model.parameters(), { lr: 1 }) };
    await expect(fit(model, { ...common, data: samples(4, 2, nothing) })).rejects.toThrow(ArgumentError);
    expectBits("weights", bitsOf(model), before);
  });
});

describe("a validation in which nothing counts", () => {
  const none = samples(4, 2, IGNORED);
  const some = samples(8, 1);

  test("is NaN, says neither better nor worse, and no epoch is the best by it", async () => {
    const { history } = await run(some, { epochs: 6, validation: none, earlyStopping: { patience: 2 } });
    expect(history.epochs.length).toBe(6);
    expect(history.stopped).toBe("finished");
    expect(history.bestEpoch).toBeUndefined();
    for (const { validation } of history.epochs) expect(validation?.loss).toBeNaN();
  });

  test("in the first epoch alone: the best is the least of the others, with its weights", async () => {
    const validation = (epoch: number) => (epoch === 0 ? none : samples(4, 7));
    const { history, bits } = await run(some, { epochs: 6, validation, earlyStopping: { patience: 6 } });
    const losses = history.epochs.map((report) => report.validation?.loss as number);
    expect(losses[0]).toBeNaN();
    const best = losses.indexOf(Math.min(...losses.slice(1))) + 1;
    expect(history.bestEpoch).toBe(best);
    const until = await run(some, { epochs: best, validation });
    expectBits("weights", bits, until.bits);
  });

  test("in the middle: patience counts the epochs that say something", async () => {
    // An improvement by 100 nats never comes: every epoch but the first that counts is worse.
    const validation = (epoch: number) => (epoch % 2 === 1 ? none : samples(4, 7));
    const { history } = await run(some, { epochs: 20, validation, earlyStopping: { patience: 3, minDelta: 100 } });
    expect([history.stopped, history.bestEpoch, history.epochs.length]).toEqual(["early", 1, 7]);
  });

  test("leaves a plateau schedule where it is", async () => {
    const model = modelOf();
    const optimizer = new SGD(model.parameters(), { lr: 0.5 });
    const schedule = new ReduceLROnPlateau(optimizer, { factor: 0.1, patience: 1 });
    const common = { loss: new CrossEntropyLoss(rt), optimizer, schedule };
    await fit(model, { ...common, data: some, validation: none, epochs: 8 });
    expect(optimizer.lr).toBe(0.5);
  });

  test("a plateau schedule takes a first NaN for no value", () => {
    const optimizer = { lr: 1 };
    const schedule = new ReduceLROnPlateau(optimizer, { factor: 0.5, patience: 0 });
    const rates = [Number.NaN, 3, 2, Number.NaN, 1, 1].map((loss) => {
      schedule.step(loss);
      return optimizer.lr;
    });
    expect(rates).toEqual([1, 1, 1, 1, 1, 0.5]);
  });
});

test("what counts beside what does not is weighed alone", () => {
  const loss = new CrossEntropyLoss(rt, { weight: [1, 3, 0] });
  const z = draws(9)(9);
  const { loss: value, weight, gradient } = loss.forward(rt.tensor(z, [3, 3]), rt.tensor(Int32Array.of(1, 2, IGNORED), [3]));
  const sum = Math.log(Math.exp(z[0]) + Math.exp(z[1]) + Math.exp(z[2]));
  expect(weight).toBe(3);
  expect(value).toBeCloseTo(sum - z[1], 6);
  expectBits("rows that count nothing", gradient.toArray().slice(3), new Float32Array(6));
});
