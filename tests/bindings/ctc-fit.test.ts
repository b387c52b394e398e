/** Label sequences as targets: of a length of their own, in everything that trains and measures. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  Adam,
  ArgumentError,
  CrossEntropyLoss,
  Dense,
  evaluate,
  fit,
  type Layer,
  LSTM,
  Model,
  NonFiniteError,
  predict,
  type Runtime,
  type SampleArray,
  Sequential,
  ShapeError,
  type Tensor,
} from "../../bindings/index.js";
import { CTCLoss, ctcGreedy } from "../../bindings/sequence.js";
import { draws, expectBits, expectClose } from "../helpers/compare.js";
import { expectRejection } from "../helpers/refusal.js";
import { operatorRuntime } from "../helpers/runtime.js";
import { ctcSequence } from "../reference/ctc.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await operatorRuntime({ dtype: "f64", seed: 4 });
});
afterEach(() => rt.dispose());

/** Labels 1 … 3 of a word, each said for some steps as noisy features, silence between. */
function spoken(count: number, seed: number): { x: number[][]; y: number[] }[] {
  const draw = draws(seed);
  const upTo = (n: number) => Math.floor((draw(1)[0] / 2 + 0.5) * n);
  return Array.from({ length: count }, (_, i) => {
    const y = Array.from({ length: i % 7 === 3 ? 0 : 1 + upTo(4) }, () => 1 + upTo(3));
    const say = (label: number, steps: number) =>
      Array.from({ length: steps }, () => [0, 1, 2, 3].map((k) => (k === label ? 1 : 0) + 0.1 * draw(1)[0]));
    return { x: [...say(0, 1 + upTo(2)), ...y.flatMap((label) => [...say(label, 1 + upTo(3)), ...say(0, 1 + upTo(2))])], y };
  });
}

function recogniser(batchFirst: boolean, hiddenSize = 8): Sequential {
  const lstm = new LSTM(rt, { inputSize: 4, hiddenSize, bidirectional: true, batchFirst });
  return new Sequential(rt, [lstm, new Dense(rt, { inputSize: 2 * hiddenSize, outputSize: 4 })]);
}

/** The share of label sequences that greedy decoding has whole. */
const whole = (prediction: SampleArray, target: SampleArray) => Number(ctcGreedy(prediction).join() === target.data.join());

/** Mean of l/max(S, 1) over the samples, each alone, by the naive twin. */
async function meanOf(model: Sequential, data: readonly { x: number[][]; y: ArrayLike<number> }[]): Promise<number> {
  const predictions = (await predict(
    model,
    data.map(({ x }) => x),
    { batchSize: 1 },
  )) as { data: ArrayLike<number> }[];
  const losses = predictions.map(({ data: z }, i) => {
    const { x, y } = data[i] as (typeof data)[number];
    const rows = x.map((_, t) => Array.from({ length: 4 }, (_, c) => z[4 * t + c] as number));
    return ctcSequence(rows, Array.from(y), 0).loss / Math.max(y.length, 1);
  });
  return losses.reduce((a, b) => a + b) / losses.length;
}

