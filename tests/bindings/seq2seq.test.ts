/** Seq2Seq: PyTorch, differences, bits, scheduled sampling, what goes into files. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  Adam,
  CrossEntropyLoss,
  DTypeError,
  Embedding,
  evaluate,
  type Frame,
  fit,
  GRU,
  gradcheck,
  loadModel,
  Model,
  type ModelForwardOptions,
  predict,
  type Runtime,
  SGD,
  ShapeError,
  type Tensor,
} from "../../bindings/index.js";
import * as ops from "../../bindings/ops.js";
import { RecurrentEncoder, Seq2Seq, type Seq2SeqOptions, type SourceEncoder } from "../../bindings/sequence.js";
import { expectBits, expectEach } from "../helpers/compare.js";
import { operatorFrame } from "../helpers/operator-frame.js";
import { operatorRuntime, tokensOf } from "../helpers/runtime.js";

interface Golden {
  options: Partial<Seq2SeqOptions>;
  weights: Record<string, number[]>;
  first: number[][];
  losses: number[];
}
const golden = JSON.parse(readFileSync(new URL("../golden/seq2seq.json", import.meta.url), "utf8")) as {
  sizes: Seq2SeqOptions;
  sources: number[][];
  targets: number[][];
  rate: number;
  variants: Golden[];
};

const SIZES = { sourceVocabularySize: 6, targetVocabularySize: 7, embeddingDim: 3, hiddenSize: 4, bos: 5, eos: 6 };
const VARIANTS: Partial<Seq2SeqOptions>[] = [
  { attention: "general" },
  { attention: "dot", bidirectional: false, inputFeeding: false },
  { attention: "additive", style: "bahdanau", cell: "lstm" },
  { attention: "none", cell: "lstm" },
  { attention: "additive", numLayers: 2, decoderLayers: 1 },
];
const SOURCES = [[3, 1, 4, 1, 5], [2], [0, 4, 2]];
const TARGETS = [
  [1, 4],
  [3, 3, 2, 0],
  [2, 0, 1],
];
const PAIRS = SOURCES.map((source, n) => ({ source, target: TARGETS[n] as number[] }));

/** A padded batch: tokens that are there, whatever lies behind; time-major. */
function batchOf(rt: Runtime, rows: readonly ArrayLike<number>[], padding = 0): { tensor: Tensor; lengths: number[] } {
  const lengths = rows.map(({ length }) => length);
  const T = Math.max(...lengths);
  const tokens = Array.from({ length: T * rows.length }, (_, i) => rows[i % rows.length]?.[Math.floor(i / rows.length)] ?? padding);
  return { tensor: tokensOf(rt, tokens, [T, rows.length]), lengths };
}

/** Logits of each pair, alone. */
function logitsOf(frame: Frame, model: Seq2Seq, pairs = PAIRS): Float64Array[] {
  const { runtime: rt } = model;
  return model.samples(pairs).map(({ x }) => {
    using source = tokensOf(rt, x.source, [x.source.length, 1]);
    using target = tokensOf(rt, x.target, [x.target.length, 1]);
    return Float64Array.from(frame.run(() => model.forward({ source, target }).toArray()));
  });
}

describe.each(golden.variants.map((each) => [JSON.stringify(each.options), each] as const))("PyTorch's, %s", (_, {
  options,
  weights,
  first,
  losses,
}) => {
  test("first logits, and the losses of steps", async () => {
    const { rt, frame } = await operatorFrame();
    const model = new Seq2Seq(rt, { ...golden.sizes, ...options, dtype: "f64" });
    expect(model.namedParameters().map(([name]) => name)).toEqual(Object.keys(weights));
    for (const [name, parameter] of model.namedParameters()) parameter.set(weights[name] as number[]);
    const pairs = golden.sources.map((source, n) => ({ source, target: golden.targets[n] as number[] }));
    for (const [n, logits] of logitsOf(frame, model, pairs).entries()) expectEach(`pair ${n}`, logits, first[n] as number[], 1e-9, 1e-9);
    const optimizer = new SGD(model.parameters(), { lr: golden.rate });
    const loss = new CrossEntropyLoss(rt, { dtype: "f64" });
    const data = model.samples(pairs);
    const { epochs } = await fit(model, { data, loss, optimizer, epochs: losses.length, shuffle: false });
    for (const [i, want] of losses.entries()) expect(epochs[i]?.loss, `step ${i}`).toBeCloseTo(want, 8);
    for (const each of [loss, optimizer, model]) each.dispose();
  });
});

