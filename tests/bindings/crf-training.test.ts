/** The CRF in training: a chain and a model of one's own in fit, constraints that matter, checkpoints, files, streams; the example of docs/crf.md. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as lib from "../../bindings/index.js";
import {
  Adam,
  AdamW,
  ArgumentError,
  Dense,
  Embedding,
  evaluate,
  type FitOptions,
  fit,
  Generator,
  GRU,
  loadModel,
  Model,
  predict,
  type Runtime,
  type Sample,
  type SampleArray,
  Sequential,
  type Tensor,
} from "../../bindings/index.js";
import * as sequence from "../../bindings/sequence.js";
import { bioConstraints, CRF, CRFLoss } from "../../bindings/sequence.js";
import { expectBits } from "../helpers/compare.js";
import { expectRejection } from "../helpers/refusal.js";
import { operatorRuntime, parameterOf, valuesOf } from "../helpers/runtime.js";

let rt: Runtime;
beforeAll(async () => {
  rt = await operatorRuntime({ seed: 4 });
});
afterAll(() => rt.dispose());

const LABELS = ["O", "B-A", "I-A", "B-B", "I-B"];
const WORDS = 6;

/**
 * Spans whose second word does not say of what: 1 begins an A, 2 begins a B, 3 goes on with either; 4 and 5 are nothing. What may
 * follow what is the constraints' to know.
 */
function sentences(count: number, seed: number): Sample[] {
  const random = new Generator(seed);
  return Array.from({ length: count }, () => {
    const [x, y]: [number[], number[]] = [[], []];
    while (x.length < 4 + random.integer(4)) {
      const kind = random.integer(3);
      x.push(kind === 0 ? 4 + random.integer(2) : kind);
      y.push([0, 1, 3][kind]);
      for (let more = kind === 0 ? 0 : random.integer(3); more > 0; more--) {
        x.push(3);
        y.push(y.at(-1) === 1 || y.at(-1) === 2 ? 2 : 4);
      }
    }
    return { x: Int32Array.from(x), y: Int32Array.from(y) };
  });
}

function tagger({ constrained = true, seed = 5 } = {}) {
  const generator = new Generator(seed);
  const crf = new CRF(rt, { numTags: LABELS.length, generator, ...(constrained && { constraints: bioConstraints(LABELS) }) });
  const model = new Sequential(rt, {
    embedding: new Embedding(rt, { numEmbeddings: WORDS, embeddingDim: 6, generator }),
    gru: new GRU(rt, { inputSize: 6, hiddenSize: 6, generator }),
    head: new Dense(rt, { inputSize: 6, outputSize: LABELS.length, generator }),
    crf,
  });
  const loss = new CRFLoss(crf);
  const optimizer = new AdamW(model.parameters(), { lr: 0.05, weightDecay: 0.01 });
  return { crf, model, loss, optimizer, dispose: () => [model, loss, optimizer].map((each) => each.dispose()) };
}

const right = (crf: CRF) => (emissions: SampleArray, target: SampleArray) => {
  const [{ tags }] = crf.decode(emissions);
  return tags.filter((tag, t) => tag === target.data[t]).length / tags.length;
};

/** Whether what is decoded holds together. */
function isWhole(tags: Int32Array): boolean {
  return tags.every((tag, t) => tag % 2 === 1 || tag === 0 || (t > 0 && (tags[t - 1] === tag || tags[t - 1] === tag - 1)));
}

const runOf = ({ crf, loss, optimizer }: ReturnType<typeof tagger>) =>
  ({
    ...{ data: sentences(60, 1), validation: sentences(10, 2), loss, optimizer, epochs: 6, batchSize: 8, clipNorm: 5 },
    ...{ accumulate: 2, metrics: [{ right: right(crf) }], seed: 3 },
  }) satisfies FitOptions;

