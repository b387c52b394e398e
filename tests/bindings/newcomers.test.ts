/** What a newcomer gets wrong: the message names what was written, what is expected, and the cure. Whole messages. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  Adam,
  BCEWithLogitsLoss,
  CrossEntropyLoss,
  createRuntime,
  Dense,
  Embedding,
  type FitOptions,
  fit,
  LastStep,
  type Layer,
  type Loss,
  LSTM,
  MSELoss,
  type Runtime,
  Sequential,
  Standardizer,
} from "../../bindings/index.js";
import { testRuntime } from "../helpers/runtime.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime({ seed: 1 });
});
afterEach(() => rt.dispose());

const lstm = (inputSize = 2) => new LSTM(rt, { inputSize, hiddenSize: 5 });
const head = (outputSize: number, inputSize = 5) => new Dense(rt, { inputSize, outputSize });
const embedding = () => new Embedding(rt, { numEmbeddings: 10, embeddingDim: 2 });
/** One class of three for a sequence of tokens. */
const classifier = (O = 3) => new Sequential(rt, { embedding: embedding(), lstm: lstm(), last: new LastStep(rt), head: head(O) });
/** Numbers for a sequence of two features, or for each of its steps. */
const forecaster = (O = 1) => new Sequential(rt, { lstm: lstm(), last: new LastStep(rt), head: head(O) });
const tagger = (O = 1) => new Sequential(rt, { lstm: lstm(), head: head(O) });

const entropy = () => new CrossEntropyLoss(rt);
const squares = () => new MSELoss(rt);
const tokens = (y: unknown = 1) => ({ x: Int32Array.of(1, 2, 3), y });
const numbers = (y: unknown = 1) => {
  const x = [
    [1, 2],
    [3, 4],
    [5, 6],
  ];
  return { x, y };
};

async function messageOf(model: Sequential, loss: Loss, options: object): Promise<string> {
  const all = { loss, optimizer: new Adam(model.parameters()), ...options } as unknown as FitOptions;
  const error = await fit(model, all).catch((caught) => caught);
  return `${error.name}: ${error.message}`;
}

type Case = [string, () => Sequential, () => Loss, object, string];