test.each(VARIANTS.map((each) => [JSON.stringify(each), each] as const))("differences: of all parameters, %s", async (_, options) => {
  const { rt } = await operatorFrame();
  const model = new Seq2Seq(rt, { ...SIZES, hiddenSize: 2, embeddingDim: 2, ...options, dtype: "f64" });
  if (options.attention === "dot") expect(model.layers.attention?.parameters()).toEqual([]);
  const [source, target] = [batchOf(rt, [[3, 1], [2]]), batchOf(rt, [[5], [5, 1]])];
  const lengths = { source: source.lengths, target: target.lengths };
  using mask = rt.tensor([1, 1, 0, 1], [2, 2, 1], { dtype: "f64" }); // what is predicted in the padding is for nobody
  const counted = {
    parameters: () => model.parameters(),
    namedParameters: () => model.namedParameters(),
    zeroGrad: () => model.zeroGrad(),
    forward: (x: never) => ops.mul(model.forward(x, { lengths }), mask),
  };
  expect(gradcheck(counted, { source: source.tensor, target: target.tensor })).toMatchObject({ passed: true });
  for (const each of [model, source.tensor, target.tensor]) each.dispose();
});

describe.each(VARIANTS.map((each) => [JSON.stringify(each), each] as const))("bits, %s", (_, options) => {
  test("logits, alone or padded in a batch, and whatever the padding", async () => {
    const { rt, frame } = await operatorFrame();
    const model = new Seq2Seq(rt, { ...SIZES, ...options });
    const alone = logitsOf(frame, model);
    for (const padding of [0, 5]) {
      const samples = model.samples(PAIRS);
      const [source, target] = [
        batchOf(rt, SOURCES, padding),
        batchOf(
          rt,
          samples.map(({ x }) => x.target),
          padding,
        ),
      ];
      const lengths = { source: source.lengths, target: target.lengths };
      const together = frame.run(() => model.forward({ source: source.tensor, target: target.tensor }, { lengths }).toArray());
      for (const [n, want] of alone.entries()) {
        const V = SIZES.targetVocabularySize;
        const own = Float64Array.from(want, (_, i) => together[(Math.floor(i / V) * PAIRS.length + n) * V + (i % V)] as number);
        expectBits(`pair ${n}`, own, want);
      }
      for (const each of [source.tensor, target.tensor]) each.dispose();
    }
    model.dispose();
  });

  test("predict and evaluate do not depend on the batch; a file gives the same", async () => {
    const { rt, frame } = await operatorFrame();
    const model = new Seq2Seq(rt, { ...SIZES, ...options, dropout: 0.3 });
    const data = model.samples(PAIRS);
    const [together, apart] = [await predict(model, data), await predict(model, data, { batchSize: 1 })];
    for (const [n, { data }] of together.entries()) expectBits(`pair ${n}`, data, apart[n]?.data ?? []);
    const again = loadModel<Seq2Seq>(rt, model.save(), { classes: { Seq2Seq } });
    model.eval();
    for (const [n, logits] of logitsOf(frame, again).entries()) expectBits(`pair ${n}`, logits, logitsOf(frame, model)[n] ?? []);
    expect(again.config()).toEqual(model.config());
    for (const each of [again, model]) each.dispose();
  });
});

test("steps one by one are all at once, where no input waits for an output", async () => {
  const { rt, frame } = await operatorFrame();
  const model = new Seq2Seq(rt, { ...SIZES, inputFeeding: false, numLayers: 2 });
  expect(model.decoder.isParallel).toBe(true);
  const [source, target] = [tokensOf(rt, [3, 1, 4, 1, 5], [5, 1]), tokensOf(rt, [5, 1, 4], [3, 1])];
  frame.run(() => {
    const begun = model.decoder.begin(source, undefined);
    const together = model.decoder.logits(model.decoder.all(target, begun, undefined)).toArray();
    const apart = model.decoder.fed(target, begun, () => false).toArray();
    expectBits("logits", apart, together);
  });
  for (const each of [source, target, model]) each.dispose();
});

