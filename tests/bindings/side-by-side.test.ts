/** Several runs and evaluations of one model at once, and sources that keep them waiting. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  Adam,
  ArgumentError,
  CrossEntropyLoss,
  Dense,
  evaluate,
  type FitOptions,
  fit,
  Model,
  type Runtime,
  type Sample,
  Sequential,
  type Tensor,
  type Trainable,
} from "../../bindings/index.js";
import { expectBits } from "../helpers/compare.js";
import { testRuntime, valuesOf } from "../helpers/runtime.js";
import { samples, tagger } from "../helpers/tagger.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime({ seed: 5, dtype: "f64" });
});
afterEach(() => rt.dispose());

const pause = () => new Promise((resolve) => void setImmediate(resolve));
const modesOf = (model: Model) => model.namedLayers().map(([, layer]) => layer.training);
const bitsOf = (model: Model) => Object.values(valuesOf(model)).flatMap((values) => [...(values as Float64Array)]);

async function* slowly(data: readonly Sample[]): AsyncGenerator<Sample> {
  for (const sample of data) {
    await pause();
    yield sample;
  }
}

describe("evaluate", () => {
  test("two at once, of which the first to begin is the first to end: each has its own loss, modes are as before", async () => {
    const model = tagger(rt);
    const loss = new CrossEntropyLoss(rt);
    const [few, many] = [samples(5).slice(0, 2), samples(20)];
    const alone = [await evaluate(model, { data: few, loss, batchSize: 1 }), await evaluate(model, { data: many, loss, batchSize: 1 })];
    const modes = modesOf(model);
    const both = await Promise.all([
      evaluate(model, { data: slowly(few), loss, batchSize: 1 }),
      evaluate(model, { data: slowly(many), loss, batchSize: 1 }),
    ]);
    expect(both).toEqual(alone);
    expect(modes).toEqual([true, true, true, true]);
    expect(modesOf(model)).toEqual(modes);
  });

  test("beside a fit: neither shows in the other", async () => {
    const [plain, watched] = [tagger(rt), tagger(rt)];
    const loss = new CrossEntropyLoss(rt);
    const options = (model: Model) => ({
      data: samples(8),
      loss,
      seed: 2,
      batchSize: 2,
      optimizer: new Adam(model.parameters(), { lr: 0 }),
    });
    await fit(plain, { ...options(plain), epochs: 3 });
    const expected = await evaluate(plain, { data: samples(20), loss });
    const callbacks = { onProgress: pause };
    const [history, beside] = await Promise.all([
      fit(watched, { ...options(watched), epochs: 3, callbacks }),
      evaluate(watched, { data: slowly(samples(20)), loss }),
    ]);
    expect(beside).toEqual(expected);
    const third = tagger(rt);
    expect(history.epochs.map((epoch) => epoch.loss)).toEqual(
      (await fit(third, { ...options(third), epochs: 3 })).epochs.map((epoch) => epoch.loss),
    );
  });

  test("a model that carries a state from batch to batch: two at once carry one each", async () => {
    class Summing extends Model {
      readonly sum = rt.zeros([1]);
      override namedBuffers(): [string, Tensor][] {
        return [["sum", this.sum]];
      }
      forward(x: Tensor): Tensor {
        this.sum.set([this.sum.at(0) + x.at(0)]);
        const y = rt.tensor([this.sum.at(0), 0], [1, 2]);
        const result = (this.layers.head as Dense).forward(y);
        return result;
      }
    }
    const head = new Dense(rt, { inputSize: 2, outputSize: 2 });
    const model = new Summing(rt, { head });
    const loss = new CrossEntropyLoss(rt);
    const data = [1, 2, 3, 4].map((x): Sample => ({ x: [x], y: 1 }));
    const others = [5, 6].map((x): Sample => ({ x: [x], y: 0 }));
    const alone = [await evaluate(model, { data, loss, batchSize: 1 }), await evaluate(model, { data: others, loss, batchSize: 1 })];
    const both = await Promise.all([
      evaluate(model, { data: slowly(data), loss, batchSize: 1 }),
      evaluate(model, { data: slowly(others), loss, batchSize: 1 }),
    ]);
    expect(both).toEqual(alone);
    expect(model.sum.at(0)).toBe(0);
  });
});

describe("fit", () => {
  const common = (model: Model): FitOptions => {
    return {
      data: samples(8),
      loss: new CrossEntropyLoss(rt),
      optimizer: new Adam(model.parameters()),
      batchSize: 2,
      accumulate: 2,
      seed: 2,
    };
  };

  test("a second one at once is refused, and does not show in the first", async () => {
    const [plain, model] = [tagger(rt), tagger(rt)];
    await fit(plain, common(plain));
    const first = fit(model, { ...common(model), callbacks: { onProgress: pause } });
    await expect(fit(model, common(model))).rejects.toThrow("model: expected one that no other fit is training");
    await first;
    expectBits("weights", bitsOf(model), bitsOf(plain));
    await fit(model, common(model)); // it is over
  });

  test("one inside of a callback is refused; after an error the model is free again", async () => {
    const model = tagger(rt);
    const callbacks = { onProgress: () => fit(model, common(model)) };
    await expect(fit(model, { ...common(model), callbacks })).rejects.toThrow(ArgumentError);
    await fit(model, common(model));
  });

  test("one of another model that shares a layer is refused", async () => {
    const model = tagger(rt);
    const { embedding, gru } = model.layers;
    const other = new Sequential(rt, { embedding, gru, head: new Dense(rt, { inputSize: 4, outputSize: 5 }) });
    const first = fit(model, { ...common(model), callbacks: { onProgress: pause } });
    await expect(fit(other, common(other))).rejects.toThrow(ArgumentError);
    await first;
  });

  test("what someone else's optimizer or model shows, and is none, is refused", async () => {
    const model = tagger(rt);
    const { optimizer, ...rest } = common(model);
    const foreign = {
      lr: 0.1,
      step: () => optimizer.step(),
      zeroGrad: () => optimizer.zeroGrad(),
      state: () => ({ tensors: {} }),
      load: () => {},
    };
    for (const parameters of [5, [null], "abc"] as never[])
      await expect(fit(model, { ...rest, optimizer: { ...foreign, parameters } })).rejects.toThrow(
        /optimizer\.parameters: expected an array/,
      );
    const wrapped: Trainable = {
      ...{ runtime: rt, train: () => model.train(), eval: () => model.eval(), forward: (x, options) => model.forward(x, options) },
      namedParameters: () => model.namedParameters(),
    };
    for (const [name, value] of Object.entries({ namedParameters: null, namedLayers: 7, namedBuffers: [["a", 1]] }))
      await expect(fit({ ...wrapped, [name]: () => value } as Trainable, common(model))).rejects.toThrow(`model.${name}`);
    const layers = model.namedLayers().map(([name]): [string, object] => [name, { training: true }]); // layers that say little
    const bytes: Uint8Array[] = [];
    await fit({ ...wrapped, namedLayers: () => layers } as Trainable, {
      ...common(model),
      checkpoint: { save: (one) => void bytes.push(one) },
    });
    expect(bytes.length).toBe(1);
  });
});

describe("a source that keeps one waiting for ever, and a signal", () => {
  const data = samples(8);
  const options = (model: Model, accumulate: number): FitOptions => ({
    ...{ data: () => data, loss: new CrossEntropyLoss(rt), optimizer: new Adam(model.parameters()), batchSize: 1, accumulate, epochs: 2 },
  });
  /** In epoch 1, and there before a sample. */
  const stuck = (at: number, aborted: () => void) => (epoch: number) =>
    (async function* () {
      for (const [i, sample] of data.entries()) {
        if (epoch === 1 && i === at) {
          aborted();
          await new Promise(() => {});
        }
        yield sample;
      }
    })();

  test.each([
    [1, 0],
    [1, 3],
    [3, 0],
    [3, 1],
    [3, 3],
    [3, 5],
    [3, 7],
  ])("accumulating %i, before sample %i: the checkpoint goes on to the same bits", async (accumulate, at) => {
    const [whole, cut, rest] = [tagger(rt), tagger(rt), tagger(rt)];
    await fit(whole, options(whole, accumulate));
    const controller = new AbortController();
    const saved: Uint8Array[] = [];
    const checkpoint = { save: (bytes: Uint8Array) => void saved.push(bytes) };
    const source = stuck(at, () => void setTimeout(() => controller.abort(new Error("enough"))));
    const run = fit(cut, { ...options(cut, accumulate), data: source, checkpoint, signal: controller.signal });
    await expect(run).rejects.toThrow("enough");
    await fit(rest, { ...options(rest, accumulate), resume: saved.at(-1) as Uint8Array });
    expectBits("weights", bitsOf(rest), bitsOf(whole));
  });

  test("in a validation, and where the source throws the signal's reason itself", async () => {
    const controller = new AbortController();
    const model = tagger(rt);
    const validation = () => stuck(2, () => void setTimeout(() => controller.abort(new Error("enough"))))(1);
    await expect(fit(model, { ...options(model, 1), validation, signal: controller.signal })).rejects.toThrow("enough");
    const another = new AbortController();
    let saved = 0;
    async function* throwing() {
      yield* data.slice(0, 3);
      another.abort(new Error("by itself"));
      another.signal.throwIfAborted();
    }
    const checkpoint = { save: () => void saved++ };
    await expect(fit(model, { ...options(model, 1), data: throwing, checkpoint, signal: another.signal })).rejects.toThrow("by itself");
    expect(saved).toBe(1);
  });
});
