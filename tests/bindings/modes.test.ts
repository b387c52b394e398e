/** Training or use: whoever changes the mode of a layer puts it back, and what is learned does not show that anyone did. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  Adam,
  type Callbacks,
  CrossEntropyLoss,
  Dense,
  type Dropout,
  type Embedding,
  evaluate,
  fit,
  type GRU,
  generate,
  gradcheck,
  Model,
  type ModelForwardOptions,
  type Runtime,
  type Sequential,
  type Tensor,
  type Trainable,
} from "../../bindings/index.js";
import { draws, expectBits } from "../helpers/compare.js";
import { testRuntime, valuesOf } from "../helpers/runtime.js";
import { samples, tagger } from "../helpers/tagger.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime({ seed: 5, dtype: "f64" });
});
afterEach(() => rt.dispose());

const modesOf = (model: Model) => model.namedLayers().map(([, layer]) => layer.training);
const bitsOf = (model: Model) => Object.values(valuesOf(model)).flatMap((values) => [...(values as Float64Array)]);

async function learned(callbacksOf: (model: Sequential) => Callbacks): Promise<number[]> {
  const model = tagger(rt);
  const common = { loss: new CrossEntropyLoss(rt), optimizer: new Adam(model.parameters(), { lr: 0.05 }), seed: 2 };
  await fit(model, { ...common, data: samples(12), epochs: 2, batchSize: 3, callbacks: callbacksOf(model) });
  return bitsOf(model);
}

const looks: [string, (model: Sequential) => unknown][] = [
  ["evaluate", (model) => evaluate(model, { data: samples(5), loss: new CrossEntropyLoss(rt), metrics: ["accuracy"] })],
  ["generate", (model) => generate(model, [1, 2], { length: 5 })],
  [
    "gradcheck, between eval() and train()",
    (model) => {
      model.eval();
      const x = rt.tensor(Int32Array.of(1, 2, 3, 4), [2, 2]);
      expect(gradcheck(model, x).passed).toBe(true);
      x.dispose();
      model.train();
    },
  ],
  [
    "an evaluate that throws",
    async (model) => {
      const data = [...samples(2), { x: Int32Array.of(99), y: [0] }];
      await expect(evaluate(model, { data, loss: new CrossEntropyLoss(rt), batchSize: 2 })).rejects.toThrow(/sample 2/);
    },
  ],
  [
    "an evaluate whose source throws",
    async (model) => {
      function* broken() {
        yield* samples(2);
        throw new Error("the disk is gone");
      }
      await expect(evaluate(model, { data: broken(), loss: new CrossEntropyLoss(rt), batchSize: 1 })).rejects.toThrow("the disk is gone");
    },
  ],
];

describe.each(looks)("in a callback, %s", (what, look) => {
  test.each(["onProgress", "onEpoch", "onEnd"] as const)("%s: what is learned has the same bits", async (name) => {
    const plain = await learned(() => ({}));
    expectBits("weights", await learned((model) => ({ [name]: () => look(model) })), plain);
  });

  test("every layer's mode is as it was, also where they differ", async () => {
    const model = tagger(rt);
    const parts = model.layers as { embedding: Embedding; gru: GRU; dropout: Dropout; head: Dense };
    const keeps = async (change: () => unknown) => {
      change();
      const before = modesOf(model);
      if (what.startsWith("gradcheck")) expect(gradcheck(parts.head, rt.tensor(draws(1)(8), [2, 4])).passed).toBe(true);
      else await look(model);
      expect(modesOf(model)).toEqual(before);
    };
    await keeps(() => model.train());
    await keeps(() => model.eval());
    await keeps(() => parts.dropout.train());
    await keeps(() => {
      model.train();
      parts.gru.eval();
    });
    await keeps(() => {
      model.eval();
      parts.gru.train();
      parts.head.train();
    });
  });
});

/** With modes of its own beside the layers'. */
class Noisy extends Model<{ dense: Dense }> {
  noisy = true;
  readonly seen: boolean[] = [];

  forward(x: Tensor, _options?: ModelForwardOptions): Tensor {
    this.seen.push(this.noisy);
    return this.layers.dense.forward(x);
  }

  override train(): this {
    this.noisy = true;
    return super.train();
  }

  override eval(): this {
    this.noisy = false;
    return super.eval();
  }
}

describe("models of one's own", () => {
  const data = () => [0, 1, 2, 3].map((i) => ({ x: [[i, 1]], y: [i % 2] }));

  test("train() and eval() of their own are heard, and put back", async () => {
    const model = new Noisy(rt, { dense: new Dense(rt, { inputSize: 2, outputSize: 2 }) });
    const loss = new CrossEntropyLoss(rt);
    const onProgress = () => evaluate(model, { data: data(), loss });
    await fit(model, { data: data(), loss, optimizer: new Adam(model.parameters()), batchSize: 2, callbacks: { onProgress } });
    expect(model.seen).toEqual([true, false, true, false]);
    expect(model.noisy).toBe(false);
    model.train();
    await evaluate(model, { data: data(), loss });
    expect([model.noisy, model.layers.dense.training]).toEqual([true, true]);
  });

  test("one that shows no mode is set to training before every batch", async () => {
    const inner = new Noisy(rt, { dense: new Dense(rt, { inputSize: 2, outputSize: 2 }) });
    const model: Trainable = {
      runtime: rt,
      forward: (x) => inner.forward(x),
      namedParameters: () => inner.namedParameters(),
      train: () => inner.train(),
      eval: () => inner.eval(),
    };
    const loss = new CrossEntropyLoss(rt);
    const onProgress = () => evaluate(model, { data: data(), loss });
    await fit(model, { data: data(), loss, optimizer: new Adam(inner.parameters()), batchSize: 2, callbacks: { onProgress } });
    expect(inner.seen).toEqual([true, false, true, false]);
  });

  test("fit ends in eval(), also when it fails", async () => {
    const model = tagger(rt);
    const common = { loss: new CrossEntropyLoss(rt), optimizer: new Adam(model.parameters()) };
    const stop = () => {
      throw new Error("enough");
    };
    await expect(fit(model, { ...common, data: samples(4), callbacks: { onProgress: stop } })).rejects.toThrow("enough");
    expect(modesOf(model)).toEqual([false, false, false, false]);
  });
});
