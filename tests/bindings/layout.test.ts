/** Batch-first and time-major: the same samples give the same numbers, whatever goes over time. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  BCEWithLogitsLoss,
  beamSearch,
  CrossEntropyLoss,
  Dense,
  Embedding,
  evaluate,
  fit,
  GRU,
  generate,
  gradcheck,
  LastStep,
  type Layer,
  type Loss,
  LSTM,
  MaxPool,
  MeanPool,
  Model,
  type ModelForwardOptions,
  MSELoss,
  RNN,
  type Runtime,
  type Sample,
  Sequential,
  SGD,
  ShapeError,
  type Tensor,
  type Trainable,
} from "../../bindings/index.js";
import { draws, expectBits } from "../helpers/compare.js";
import { testRuntime, tokensOf } from "../helpers/runtime.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime({ seed: 5 });
});
afterEach(() => rt.dispose());

type Target = (x: Int32Array) => number | ArrayLike<number>;

/** Sequences of tokens, 1 … 7 long unless told; as many of one length as of another. */
function tokenSamples(count: number, y: Target, length = (i: number) => 1 + (i % 7)): Sample[] {
  const draw = draws(8);
  return Array.from({ length: count }, (_, i) => {
    const x = Int32Array.from(draw(length(i)), (v) => Math.floor(3 * (v + 1)));
    return { x, y: y(x) };
  });
}

const CLASS: Target = (x) => x[0] % 3;
const TAGS: Target = (x) => x.map((token) => token % 3);

type Pool = new (rt: Runtime) => Layer;
type Recurrent = typeof GRU | typeof LSTM | typeof RNN;

/** The same weights in either layout. */
function modelOf(batchFirst: boolean, { cell = GRU as Recurrent, pool = undefined as Pool | undefined, outputs = 3 } = {}): Sequential {
  const model = new Sequential(rt, {
    embedding: new Embedding(rt, { numEmbeddings: 6, embeddingDim: 3 }),
    cell: new cell(rt, { inputSize: 3, hiddenSize: 4, batchFirst }),
    ...(pool ? { pool: new pool(rt) } : {}),
    head: new Dense(rt, { inputSize: 4, outputSize: outputs }),
  });
  for (const [i, parameter] of model.parameters().entries()) parameter.set(draws(40 + i)(parameter.toArray().length));
  return model;
}

/** The mean loss at several batch sizes, in one layout. */
async function scores(model: Trainable, loss: Loss, data: Sample[]): Promise<number[]> {
  const losses: number[] = [];
  for (const batchSize of [1, 3, 8, data.length]) losses.push((await evaluate(model, { data, loss, batchSize })).loss);
  return losses;
}

function expectOne(got: readonly number[]): void {
  for (const [i, value] of got.entries()) {
    if (!(Math.abs(value - got[0]) <= 1e-12 * Math.abs(got[0]))) expect.fail(`${i}: expected ${got[0]}, got ${value}`);
  }
}