describe("in fit", () => {
  const many = (bad: object, at = 471, count = 500) => Array.from({ length: count }, (_, i) => (i === at ? bad : tokens()));
  const beyond = { x: Int32Array.of(1, 2, 3, 10), y: 1 };
  const BEYOND = "expected a token in 0 … 9, got 10";
  test.each<Case>([
    ["a token beyond", () => classifier(), entropy, { data: many(beyond) }, `ArgumentError: x[3] of sample 471: ${BEYOND}`],
    [
      ...(["a token beyond, bucketed and accumulated", () => classifier(), entropy] as const),
      { data: many(beyond), accumulate: 3, bucketByLength: true, metrics: ["accuracy"] },
      `ArgumentError: x[3] of sample 471: ${BEYOND}`,
    ],
    [
      ...(["a token beyond, in an epoch", () => classifier(), entropy] as const),
      { data: (epoch: number) => (epoch === 1 ? many(beyond, 47, 50) : [tokens()]), epochs: 3 },
      `ArgumentError: x[3] of sample 47 of epoch 2: ${BEYOND}`,
    ],
    [
      ...(["a token beyond, of validation", () => classifier(), entropy] as const),
      { data: [tokens()], validation: many(beyond, 47, 50) },
      `ArgumentError: x[3] of sample 47 of validation: ${BEYOND}`,
    ],
    [
      ...(["tokens in a list", () => classifier(), entropy, { data: [{ x: [1, 2, 3], y: 1 }] }] as const),
      "DTypeError: x of sample 0: expected tokens in an Int32Array, which this model reads, got numbers",
    ],
    [
      ...(["tokens for numbers", () => forecaster(), squares, { data: [tokens()] }] as const),
      "DTypeError: x of sample 0: expected numbers, which this model reads (in a Float32Array, say), got an Int32Array, which is for tokens",
    ],
    [
      ...(["no features", () => forecaster(), squares, { data: [{ x: Float32Array.of(1, 2, 3, 4), y: 1 }] }] as const),
      "ShapeError: x of sample 0: expected 2 features a step, as the model reads (option features: 2), got 1",
    ],
    [
      ...(["the steps of one sample as samples", () => forecaster(), squares] as const),
      {
        data: [
          { x: [1, 2], y: 1 },
          { x: [3, 4], y: 1 },
        ],
        shuffle: false,
      },
      "ShapeError: x of sample 0: expected 2 features a step, as the model reads (option features: 2; the steps of one sample go as [x]), got 1",
    ],
    [
      ...(["a callback by another's name", () => classifier(), entropy, { data: [tokens()], callbacks: { onEpochEnd() {} } }] as const),
      "ArgumentError: callbacks.onEpochEnd: expected onProgress, onEpoch or onEnd, got a name that nobody calls",
    ],
    [
      ...(["a metric without a name", () => forecaster(), squares, { data: [numbers()], metrics: [() => 1] }] as const),
      "ArgumentError: metrics[0]: expected a function by name, { name: function }, got a function",
    ],
    [
      ...(["what is not measured, watched", () => forecaster(), squares] as const),
      { data: [numbers()], earlyStopping: { patience: 1, monitor: "val_loss" } },
      'ArgumentError: earlyStopping.monitor: expected one of loss (of metrics), got "val_loss"',
    ],
    [
      ...(["features first", () => forecaster(), squares] as const),
      { data: [{ x: [new Array(4).fill(0), new Array(4).fill(0)], y: 1 }] },
      "ShapeError: x of sample 0: expected 2 features a step, as the model reads (x is steps, each an array of features), got 4",
    ],
    [
      ...(["pairs", () => forecaster(), squares, { data: [[[1, 2], 1]] }] as const),
      "ArgumentError: sample 0: expected { x, y }, got [an array of 2, 1]",
    ],
    [
      ...(["other names", () => forecaster(), squares, { data: [{ input: [[1, 2]], target: 1 }] }] as const),
      "ArgumentError: sample 0: expected { x, y }, got an object with neither",
    ],
    [
      ...(["classes from 1", () => classifier(), entropy, { data: [tokens(1), tokens(2), tokens(3)], shuffle: false }] as const),
      "ArgumentError: y of sample 2: expected a class in 0 … 2 or ignoreIndex, -100 (classes count from 0), got 3",
    ],
    [
      ...(["one-hot", () => classifier(), entropy, { data: [tokens([0, 1, 0])] }] as const),
      "ShapeError: y of sample 0: expected 1 class (as a number in 0 … 2, not one-hot), got 3",
    ],
    [
      ...(["a name for a class", () => classifier(), entropy, { data: [tokens("cat")] }] as const),
      'ArgumentError: y of sample 0: expected a class, which is an integer, or an array of classes, got "cat"',
    ],
    [
      ...(["one logit", () => classifier(1), entropy, { data: [tokens(1)] }] as const),
      "ArgumentError: y of sample 0: expected a class in 0 … 0 or ignoreIndex, -100 (of one logit: BCEWithLogitsLoss), got 1",
    ],
    [
      ...(["a class for squares", () => classifier(), squares, { data: [tokens(1)] }] as const),
      "ShapeError: y of sample 0: expected 3 numbers (for a class: CrossEntropyLoss), got 1",
    ],
    [
      ...(["a class where ½ is the border", () => classifier(1), () => new BCEWithLogitsLoss(rt), { data: [tokens(2)] }] as const),
      "ArgumentError: y of sample 0: expected a number in [0, 1], got 2",
    ],
    [
      ...(["no pooling", () => tagger(), squares, { data: [numbers(1)] }] as const),
      "ShapeError: y of sample 0: expected 3 numbers, 1 a step (the model predicts every step: LastStep, MeanPool and MaxPool make one of them), got 1",
    ],
    [
      ...(["NaN", () => forecaster(), squares, { data: [numbers(), { x: [[1, Number.NaN]], y: 0 }], shuffle: false }] as const),
      "NonFiniteError: fit: expected finite numbers, got the loss is NaN in step 1 (batch 1 of epoch 1); x[0][1] of sample 1 is NaN",
    ],
    [
      ...(["∞, found in the gradients of two batches", () => forecaster(), squares] as const),
      { data: [numbers(), { x: [[1, Number.POSITIVE_INFINITY]], y: 0 }, numbers()], batchSize: 1, accumulate: 3, shuffle: false },
      "NonFiniteError: fit: expected finite numbers, got the gradient of lstm.weight_ih_l0 is not finite in step 1 (batch 3 of epoch 1); x[0][1] of sample 1 is Infinity",
    ],
    [
      ...(["a promise", () => forecaster(), squares, { data: Promise.resolve([numbers()]) }] as const),
      "ArgumentError: data: expected samples { x, y }: an array of them, an iterable, or a function that returns one, got a Promise (await it first)",
    ],
    [
      ...(["no optimizer", () => forecaster(), squares, { data: [numbers()], optimizer: undefined }] as const),
      "ArgumentError: optimizer: expected an optimizer, such as new Adam(model.parameters()), with step(), got undefined",
    ],
    [
      ...([
        "layers that do not fit",
        () => new Sequential(rt, { lstm: lstm(), head: head(1, 4) }),
        squares,
        { data: [numbers()] },
      ] as const),
      "ShapeError: x of layer head: expected […, 4], got [3, 1, 5], as layer lstm gives it",
    ],
  ])("%s", async (_, model, loss, options, message) => {
    expect(await messageOf(model(), loss(), options)).toBe(message);
  });

  test("the layer to blame, where it is one: place.layer has it also where a sample is to blame", async () => {
    const model = forecaster();
    const data = [{ x: [[1, Number.NaN]], y: 0 }];
    const error = await fit(model, { data, loss: squares(), optimizer: new Adam(model.parameters()) }).catch((caught) => caught);
    expect(error.place).toEqual({ step: 1, batch: 1, layer: "lstm" });
  });
});