describe("scheduled sampling", () => {
  const schedule = { from: 0.2, to: 0.8, steps: 6, seed: 3 };

  test("the probability goes in a straight line, with training batches alone", async () => {
    const rt = await operatorRuntime({ seed: 2 });
    const model = new Seq2Seq(rt, { ...SIZES, scheduledSampling: schedule });
    const [loss, optimizer] = [new CrossEntropyLoss(rt), new SGD(model.parameters(), { lr: 0.1 })];
    const data = model.samples([...PAIRS, ...PAIRS]);
    const seen: number[] = [];
    const callbacks = { onProgress: () => void seen.push(model.samplingProbability) };
    await fit(model, { data, loss, optimizer, epochs: 2, batchSize: 2, validation: data, callbacks });
    for (const [i, probability] of seen.entries()) expect(probability).toBeCloseTo(0.2 + 0.1 * (i + 1), 12);
    await evaluate(model, { data, loss });
    expect(model.samplingProbability).toBeCloseTo(0.8, 12);
    rt.dispose();
  });

  test("always: the decoder is fed its own likeliest tokens; never: the target's", async () => {
    const { rt, frame } = await operatorFrame();
    const model = new Seq2Seq(rt, { ...SIZES });
    const [source, target] = [tokensOf(rt, [3, 1, 4], [3, 1]), tokensOf(rt, [5, 0, 1, 2], [4, 1])];
    const V = SIZES.targetVocabularySize;
    const fed = (asks: () => boolean) =>
      Float64Array.from(frame.run(() => model.decoder.fed(target, model.decoder.begin(source, undefined), asks).toArray()));
    const own = fed(() => true);
    const likeliest = (t: number) =>
      own.subarray(t * V, (t + 1) * V).reduce((best, z, i, row) => (z > (row[best] as number) ? i : best), 0);
    using said = tokensOf(rt, [5, likeliest(0), likeliest(1), likeliest(2)], [4, 1]);
    expectBits("its own", own, Float64Array.from(frame.run(() => model.forward({ source, target: said }).toArray())));
    expectBits(
      "the target's",
      fed(() => false),
      Float64Array.from(frame.run(() => model.forward({ source, target }).toArray())),
    );
    for (const each of [source, target, model]) each.dispose();
  });

  test("a run that is stopped and resumed has the bits of one that was not", async () => {
    const train = async (epochs: number, resume?: Uint8Array) => {
      const rt = await operatorRuntime({ seed: 2 });
      const model = new Seq2Seq(rt, { ...SIZES, dropout: 0.2, scheduledSampling: schedule });
      const data = model.samples([...PAIRS, ...PAIRS]);
      let saved: Uint8Array = new Uint8Array();
      const checkpoint = {
        every: 1,
        save: (bytes: Uint8Array) => {
          saved = bytes;
        },
      };
      const [loss, optimizer] = [new CrossEntropyLoss(rt, { labelSmoothing: 0.1 }), new Adam(model.parameters(), { lr: 0.05 })];
      const how = { data, loss, optimizer, batchSize: 2, seed: 1, checkpoint };
      let steps = 0;
      const callbacks = { onProgress: (_: unknown, training: { stop(): void }) => void (++steps === 4 && epochs === 1 && training.stop()) };
      await fit(model, { ...how, epochs: 3, callbacks, ...(resume && { resume }) });
      const values = model.parameters().map((parameter) => parameter.toArray());
      const { samplingProbability } = model;
      rt.dispose();
      return { saved, values, samplingProbability };
    };
    const [whole, part] = [await train(3), await train(1)];
    expect(part.samplingProbability).toBeLessThan(whole.samplingProbability);
    const resumed = await train(3, part.saved);
    expect(resumed.samplingProbability).toBe(whole.samplingProbability);
    for (const [i, values] of whole.values.entries()) expectBits(`parameter ${i}`, resumed.values[i] ?? [], values);
  });
});