describe("label sequences in fit", () => {
  it.each([false, true])("a recogniser learns, in buckets, shuffled, with validation; batchFirst %s", async (batchFirst) => {
    const model = recogniser(batchFirst);
    const [loss, optimizer] = [new CTCLoss(rt), new Adam(model.parameters(), { lr: 0.02 })];
    const data = spoken(60, 1).map(({ x, y }, i) => ({ x, y: i % 2 ? y : Int32Array.from(y) }));
    const held = spoken(20, 2);
    const history = await fit(model, {
      ...{ data, loss, optimizer, epochs: 25, batchSize: 7, bucketByLength: true, shuffle: true },
      ...{ validation: held, metrics: [{ whole }] },
    });
    const last = history.epochs.at(-1);
    expect(last?.validation?.whole).toBeGreaterThan(0.9);
    const { loss: measured, whole: share } = await evaluate(model, { data: held, loss, metrics: [{ whole }], batchSize: 6 });
    expectClose("loss", [measured], [await meanOf(model, held)], 1e-9);
    expectClose("one by one", [(await evaluate(model, { data: held, loss, batchSize: 1 })).loss], [measured], 1e-12);
    const sum = new CTCLoss(rt, { reduction: "sum" });
    expectClose(
      "sum",
      [(await evaluate(model, { data: held, loss: sum, batchSize: 6 })).loss],
      [(await evaluate(model, { data: held, loss: sum, batchSize: 1 })).loss],
      1e-12,
    );
    expect(share).toBe(last?.validation?.whole);
  });

  it("metrics get each sample's own steps and labels", async () => {
    const model = recogniser(false);
    const data = spoken(9, 3);
    const seen: { steps: number; labels: number[]; shape: readonly number[] }[] = [];
    const look = (prediction: SampleArray, target: SampleArray) => {
      expect(prediction.data).toHaveLength(4 * (prediction.shape[0] as number));
      return seen.push({ steps: prediction.shape[0] as number, labels: [...target.data], shape: target.shape });
    };
    await evaluate(model, { data, loss: new CTCLoss(rt), metrics: [{ look }], batchSize: 4 });
    expect(seen).toEqual(data.map(({ x, y }) => ({ steps: x.length, labels: y, shape: [y.length] })));
    expect(data.some(({ y }) => y.length === 0)).toBe(true);
  });

  it("accumulated batches are one batch, to rounding", async () => {
    const weights: number[][] = [];
    for (const [batchSize, accumulate] of [
      [12, 1],
      [4, 3],
    ] as const) {
      rt.dispose();
      rt = await operatorRuntime({ dtype: "f64", seed: 4 });
      const model = recogniser(false, 3);
      const optimizer = new Adam(model.parameters(), { lr: 0.02 });
      await fit(model, { data: spoken(12, 5), loss: new CTCLoss(rt), optimizer, epochs: 3, batchSize, accumulate, shuffle: false });
      weights.push(model.parameters().flatMap((parameter) => [...parameter.toArray()]));
    }
    expectClose("weights", weights[1] as number[], weights[0] as number[], 1e-8);
  });

  it("a checkpoint goes on to the same bits", async () => {
    let bytes: Uint8Array | undefined;
    const run = async (epochs: number, seed: number, resume?: Uint8Array) => {
      rt.dispose();
      rt = await operatorRuntime({ dtype: "f64", seed });
      const model = recogniser(false, 3);
      const optimizer = new Adam(model.parameters(), { lr: 0.02 });
      const checkpoint = {
        save(written: Uint8Array) {
          bytes = written;
        },
      };
      const options = { data: spoken(12, 5), loss: new CTCLoss(rt), optimizer, batchSize: 5, metrics: [{ whole }], epochs };
      await fit(model, { ...options, checkpoint, ...(resume && { resume }) });
      return model.parameters().flatMap((parameter) => [...parameter.toArray()]);
    };
    const straight = await run(4, 4);
    await run(2, 4);
    expectBits("resumed", await run(4, 99, bytes), straight);
  });

  it("by name, beside classes of every step", async () => {
    class Two extends Model<{ lstm: Layer; words: Layer; tags: Layer }> {
      constructor() {
        const dense = (outputSize: number) => new Dense(rt, { inputSize: 6, outputSize });
        super(rt, { lstm: new LSTM(rt, { inputSize: 4, hiddenSize: 6 }), words: dense(4), tags: dense(2) });
      }
      override forward(x: Tensor, options?: { lengths?: ArrayLike<number> }) {
        const { lstm, words, tags } = this.layers as unknown as { lstm: LSTM; words: Dense; tags: Dense };
        const { output } = lstm.forward(x, options);
        return { words: words.forward(output), tags: tags.forward(output) } as never;
      }
    }
    const model = new Two();
    const data = spoken(10, 6).map(({ x, y }) => ({ x, y: { words: y, tags: x.map((row) => Number((row[0] as number) > 0.5)) } }));
    const loss = { words: new CTCLoss(rt), tags: new CrossEntropyLoss(rt) };
    const optimizer = new Adam(model.parameters(), { lr: 0.02 });
    const { epochs } = await fit(model, {
      data,
      loss,
      optimizer,
      epochs: 15,
      batchSize: 4,
      metrics: { words: [{ whole }], tags: ["accuracy"] },
    });
    expect(epochs.at(-1)?.["words.loss"]).toBeLessThan((epochs[0]?.["words.loss"] as number) / 1.5);
    expect(epochs.at(-1)?.["tags.accuracy"]).toBeGreaterThan(0.8);
  });
});

describe("what is wrong with label sequences", () => {
  const common = () => {
    const model = recogniser(false);
    return { model, optimizer: new Adam(model.parameters()), loss: new CTCLoss(rt) };
  };

  it("is said of the sample and the label", async () => {
    const { model, optimizer, loss } = common();
    const good = spoken(3, 1);
    const run = (data: unknown) => fit(model, { data: data as typeof good, loss, optimizer, epochs: 1, shuffle: false });
    const y = [1, 2, 3, 1, 2, 3];
    const x = Array.from({ length: 20 }, () => [0, 0, 0, 0]);
    await expectRejection(
      run([...good, { x, y: [...y, 4] }]),
      ArgumentError,
      "y[6] of sample 3: expected a label in 0 … 3, not the blank, 0, got 4",
    );
    await expectRejection(run([...good, { x, y: [...y, 0] }]), ArgumentError, "y[6] of sample 3: expected a label in 0 … 3");
    await expectRejection(run([{ x, y: 7 }]), ArgumentError, "y of sample 0: expected a label in 0 … 3, not the blank, 0, got 7");
    await expectRejection(run([{ x, y: [1.5] }]), ArgumentError, "y[0] of sample 0: expected a 32-bit integer");
    await expectRejection(run([{ x, y: "ab" }]), ArgumentError, "y of sample 0");
    await expectRejection(run([{ x: x.slice(0, 2), y: [1, 1] }]), NonFiniteError, "the loss is Infinity");
  });

  it("is said of the metrics, the scaler and the prediction", async () => {
    const { model, optimizer, loss } = common();
    const data = spoken(3, 1);
    const run = (more: object) => fit(model, { data, loss, optimizer, epochs: 1, ...more });
    await expectRejection(run({ metrics: ["accuracy"] }), ArgumentError, "metrics[0]: expected your own, the targets being labels");
    await expectRejection(run({ metrics: ["mae"] }), ArgumentError, "metrics[0]: expected your own, the targets being labels");
    const flat = new Sequential(rt, [new LSTM(rt, { inputSize: 4, hiddenSize: 4 })]);
    const narrow = fit(flat, { data, loss: new CTCLoss(rt, { blank: 5 }), optimizer: new Adam(flat.parameters()), epochs: 1 });
    await expectRejection(narrow, ShapeError, "logits: expected […, C], C over 5");
  });
});
