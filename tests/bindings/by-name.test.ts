/** Several inputs and several outputs by name: in fit, evaluate, predict, checkpoints and gradcheck. */
import { afterAll, afterEach, beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import {
  ArgumentError,
  type ByName,
  CrossEntropyLoss,
  Dense,
  type DTypeError,
  Embedding,
  evaluate,
  FormatError,
  Frame,
  fit,
  GRU,
  gradcheck,
  LastStep,
  LSTM,
  MinMaxScaler,
  Model,
  type ModelForwardOptionsByName,
  MSELoss,
  NonFiniteError,
  type Prediction,
  predict,
  type Runtime,
  type SampleByName,
  SGD,
  ShapeError,
  type Tensor,
} from "../../bindings/index.js";
import { expectRejection } from "../helpers/refusal.js";
import { testRuntime } from "../helpers/runtime.js";

const [WORDS, FEATURES, CLASSES] = [5, 2, 3];

/** Reads tokens and numbers, each of their own lengths; tags every step of the numbers, and has one number for the tokens' end. */
class Pair extends Model<{ words: Embedding; reader: GRU; last: LastStep; follower: LSTM; tags: Dense; mood: Dense }> {
  constructor(rt: Runtime, batchFirst = false) {
    super(rt, {
      words: new Embedding(rt, { numEmbeddings: WORDS, embeddingDim: 3 }),
      reader: new GRU(rt, { inputSize: 3, hiddenSize: 4, batchFirst }),
      last: new LastStep(rt),
      follower: new LSTM(rt, { inputSize: FEATURES, hiddenSize: 4, batchFirst }),
      tags: new Dense(rt, { inputSize: 4, outputSize: CLASSES }),
      mood: new Dense(rt, { inputSize: 4, outputSize: 1 }),
    });
  }

  override forward(
    { source, target }: { source: Tensor; target: Tensor },
    { lengths = {} }: ModelForwardOptionsByName<"source" | "target"> = {},
  ) {
    const { words, reader, last, follower, tags, mood } = this.layers;
    const read = reader.forward(words.forward(source), { lengths: lengths.source }).output;
    const { output } = follower.forward(target, { lengths: lengths.target });
    return { tags: tags.forward(output), mood: mood.forward(last.forward(read, { lengths: lengths.source })) };
  }
}

let rt: Runtime;
beforeAll(async () => {
  rt = await testRuntime({ dtype: "f64", seed: 3 });
});
afterEach(() => expect(rt.bytesInUse).toBe(0));
afterAll(() => rt.dispose());

/** Steps of source and target: batches of three have the same longest, of other samples. */
const STEPS: readonly [number, number][] = [
  [4, 2],
  [1, 4],
  [2, 3],
  [3, 3],
  [3, 3],
  [2, 3],
  [5, 1],
];

interface Known extends SampleByName {
  readonly x: { source: Int32Array; target: number[][] };
  readonly y: { tags: Int32Array; mood: number };
}

const DATA = STEPS.map(
  ([S, T], i): Known => ({
    x: {
      source: Int32Array.from({ length: S }, (_, t) => (3 * i + t) % WORDS),
      target: Array.from({ length: T }, (_, t) => [Math.sin(i + t), Math.cos(2 * i - t)]),
    },
    y: { tags: Int32Array.from({ length: T }, (_, t) => (i + t) % CLASSES), mood: Math.sin(3 * i) },
  }),
);

const losses = () => ({ tags: new CrossEntropyLoss(rt), mood: new MSELoss(rt) });

function withModel<R>(work: (model: Pair, loss: ReturnType<typeof losses>, optimizer: SGD) => R, batchFirst = false): R {
  rt.generator.state = [1, 2, 3, 4];
  const model = new Pair(rt, batchFirst);
  const loss = losses();
  const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
  const end = () => {
    for (const each of [optimizer, loss.tags, loss.mood, model]) each.dispose();
  };
  let result: R;
  try {
    result = work(model, loss, optimizer);
  } catch (error) {
    end();
    throw error;
  }
  if (result instanceof Promise) return result.finally(end) as R;
  end();
  return result;
}

const weights = (model: Model) => model.parameters().flatMap((parameter) => [...parameter.toArray()]);

/** A sample alone through the model, by hand. */
function alone<R>(
  frame: Frame,
  model: Pair,
  { x }: Known,
  work: (out: { tags: Tensor; mood: Tensor }) => R,
  after: (result: R) => void = () => {},
): R {
  const batchFirst = model.batchFirst as boolean;
  const place = (steps: number) => (batchFirst ? [1, steps] : [steps, 1]);
  const source = rt.tensor(x.source, place(x.source.length), { batchFirst });
  const target = rt.tensor(x.target.flat(), [...place(x.target.length), FEATURES], { batchFirst });
  try {
    const result = frame.record(() => work(model.forward({ source, target })));
    after(result);
    return result;
  } finally {
    source.dispose();
    target.dispose();
  }
}

describe.each([false, true])("batchFirst: %s", (batchFirst) => {
  test("fit takes the steps of a loop by hand, to the bit", async () => {
    const byHand = withModel((model, loss, optimizer) => {
      using frame = new Frame(rt);
      for (let epoch = 0; epoch < 2; epoch++) {
        for (const sample of DATA) {
          const { tags, mood } = sample.y;
          using wanted = rt.tensor(tags, batchFirst ? [1, tags.length] : [tags.length, 1], { batchFirst });
          using felt = rt.tensor([mood], [1, 1]);
          const compare = (out: { tags: Tensor; mood: Tensor }) => [loss.tags.forward(out.tags, wanted), loss.mood.forward(out.mood, felt)];
          alone(frame, model, sample, compare, (results) => frame.backward(results));
          optimizer.step();
          optimizer.zeroGrad();
        }
      }
      return weights(model);
    }, batchFirst);
    const fitted = await withModel(async (model, loss, optimizer) => {
      const { epochs } = await fit(model, { data: DATA, loss, optimizer, epochs: 2, batchSize: 1, shuffle: false });
      expect(epochs.map(({ loss }) => loss)).toEqual(epochs.map((report) => report["tags.loss"] + report["mood.loss"]));
      return weights(model);
    }, batchFirst);
    expect(fitted).toEqual(byHand);
  });

  test("a prediction has the bits of the sample alone, in batches of any size", async () => {
    await withModel(async (model) => {
      using frame = new Frame(rt);
      const own = DATA.map((sample) => alone(frame, model, sample, ({ tags, mood }) => ({ tags: tags.toArray(), mood: mood.toArray() })));
      for (const batchSize of [1, 2, 3, 7]) {
        const predicted = await predict(model, DATA, { batchSize });
        expectTypeOf(predicted).toEqualTypeOf<{ tags: Prediction; mood: Prediction }[]>();
        expect(predicted.map(({ tags, mood }) => ({ tags: tags.data, mood: mood.data }))).toEqual(own);
        expect(predicted.map(({ tags }) => tags.shape)).toEqual(STEPS.map(([, T]) => [T, CLASSES]));
        expect(predicted.map(({ mood }) => mood.shape)).toEqual(STEPS.map(() => [1]));
      }
    }, batchFirst);
  });
});

test("evaluate has each loss, their sum, and the metrics of each output", async () => {
  await withModel(async (model, loss) => {
    const predicted = await predict(model, DATA);
    const scaler = new MinMaxScaler().fit([10, 30]);
    const within = {
      within: (p: { data: ArrayLike<number> }, y: { data: ArrayLike<number> }) =>
        Number(Math.abs((p.data[0] as number) - (y.data[0] as number)) < 10),
    };
    const metrics = { tags: ["accuracy"], mood: ["rmse", within] } as const;
    const measured = await evaluate(model, { data: DATA, loss, metrics, targetScaler: { mood: scaler }, batchSize: 3 });
    expectTypeOf(measured["tags.loss"]).toEqualTypeOf<number>();
    const off = predicted.map(({ mood }, i) => (mood.data[0] as number) - (DATA[i] as Known).y.mood);
    const squares = off.reduce((sum, each) => sum + each * each, 0) / DATA.length;
    const rows = predicted.flatMap(({ tags: { data } }, i) =>
      [...(DATA[i] as Known).y.tags].map((y, t) => ({ logits: [...data.slice(t * CLASSES, (t + 1) * CLASSES)], y })),
    );
    const nll = rows.map(({ logits, y }) => Math.log(logits.reduce((sum, z) => sum + Math.exp(z), 0)) - (logits[y] as number));
    const right = rows.filter(({ logits, y }) => logits.indexOf(Math.max(...logits)) === y).length;
    expect(Object.keys(measured)).toEqual(["loss", "tags.loss", "tags.accuracy", "mood.loss", "mood.rmse", "mood.within"]);
    expect(measured["mood.loss"]).toBeCloseTo(squares, 12);
    expect(measured["mood.rmse"]).toBeCloseTo(20 * Math.sqrt(squares), 11);
    expect(measured["mood.within"]).toBeCloseTo(off.filter((each) => Math.abs(each) < 0.5).length / DATA.length, 12);
    expect(measured["tags.loss"]).toBeCloseTo(nll.reduce((a, b) => a + b) / rows.length, 12);
    expect(measured["tags.accuracy"]).toBeCloseTo(right / rows.length, 12);
    expect(measured.loss).toBe(measured["tags.loss"] + measured["mood.loss"]);
  });
});

test("a run goes on from a checkpoint at every step to the same bits; with other outputs it is refused", async () => {
  const run = async (epochs: number, resume?: Uint8Array, more: object = {}) => {
    const saved: Uint8Array[] = [];
    const save = (bytes: Uint8Array) => void saved.push(bytes);
    return withModel(async (model, loss, optimizer) => {
      const history = await fit(model, {
        ...{ data: DATA, loss, optimizer, epochs, batchSize: 3, seed: 5, validation: DATA.slice(0, 2) },
        ...{ metrics: { tags: ["f1"] }, earlyStopping: { patience: 9, monitor: "tags.f1" }, checkpoint: { every: 1, save } },
        ...(resume && { resume }),
        ...more,
      } as never);
      return { history: { ...history, resumedFrom: undefined }, weights: weights(model), saved };
    });
  };
  const straight = await run(3);
  expect(straight.saved.length).toBe(10); // the last is that of the end
  for (const bytes of straight.saved) {
    const { history, weights } = await run(3, bytes);
    expect({ history, weights }).toEqual({ history: { ...straight.history, resumedFrom: undefined }, weights: straight.weights });
  }
  const [, second] = straight.saved as [Uint8Array, Uint8Array];
  const single = new CrossEntropyLoss(rt);
  await expectRejection(run(3, second, { loss: { tags: single }, metrics: {}, earlyStopping: undefined }), FormatError, "position.metrics");
  single.dispose();
});

test("an output in which nothing counts adds nothing; a batch in which none does changes nothing", async () => {
  const ignored = DATA.map(({ x, y }) => ({ x, y: { ...y, tags: y.tags.map(() => -100) } }));
  await withModel(async (model, loss, optimizer) => {
    const measured = await evaluate(model, { data: ignored, loss });
    expect(measured["tags.loss"]).toBeNaN();
    expect(measured.loss).toBe(measured["mood.loss"]);
    await fit(model, { data: ignored, loss, optimizer });
    for (const [name, parameter] of model.namedParameters())
      if (name.startsWith("tags")) expect(parameter.grad.every((value) => value === 0)).toBe(true);
    expect(weights(model).every(Number.isFinite)).toBe(true);
  });
});

test("what is frozen on the way to one output leaves the other its gradients", async () => {
  await withModel(async (model, loss, optimizer) => {
    const before = weights(model.layers.mood as never);
    for (const part of [model.layers.follower, model.layers.tags]) part?.freeze();
    await fit(model, { data: DATA, loss, optimizer });
    expect(weights(model.layers.mood as never)).not.toEqual(before);
  });
});

describe("what does not fit is said of the sample, by its input or output", () => {
  const swapped = (i: number, change: (sample: Known) => unknown) =>
    DATA.map((sample, n) => (n === i ? change(sample) : sample)) as Known[];
  const options = (loss: unknown) => ({ loss, shuffle: false, batchSize: 7 });
  test.each<[string, (sample: Known) => unknown, new (...args: never[]) => Error, string]>([
    [
      "one sequence",
      ({ x, y }) => ({ x: x.source, y }),
      ArgumentError,
      "x of sample 2: expected sequences by the names source, target, as sample 0, got one sequence",
    ],
    [
      "a name that misses",
      ({ x, y }) => ({ x: { source: x.source }, y }),
      ArgumentError,
      "x of sample 2: expected sequences by the names source, target",
    ],
    ["a name too many", ({ x, y }) => ({ x: { ...x, more: [1] }, y }), ArgumentError, "got sequences by the names source, target, more"],
    ["no input", ({ y }) => ({ x: {}, y }), ArgumentError, "x of sample 2: expected a sequence"],
    ["a tensor", ({ x, y }) => ({ x: { ...x, target: null }, y }), ArgumentError, "x.target of sample 2: expected a sequence"],
    [
      "an unknown token",
      ({ x, y }) => ({ x: { ...x, source: Int32Array.of(0, 9) }, y }),
      ArgumentError,
      "x.source[1] of sample 2: expected",
    ],
    ["numbers for tokens", ({ x, y }) => ({ x: { ...x, source: [0.5, 1] }, y }), ArgumentError, "x.source of sample 2: expected tokens"],
    [
      "other features",
      ({ x, y }) => ({ x: { ...x, target: [[1], [2], [3]] }, y }),
      ShapeError,
      "x.target of sample 2: expected 2 features a step, as sample 0",
    ],
    ["one target", ({ x }) => ({ x, y: 1 }), ArgumentError, "y of sample 2: expected targets by name"],
    [
      "a target that misses",
      ({ x, y }) => ({ x, y: { tags: y.tags } }),
      ArgumentError,
      "y of sample 2: expected a target by the name mood, as the losses are, got tags",
    ],
    [
      "too few classes",
      ({ x, y }) => ({ x, y: { ...y, tags: y.tags.slice(1) } }),
      ShapeError,
      "y.tags of sample 2: expected 3 classes, 1 a step, got 2",
    ],
    ["no class", ({ x, y }) => ({ x, y: { ...y, tags: [0, 1, 7] } }), ArgumentError, "y.tags[2] of sample 2: expected"],
    [
      "no integer",
      ({ x, y }) => ({ x, y: { ...y, tags: [0, 1, 0.5] } }),
      ArgumentError,
      "y.tags[2] of sample 2: expected a 32-bit integer",
    ],
    ["a number too many", ({ x, y }) => ({ x, y: { ...y, mood: [1, 2] } }), ShapeError, "y.mood of sample 2: expected 1 number, got 2"],
  ])("%s", async (_, change, type, text) => {
    await withModel(async (model, loss, optimizer) => {
      const before = weights(model);
      const data = swapped(2, change);
      await expectRejection(fit(model, { data, optimizer, ...options(loss) } as never), type as never, text);
      await expectRejection(evaluate(model, { data, loss, batchSize: 7 } as never), type as never, text);
      expect(weights(model)).toEqual(before);
    });
  });

  test("a number that is not finite", async () => {
    await withModel(async (model, loss, optimizer) => {
      const data = swapped(2, ({ x, y }) => ({ x: { ...x, target: [...x.target.slice(0, 2), [0, Number.NaN]] }, y }));
      await expectRejection(fit(model, { data, loss, optimizer, shuffle: false }), NonFiniteError, "x.target[2][1] of sample 2 is NaN");
      const mood = swapped(4, ({ x, y }) => ({ x, y: { ...y, mood: Number.POSITIVE_INFINITY } }));
      await expectRejection(fit(model, { data: mood, loss, optimizer, shuffle: false }), NonFiniteError, "y.mood of sample 4 is Infinity");
    });
  });
});

test("options that do not go with several outputs", async () => {
  await withModel(async (model, loss, optimizer) => {
    const refuse = (more: object, text: string, type: typeof ArgumentError | typeof DTypeError | typeof ShapeError = ArgumentError) =>
      expectRejection(fit(model, { data: DATA, loss, optimizer, ...more } as never), type as never, text);
    await refuse({ accumulate: 2 }, "accumulate: expected 1, there being several losses");
    await refuse({ loss: {} }, "loss: expected a loss, or one or more by name, got none");
    await refuse({ loss: { tags: 3 } }, "loss.tags: expected a loss");
    await refuse({ loss: { "a.b": loss.tags } }, "loss: expected names of one character or more, without a dot");
    await refuse({ loss: { ...loss, other: loss.mood } }, "expected a target by the name other, as the losses are, got tags, mood");
    await refuse({ loss: loss.tags }, "y of sample");
    await refuse({ metrics: { other: ["rmse"] } }, "metrics: expected only tags, mood, got other");
    await refuse({ metrics: { tags: ["rmse"] } }, "metrics.tags[0]: expected accuracy");
    await refuse({ targetScaler: { tags: new MinMaxScaler().fit([0, 1]) } }, "targetScaler.tags: expected none");
    await refuse({ earlyStopping: { patience: 1, monitor: "accuracy" } }, "one of loss, tags.loss, mood.loss");
    const other = await testRuntime({ dtype: "f64" });
    await refuse({ loss: { ...loss, mood: new MSELoss(other) } }, "loss.mood: expected a loss of the model's runtime");
    other.dispose();
    await expectRejection(predict(model, [DATA[0]?.x as never]), ArgumentError, "sample 0: expected x, or { x }");
    const scaler = new MinMaxScaler().fit([0, 1]);
    await expectRejection(predict(model, DATA, { targetScaler: scaler }), ArgumentError, "targetScaler: expected none");
  });
});

test("what the model gives by other names, or as one, is refused; more than the losses ask for is not", async () => {
  await withModel(async (model, loss, optimizer) => {
    const giving = (change: (out: ByName<Tensor>) => unknown) =>
      Object.assign(Object.create(Object.getPrototypeOf(model)), model, {
        forward: (x: never, given: never) => change(model.forward(x, given)),
      });
    // Models know themselves by private members: an object of one's own stands in.
    const own = (change: (out: ByName<Tensor>) => unknown) => ({
      ...{ runtime: rt, namedParameters: () => model.namedParameters(), train() {}, eval() {} },
      forward: giving(change).forward,
    });
    const run = (change: (out: ByName<Tensor>) => unknown) => fit(own(change) as never, { data: DATA, loss, optimizer });
    await expectRejection(
      run(({ tags }) => tags),
      ArgumentError,
      "prediction: expected tensors by the losses' names",
    );
    await expectRejection(
      run(({ tags }) => ({ tags })),
      ArgumentError,
      "prediction.mood: expected a Tensor of model.forward, got undefined",
    );
    await expectRejection(
      run(({ mood }) => ({ tags: mood, mood })),
      ShapeError,
      "y.tags of sample",
    );
    await run((out) => ({ ...out, more: out.tags as Tensor }));
  });
});

test("gradcheck goes over all inputs and all outputs, and names them", () => {
  withModel((model) => {
    using source = rt.tensor(Int32Array.of(1, 2, 3, 0), [2, 2]);
    using target = rt.tensor([0.1, 0.2, -0.3, 0.4, 0.5, -0.6], [3, 1, FEATURES]);
    using one = rt.tensor(Int32Array.of(4, 2), [2, 1]);
    const { passed, error, worst } = gradcheck(model, { source: one, target });
    expect({ passed, error: error < 1e-6 }).toEqual({ passed: true, error: true });
    expect([...model.namedParameters().map(([name]) => name), "x.target"]).toContain(worst.name);
    const wrong = {
      parameters: () => [],
      zeroGrad() {},
      forward: ({ target }: { target: Tensor }) => model.forward({ source: one, target }),
      backward: () => undefined,
    };
    expect(() => gradcheck(wrong as never, { one, target })).toThrow(/model.backward: expected none where there are several inputs/);
    expect(() => gradcheck(wrong as never, { target })).toThrow(/model.backward: expected none where there are several outputs/);
    expect(() => gradcheck(model, {} as never)).toThrow(/x: expected a tensor, or tensors by name/);
    expect(() => gradcheck(model, { source, target: 3 } as never)).toThrow(/x.target: expected a Tensor/);
  });
});