test("an encoder of one's own, saved and loaded by a class of one's own", async () => {
  const { rt, frame } = await operatorFrame();
  class Backwards extends Model<{ words: Embedding; gru: GRU }> implements SourceEncoder {
    readonly outputSize = 6;
    readonly stateSize = 6;
    constructor(rt: Runtime) {
      super(rt, { words: new Embedding(rt, { numEmbeddings: 6, embeddingDim: 3 }), gru: new GRU(rt, { inputSize: 3, hiddenSize: 6 }) });
    }
    override forward(source: Tensor, { lengths }: ModelForwardOptions = {}) {
      const { output, state } = this.layers.gru.forward(this.layers.words.forward(source), { lengths });
      return { output, state: ops.squeeze(state.h, 0) };
    }
  }
  class Mine extends Seq2Seq {
    constructor(rt: Runtime, options: Seq2SeqOptions) {
      super(rt, options, { encoder: new Backwards(rt) });
    }
  }
  const model = new Mine(rt, SIZES);
  const again = loadModel<Mine>(rt, model.save(), { classes: { Mine } });
  const [want, got] = [model, again].map((each) => each.greedy(SOURCES, { length: 5 }));
  expect(got).toEqual(want);
  expect(frame.run(() => again.forward).name).toBe("forward");
  for (const each of [again, model]) each.dispose();
});

test("what does not fit is refused", async () => {
  const { rt, frame } = await operatorFrame();
  const model = new Seq2Seq(rt, SIZES);
  const [source, target] = [tokensOf(rt, [1, 2], [2, 1]), tokensOf(rt, [5, 0, 1, 1], [2, 2])];
  using floats = rt.zeros([2, 1]);
  expect(() => model.forward({ source, target: source })).toThrow(/^Seq2Seq: expected a call inside of frame.run/);
  const run = (x: never, options?: never) => () => frame.run(() => model.forward(x, options));
  expect(run(source as never)).toThrow(/^x: expected \{ source, target \}/);
  expect(run({ source } as never)).toThrow(/^target: expected a Tensor/);
  expect(run({ source, target } as never)).toThrow(new ShapeError("target", "1 sequences, as the source", "[2, 2]"));
  expect(run({ source: floats, target: source } as never)).toThrow(DTypeError);
  expect(run({ source, target: source } as never, { lengths: { source: [3] } } as never)).toThrow(
    /^lengths\[0\]: expected an integer in 1 … 2/,
  );
  expect(() => model.samples([{ source: [1, 6], target: [] }])).toThrow(/^pairs\[0\].source\[1\]: expected a token in 0 … 5, got 6/);
  expect(() => model.samples([{ source: [], target: [1] }])).toThrow(/^pairs\[0\].source: expected one or more tokens/);
  expect(() => model.samples([{ source: [1], target: [1.5] }])).toThrow(/^pairs\[0\].target\[0\]: expected a token in 0 … 6/);
  expect(() => model.samples([null as never])).toThrow(/^pairs\[0\]/);
  for (const [options, message] of [
    [{ bos: 7 }, /^bos: /],
    [{ eos: -1 }, /^eos: /],
    [{ hiddenSize: 0 }, /^hiddenSize: /],
    [{ cell: "rnn" }, /^cell: /],
    [{ attention: "sharp" }, /^attention: /],
    [{ attention: "none", inputFeeding: true }, /^inputFeeding: expected false/],
    [{ style: "bahdanau", inputFeeding: true }, /^inputFeeding: expected false/],
    [{ attention: "dot" }, /^keySize: expected 4, as querySize/],
    [{ scheduledSampling: { to: 2, steps: 3 } }, /^to: expected a number in \[0, 1\]/],
    [{ scheduledSampling: { to: 0.5, steps: 0 } }, /^steps: /],
    [{ scheduledSampling: 0.5 }, /^scheduledSampling: expected \{ from, to, steps \}/],
    [{ dropout: 1 }, /^dropout: /],
    [{ beams: 3 }, /beams/],
  ] as const)
    expect(() => new Seq2Seq(rt, { ...SIZES, ...options } as never), JSON.stringify(options)).toThrow(message);
  expect(
    () => new Seq2Seq(rt, SIZES, { encoder: new RecurrentEncoder(rt, { vocabularySize: 0, embeddingDim: 1, hiddenSize: 1 }) }),
  ).toThrow(/^vocabularySize: /);
  expect(() => new Seq2Seq(rt, SIZES, { encoder: {} as never })).toThrow(/^parts.encoder: expected a model/);
  for (const each of [model, source, target]) each.dispose();
});