test.each<[string, () => unknown, string]>([
  [
    ...(["floats for tokens", () => embedding().forward(rt.tensor([1, 2, 3], [3]))] as const),
    'DTypeError: tokens: expected i32, got f32 (make it of an Int32Array, or with { dtype: "i32" })',
  ],
  [
    ...(["integers for numbers", () => lstm().forward(rt.tensor(Int32Array.of(1, 2), [1, 2]))] as const),
    'DTypeError: x: expected f32, got i32 (make it with { dtype: "f32" })',
  ],
  [
    ...(["a whole result", () => head(1).forward(lstm().forward(rt.zeros([3, 1, 2])) as never)] as const),
    "ArgumentError: x: expected a Tensor (of rt.tensor()), got an object whose output is one",
  ],
  [
    ...(["a whole loss", () => squares().forward(squares().forward(rt.zeros([1]), rt.zeros([1])) as never, rt.zeros([1]))] as const),
    "ArgumentError: prediction: expected a Tensor (of rt.tensor()), got an object whose gradient is one",
  ],
  [
    ...(["one-hot targets", () => entropy().forward(rt.zeros([2, 3]), rt.zeros([2, 3], { dtype: "i32" }))] as const),
    "ShapeError: targets: expected [2] (classes by their numbers, not one-hot), got [2, 3]",
  ],
  [
    ...(["a runtime to come", () => new LSTM(createRuntime() as never, { inputSize: 1, hiddenSize: 1 })] as const),
    "ArgumentError: runtime: expected a Runtime of createRuntime() (of the same entry), got a Promise (await it first)",
  ],
  [
    ...(["layers one by one", () => new (Sequential as new (...args: unknown[]) => Sequential)(rt, head(1), head(1))] as const),
    "ArgumentError: layers: expected layers by name, or for a Sequential an array of them, got Dense",
  ],
  [
    ...(["a scaler without a name", () => forecaster().save(new Standardizer().fit([1, 2]) as never)] as const),
    "ArgumentError: metadata: expected scalers by name, such as { scaler }, got one without a name",
  ],
  [
    ...(["a stream through a pool", () => forecaster().stream()] as const),
    "ArgumentError: layers.last: expected a layer that can be streamed, got LastStep: leave it out, in a Sequential of the others",
  ],
  [
    ...(["layers that do not fit, in models inside"] as const),
    () => {
      const inside = (layers: Record<string, Layer>) => new Sequential(rt, layers);
      const model = new Sequential(rt, {
        body: inside({ embedding: embedding(), lstm: lstm(3) }),
        top: inside({ last: new LastStep(rt), head: head(1) }),
      });
      model.forward(rt.tensor(Int32Array.of(1, 2), [2, 1]));
    },
    "ShapeError: x of layer body.lstm: expected [T, N, 3] or [T, 3], got [2, 1, 2], as layer embedding gives it",
  ],
  [
    ...(["the first layer of a model inside"] as const),
    () => {
      const model = new Sequential(rt, { lstm: lstm(), top: new Sequential(rt, { head: head(1, 10) }) });
      model.forward(rt.zeros([3, 1, 2]));
    },
    "ShapeError: x of layer top: expected […, 10], got [3, 1, 5], as layer lstm gives it",
  ],
])("outside: %s", (_, act, message) => {
  let error: Error | undefined;
  try {
    act();
  } catch (caught) {
    error = caught as Error;
  }
  expect(`${error?.name}: ${error?.message}`).toBe(message);
});