describe("fit", () => {
  test("spans: learned, decoded whole, measured by what is decoded; forbidden scores stay 0", async () => {
    const parts = tagger();
    const { crf, model } = parts;
    const { epochs } = await fit(model, runOf(parts));
    expect(epochs.at(-1)?.loss).toBeLessThan((epochs[0].loss as number) / 4);
    expect(epochs.at(-1)?.validation?.loss).toBeLessThan(1);
    const data = sentences(40, 9);
    const found = await evaluate(model, { data, loss: parts.loss, metrics: [{ right: right(crf) }] });
    expect(found.right).toBeGreaterThan(0.95);
    for (const emissions of await predict(model, data)) expect(isWhole(crf.decode(emissions)[0].tags)).toBe(true);
    const transitions = parameterOf(crf, "transitions").toArray();
    for (const [i, j] of crf.constraints?.forbiddenTransitions ?? []) expect(Object.is(transitions[i * LABELS.length + j], 0)).toBe(true);
    parts.dispose();
  });

  test("before it has learned, constraints alone make whole spans; without them they are broken", async () => {
    const [bound, free] = [tagger(), tagger({ constrained: false })];
    const data = sentences(40, 7);
    const whole = async ({ model, crf }: typeof bound) =>
      (await predict(model, data)).filter((emissions) => isWhole(crf.decode(emissions)[0].tags)).length;
    expect(await whole(bound)).toBe(40);
    expect(await whole(free)).toBeLessThan(40);
    bound.dispose();
    free.dispose();
  });

  test("the exact mean over batches, whatever their sizes; batches add up to the whole", async () => {
    const { model, loss, dispose } = tagger();
    const data = sentences(13, 3);
    const by = async (batchSize: number) => (await evaluate(model, { data, loss, batchSize })).loss;
    const one = await by(1);
    for (const batchSize of [2, 5, 13]) expect(Math.abs((await by(batchSize)) - one)).toBeLessThan(1e-6 * one);
    dispose();
  });

  test("a checkpoint in the middle, resumed: the same bits", async () => {
    const whole = tagger();
    const saves: Uint8Array[] = [];
    await fit(whole.model, { ...runOf(whole), checkpoint: { every: 1, save: (bytes) => void saves.push(bytes.slice()) } });
    const [again, from] = [tagger({ seed: 99 }), saves[9]];
    await fit(again.model, { ...runOf(again), checkpoint: { save: () => {} }, resume: from });
    for (const [name, values] of Object.entries(valuesOf(whole.model))) expectBits(name, valuesOf(again.model)[name], values);
    whole.dispose();
    again.dispose();
  });

  test("a forbidden tag in the data: said of its sample", async () => {
    const { model, loss, optimizer, dispose } = tagger();
    const data = [...sentences(3, 1), { x: Int32Array.of(4, 3), y: Int32Array.of(0, 2) }];
    await expectRejection(fit(model, { data, loss, optimizer, shuffle: false }), ArgumentError, "y[1] of sample 3", "let follow 0");
    await expectRejection(
      fit(model, { data: [{ x: Int32Array.of(3), y: Int32Array.of(4) }], loss, optimizer }),
      ArgumentError,
      "y[0] of sample 0",
    );
    dispose();
  });

  test("frozen: the scores stay, the rest learns", async () => {
    const parts = tagger();
    parts.crf.freeze();
    const before = valuesOf(parts.crf);
    const { epochs } = await fit(parts.model, { ...runOf(parts), epochs: 2 });
    expect(epochs[1].loss).toBeLessThan(epochs[0].loss as number);
    for (const [name, values] of Object.entries(valuesOf(parts.crf))) expectBits(name, values, before[name]);
    parts.dispose();
  });

  test("a model of one's own, batch-first, learns the same as the chain", async () => {
    class Tagger extends Model<{ embedding: Embedding; gru: GRU; head: Dense; crf: CRF }> {
      constructor(rt: Runtime, options: { batchFirst: boolean }) {
        const generator = new Generator(5);
        const crf = new CRF(rt, { numTags: LABELS.length, generator, constraints: bioConstraints(LABELS) });
        const embedding = new Embedding(rt, { numEmbeddings: WORDS, embeddingDim: 6, generator });
        const gru = new GRU(rt, { inputSize: 6, hiddenSize: 6, generator, batchFirst: options.batchFirst });
        super(rt, { embedding, gru, head: new Dense(rt, { inputSize: 6, outputSize: LABELS.length, generator }), crf }, options);
      }
      override forward(x: Tensor, { lengths }: { lengths?: ArrayLike<number> } = {}): Tensor {
        const { embedding, gru, head, crf } = this.layers;
        return crf.forward(head.forward(gru.forward(embedding.forward(x), { lengths }).output));
      }
    }
    const losses: number[][] = [];
    for (const batchFirst of [false, true]) {
      const model = new Tagger(rt, { batchFirst });
      const loss = new CRFLoss(model.layers.crf);
      const optimizer = new Adam(model.parameters(), { lr: 0.05 });
      const { epochs } = await fit(model, { data: sentences(40, 1), loss, optimizer, epochs: 3, seed: 2 });
      losses.push(epochs.map((epoch) => epoch.loss));
      const bytes = model.save();
      const again = loadModel<Tagger>(rt, bytes, { classes: { Tagger } });
      expect(again.layers.crf.constraints).toEqual(model.layers.crf.constraints);
      for (const each of [again, model, loss, optimizer]) each.dispose();
    }
    const chain = tagger();
    const optimizer = new Adam(chain.model.parameters(), { lr: 0.05 });
    const { epochs } = await fit(chain.model, { data: sentences(40, 1), loss: chain.loss, optimizer, epochs: 3, seed: 2 });
    for (const [i, { loss }] of epochs.entries()) {
      expect(losses[0][i]).toBeCloseTo(loss, 4);
      expect(losses[1][i]).toBeCloseTo(loss, 4);
    }
    optimizer.dispose();
    chain.dispose();
  });
});

test("a stream gives the emissions, step by step", () => {
  const { model, crf, dispose } = tagger();
  model.eval();
  const tokens = Int32Array.of(1, 3, 4, 2, 3);
  using x = rt.tensor(tokens, [5, 1]);
  const whole = model.forward(x).toArray();
  using stream = model.stream();
  const rows = [...tokens].flatMap((token) => {
    stream.input[0] = token;
    stream.step();
    return [...stream.output];
  });
  expectBits("emissions", rows, whole);
  expect(crf.decode({ data: rows, shape: [5, LABELS.length] })[0].tags).toHaveLength(5);
  dispose();
});

test("the example of docs/crf.md prints what it says", async () => {
  const document = readFileSync(new URL("../../docs/crf.md", import.meta.url), "utf8");
  const [, code = ""] = /<!-- example: tagger -->\s*```js\n([\s\S]*?)```/.exec(document) ?? [];
  const said = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text);
  expect(said).toHaveLength(3);
  const lines: string[] = [];
  const runtimes: Runtime[] = [];
  const createRuntime = async (options: object) => {
    const made = await operatorRuntime(options);
    runtimes.push(made);
    return made;
  };
  const names: Record<string, unknown> = {
    ...lib,
    ...sequence,
    createRuntime,
    console: { log: (...args: unknown[]) => lines.push(args.join(" ")) },
  };
  const AsyncFunction = (async () => {}).constructor as new (...args: string[]) => (...args: unknown[]) => Promise<void>;
  await new AsyncFunction(...Object.keys(names), code.replace(/^import .*$/gm, ""))(...Object.values(names));
  expect(lines).toEqual(said);
  for (const made of runtimes) made.dispose();
});