describe("evaluate gives one score at any batch size and in either layout", () => {
  const cells: [string, Recurrent][] = [
    ["GRU", GRU],
    ["LSTM", LSTM],
    ["RNN", RNN],
  ];
  const pools: [string, Pool][] = [
    ["LastStep", LastStep],
    ["MeanPool", MeanPool],
    ["MaxPool", MaxPool],
  ];

  test.each(cells.flatMap(([a, cell]) => pools.map(([b, pool]) => [`${a}, ${b}`, cell, pool] as const)))("%s", async (_, cell, pool) => {
    const data = tokenSamples(16, CLASS);
    const loss = new CrossEntropyLoss(rt);
    const got = [await scores(modelOf(false, { cell, pool }), loss, data), await scores(modelOf(true, { cell, pool }), loss, data)];
    expectBits("batch-first against time-major", got[1], got[0]);
    expectOne(got.flat());
  });

  test.each<[string, () => Loss, Target, number]>([
    ["CrossEntropyLoss", () => new CrossEntropyLoss(rt), TAGS, 3],
    ["MSELoss", () => new MSELoss(rt), (x) => Float32Array.from(x, (t) => t / 6), 1],
    ["BCEWithLogitsLoss", () => new BCEWithLogitsLoss(rt), (x) => Float32Array.from(x, (t) => t % 2), 1],
  ])("of every step, %s with lengths", async (_, loss, y, outputs) => {
    const data = tokenSamples(16, y);
    expectOne([...(await scores(modelOf(false, { outputs }), loss(), data)), ...(await scores(modelOf(true, { outputs }), loss(), data))]);
  });

  test("where T = N and no shape would tell", async () => {
    const data = tokenSamples(8, TAGS, () => 8);
    const [time, first] = [modelOf(false), modelOf(true)];
    expectOne([...(await scores(time, new CrossEntropyLoss(rt), data)), ...(await scores(first, new CrossEntropyLoss(rt), data))]);
  });
});

/** Written by hand, on lengths. */
class ByHand extends Model<{ embedding: Embedding; gru: GRU; pool: MeanPool; head: Dense }> {
  forward(x: Tensor, options: ModelForwardOptions = {}): Tensor {
    const { embedding, gru, pool, head } = this.layers;
    return head.forward(pool.forward(gru.forward(embedding.forward(x), options).output, options));
  }
}

describe("fit learns the same in either layout", () => {
  const byHand = (batchFirst: boolean) => {
    const { embedding, cell, head, pool } = modelOf(batchFirst, { pool: MeanPool }).layers;
    return new ByHand(rt, { embedding: embedding as Embedding, gru: cell as GRU, pool: pool as MeanPool, head: head as Dense });
  };
  /** Not a Model: it says its layout itself. */
  const foreign = (batchFirst: boolean): Trainable => {
    const model = byHand(batchFirst);
    return {
      ...{ runtime: rt, batchFirst },
      forward: (x, options) => model.forward(x, options),
      namedParameters: () => model.namedParameters(),
      train: () => model.train(),
      eval: () => model.eval(),
    };
  };

  test.each<[string, (batchFirst: boolean) => Trainable]>([
    ["Sequential", (batchFirst) => modelOf(batchFirst, { pool: MeanPool })],
    ["a Model of one's own", byHand],
    ["an object", foreign],
  ])("%s: the same bits", async (_, create) => {
    const run = async (batchFirst: boolean) => {
      const model = create(batchFirst);
      const parameters = model.namedParameters().map(([, parameter]) => parameter);
      const common = { loss: new CrossEntropyLoss(rt), optimizer: new SGD(parameters, { lr: 0.1 }) };
      const data = tokenSamples(20, CLASS);
      const { epochs } = await fit(model, { ...common, data, validation: data, epochs: 3, batchSize: 8, seed: 1, metrics: ["accuracy"] });
      return epochs;
    };
    const [time, first] = [await run(false), await run(true)];
    expect(first).toEqual(time);
    expect(time[2].loss).toBeLessThan(time[0].loss);
  });

  test("every step: losses to rounding", async () => {
    const run = async (batchFirst: boolean) => {
      const model = modelOf(batchFirst);
      const optimizer = new SGD(model.parameters(), { lr: 0.1 });
      const { epochs } = await fit(model, {
        data: tokenSamples(20, TAGS),
        loss: new CrossEntropyLoss(rt),
        optimizer,
        epochs: 3,
        batchSize: 8,
        seed: 1,
      });
      return epochs.map(({ loss }) => loss);
    };
    const [time, first] = [await run(false), await run(true)];
    for (const [i, value] of first.entries()) expect(value / time[i], `epoch ${i}`).toBeCloseTo(1, 6);
  });
});

