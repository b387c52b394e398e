/** Several at once on one model: evaluations beside each other and beside a run change nothing; two runs are refused. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  ArgumentError,
  CrossEntropyLoss,
  Dense,
  Dropout,
  Embedding,
  type Evaluation,
  evaluate,
  fit,
  Generator,
  GRU,
  LastStep,
  Model,
  type Runtime,
  type Sample,
  Sequential,
  SGD,
  type Tensor,
} from "../../bindings/index.js";
import { expectBits } from "../helpers/compare.js";
import { testRuntime, valuesOf } from "../helpers/runtime.js";

let rt: Runtime;
let loss: CrossEntropyLoss;
beforeEach(async () => {
  rt = await testRuntime({ seed: 4, dtype: "f64" });
  loss = new CrossEntropyLoss(rt);
});
afterEach(() => rt.dispose());

function samples(count: number, seed = 1): Sample[] {
  const random = new Generator(seed);
  return Array.from({ length: count }, () => {
    const x = Int32Array.from({ length: 1 + random.integer(3) }, () => random.integer(5));
    return { x, y: x[0] as number };
  });
}

/** The same, a moment between every two: others get their turn. */
async function* slowly(given: readonly Sample[]): AsyncGenerator<Sample> {
  for (const sample of given) {
    await new Promise((resolve) => setImmediate(resolve));
    yield sample;
  }
}

function classifier(): Sequential {
  const generator = new Generator(9);
  return new Sequential(rt, {
    embedding: new Embedding(rt, { numEmbeddings: 5, embeddingDim: 3, generator }),
    gru: new GRU(rt, { inputSize: 3, hiddenSize: 4, numLayers: 2, dropout: 0.4, generator }),
    last: new LastStep(rt),
    dropout: new Dropout(rt, { p: 0.5, generator }),
    head: new Dense(rt, { inputSize: 4, outputSize: 5, generator }),
  });
}

const modesOf = (model: Model) => model.namedLayers().map(([, layer]) => layer.training);
const bitsOf = (model: Model) => Object.values(valuesOf(model)).flatMap((values) => [...(values as Float64Array)]);

/** Counts the steps that it has gone, in a buffer, and adds the count to its logits. */
class Counting extends Model<{ last: LastStep; head: Dense }> {
  readonly count = rt.zeros([1], { dtype: "f64" });

  override namedBuffers(): [string, Tensor][] {
    return [["count", this.count]];
  }

  forward(x: Tensor): Tensor {
    this.count.set([1 + this.count.at(0)]);
    const logits = this.layers.head.forward(this.layers.last.forward(x));
    return logits.set(logits.toArray().map((z, i) => (i % 2 === 0 ? z + this.count.at(0) : z)));
  }
}

describe("evaluations", () => {
  test("beside each other each gives what it gives alone, and modes are as before", async () => {
    const model = classifier();
    const look = (count: number) => evaluate(model, { data: slowly(samples(count)), loss, metrics: ["accuracy"], batchSize: 1 });
    const alone = [await look(3), await look(12)];
    const [short, long] = await Promise.all([look(3), look(12)]);
    expect([short, long]).toEqual(alone);
    expect(modesOf(model)).toEqual([true, true, true, true, true]);
  });

  test("of a model with buffers, too: each goes on from its own", async () => {
    const model = new Counting(rt, { last: new LastStep(rt), head: new Dense(rt, { inputSize: 1, outputSize: 2 }) });
    const data = (count: number) => slowly(Array.from({ length: count }, (_, i) => ({ x: [i / 4], y: i % 2 })));
    const look = (count: number) => evaluate(model, { data: data(count), loss, batchSize: 1 });
    const alone = [await look(3), await look(8)];
    expect(await Promise.all([look(3), look(8)])).toEqual(alone);
    expect(model.count.at(0)).toBe(0);
  });

  test("that nobody waits for, in a callback: what is learned has the same bits, dropout included", async () => {
    const learned = async (look: (model: Sequential) => void) => {
      const model = classifier();
      const optimizer = new SGD(model.parameters(), { lr: 0.3 });
      const onProgress = ({ step }: { step: number }) => {
        if (step === 2) look(model);
      };
      await fit(model, { data: slowly(samples(24)), loss, optimizer, batchSize: 2, accumulate: 2, callbacks: { onProgress } });
      return model;
    };
    const plain = bitsOf(await learned(() => {}));
    let under: Promise<Evaluation> | undefined;
    const model = await learned((model) => {
      under = evaluate(model, { data: slowly(samples(60, 2)), loss, batchSize: 1 });
    });
    expectBits("weights", bitsOf(model), plain);
    expect(Number.isFinite((await under)?.loss)).toBe(true);
    expect(modesOf(model)).toEqual([false, false, false, false, false]); // as fit has left them
  });
});

describe("two runs", () => {
  const message = "model: expected one that no other fit is training (await that first), got one in training";

  function start(model: Sequential, data = slowly(samples(8)), callbacks = {}) {
    const optimizer = new SGD(model.layers.head?.parameters() ?? [], { lr: 0.1 });
    return fit(model, { data, loss, optimizer, batchSize: 2, accumulate: 2, callbacks });
  }

  test("of one model are refused while the first is under way, which gives what it gives alone", async () => {
    const alone = classifier();
    await start(alone);
    const model = classifier();
    const first = start(model);
    const error = await start(model).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ArgumentError);
    expect((error as Error).message).toBe(message);
    await first;
    expectBits("weights", bitsOf(model), bitsOf(alone));
    expect((await start(model)).steps).toBe(2); // one after the other
  });

  test("of models that share a layer too, unless it is frozen", async () => {
    const model = classifier();
    const { embedding, last } = model.layers as { embedding: Embedding; last: LastStep };
    const other = () => new Sequential(rt, { embedding, last, head: new Dense(rt, { inputSize: 3, outputSize: 5 }) });
    const first = start(model);
    await expect(start(other())).rejects.toThrow(message);
    await first;
    embedding.freeze();
    await Promise.all([start(model), start(other())]);
  });

  test("a run that fails, and one that is refused, leave the model free", async () => {
    const model = classifier();
    async function* broken() {
      yield* samples(2);
      throw new Error("the disk is gone");
    }
    await expect(start(model, broken())).rejects.toThrow("the disk is gone");
    await expect(start(model, slowly([{ x: Int32Array.of(99), y: 0 }]))).rejects.toThrow(/sample 0/);
    const inner: unknown[] = [];
    const onProgress = () => start(model).catch((caught: unknown) => void inner.push(caught));
    await start(model, slowly(samples(2)), { onProgress });
    expect(inner.map((error) => (error as Error).message)).toEqual([message]);
    const onEnd = () => start(model);
    await start(model, slowly(samples(2)), { onEnd }); // over when onEnd is called
  });
});