describe("layers and losses", () => {
  const [T, N, H] = [3, 4, 2];
  const turned = (data: ArrayLike<number>, width: number) =>
    Float64Array.from({ length: T * N * width }, (_, i) => {
      const [n, t, d] = [Math.floor(i / (T * width)), Math.floor(i / width) % T, i % width];
      return data[(t * N + n) * width + d];
    });
  const lengths = [3, 1, 2, 3];

  test.each<[string, Pool]>([
    ["LastStep", LastStep],
    ["MeanPool", MeanPool],
    ["MaxPool", MaxPool],
  ])("%s forward and backward", (_, Pool) => {
    const [data, d] = [draws(1)(T * N * H), rt.tensor(draws(2)(N * H), [N, H])];
    const [time, first] = [new Pool(rt) as MeanPool, new Pool(rt) as MeanPool];
    const y = time.forward(rt.tensor(data, [T, N, H]), { lengths }).toArray();
    const x = rt.tensor(turned(data, H), [N, T, H], { batchFirst: true });
    expectBits("y", first.forward(x, { lengths }).toArray(), y);
    const dX = first.backward(d);
    expectBits("dX", dX.toArray(), Float32Array.from(turned(time.backward(d).toArray(), H)));
    expect(dX.batchFirst).toBe(true);
  });

  test.each<[string, () => Loss]>([
    ["MSELoss", () => new MSELoss(rt)],
    ["BCEWithLogitsLoss", () => new BCEWithLogitsLoss(rt)],
  ])("%s with lengths", (_, create) => {
    const [z, y] = [draws(1)(T * N * H), draws(2)(T * N * H).map((v) => Math.fround(Math.abs(v)))];
    const time = create().forward(rt.tensor(z, [T, N, H]), rt.tensor(y, [T, N, H]), { lengths });
    const mark = { batchFirst: true };
    const first = create().forward(rt.tensor(turned(z, H), [N, T, H], mark), rt.tensor(turned(y, H), [N, T, H]), { lengths });
    expect(first.weight).toBe(time.weight);
    expectOne([time.loss, first.loss]);
    expectBits("gradient", first.gradient.toArray(), Float32Array.from(turned(time.gradient.toArray(), H)));
  });

  test("CrossEntropyLoss with lengths; a mark that differs is refused", () => {
    const [z, y] = [draws(1)(T * N * 3), Int32Array.from({ length: T * N }, (_, i) => i % 3)];
    const loss = new CrossEntropyLoss(rt);
    const time = loss.forward(rt.tensor(z, [T, N, 3]), tokensOf(rt, y, [T, N]), { lengths });
    const gradient = turned(time.gradient.toArray(), 3);
    const logits = rt.tensor(turned(z, 3), [N, T, 3], { batchFirst: true });
    const first = loss.forward(logits, tokensOf(rt, turned(y, 1), [N, T]), { lengths });
    expectOne([time.loss, first.loss]);
    expectBits("gradient", first.gradient.toArray(), Float32Array.from(gradient));
    const other = rt.tensor(Int32Array.from(y), [N, T], { batchFirst: false });
    expect(() => loss.forward(logits, other, { lengths })).toThrow(ShapeError);
  });

  test("what goes step by step asks no layout: generate, beamSearch, gradcheck", () => {
    const [time, first] = [modelOf(false, { outputs: 6 }), modelOf(true, { outputs: 6 })];
    expect(generate(first, [1, 2, 3], { length: 30 })).toEqual(generate(time, [1, 2, 3], { length: 30 }));
    expect(beamSearch(first, [1, 2], { beams: 3, length: 5 })).toEqual(beamSearch(time, [1, 2], { beams: 3, length: 5 }));
    const gru = new GRU(rt, { inputSize: 2, hiddenSize: 3, batchFirst: true, dtype: "f64" });
    const { passed } = gradcheck(gru as never, rt.tensor(draws(3)(24), [4, 3, 2], { dtype: "f64" }));
    expect(passed).toBe(true);
  });
});
