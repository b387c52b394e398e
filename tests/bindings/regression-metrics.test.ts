/** Errors of numbers, against formulas of their own and against scikit-learn's printed examples. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  ArgumentError,
  BCEWithLogitsLoss,
  CrossEntropyLoss,
  Dense,
  evaluate,
  fit,
  GRU,
  HuberLoss,
  L1Loss,
  type Metric,
  MSELoss,
  type Runtime,
  type Sample,
  Sequential,
  SGD,
  ShapeError,
  Standardizer,
} from "../../bindings/index.js";
import { draws } from "../helpers/compare.js";
import { echo } from "../helpers/echo.js";
import { testRuntime } from "../helpers/runtime.js";
import { naiveErrors } from "../reference/regression-metrics.js";

const ALL = ["mae", "rmse", "r2", "mape"] as const satisfies readonly Metric[];

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime({ dtype: "f64", seed: 1 });
});
afterEach(() => {
  rt.dispose();
});

/** Samples of one step: what is predicted, and what is true. */
const single = (predictions: number[][], targets: number[][]): Sample[] =>
  predictions.map((row, i) => ({ x: [row], y: targets[i] as number[] }));

/** One row a sample: the last axis alone. */
const last = () => echo(rt, { forward: (x) => rt.tensor(x.toArray(), [x.shape[1] as number, x.shape[2] as number]) });

async function errorsOf(data: Sample[], batchSize = 32) {
  const loss = new MSELoss(rt);
  const { loss: _, ...errors } = await evaluate(last(), { data, loss, metrics: ALL, batchSize });
  return errors;
}

describe("scikit-learn's printed examples", () => {
  test("one column", async () => {
    const errors = await errorsOf(single([[2.5], [0], [2], [8]], [[3], [-0.5], [2], [7]]));
    expect(errors.mae).toBe(0.5);
    expect(errors.rmse).toBeCloseTo(0.6123724356957945, 14);
    expect(errors.r2).toBeCloseTo(0.9486081370449679, 14);
    expect(errors.mape).toBeCloseTo(0.3273809523809524, 14);
  });

  test("two columns: r2 is their mean", async () => {
    const truth = [
      [0.5, 1],
      [-1, 1],
      [7, -6],
    ];
    const guess = [
      [0, 2],
      [-1, 2],
      [8, -5],
    ];
    const errors = await errorsOf(single(guess, truth));
    expect(errors.mae).toBe(0.75);
    expect(errors.r2).toBeCloseTo((0.9654377880184332 + 0.9081632653061225) / 2, 14);
  });

  test("y of 0: the share is of ε", async () => {
    const errors = await errorsOf(single([[1], [0.1], [0.9]], [[1], [0], [1]])); // 112589990684262.48 in its docs, for [1, 0, 1, 1, 1, 1, 1]
    expect(errors.mape).toBeCloseTo((0.1 / 2 ** -52 + 0.1) / 3, 0);
  });
});

describe("r2 of what is constant", () => {
  test.each([
    ["hit", [[3], [3]], [[3], [3]], 1],
    ["missed", [[3], [4]], [[3], [3]], 0],
    ["one row", [[3]], [[3]], Number.NaN],
    [
      "a column of two",
      [
        [3, 1],
        [3, 2],
      ],
      [
        [3, 1],
        [3, 2],
      ],
      1,
    ],
    ["equal numbers that sums would round", [[0.1], [0.1], [0.2]], [[0.1], [0.1], [0.1]], 0],
  ])("%s", async (_, predictions, targets, expected) => {
    expect((await errorsOf(single(predictions, targets))).r2).toBe(expected);
  });
});

describe("over all elements", () => {
  const draw = draws(5);
  const targets = Array.from(draw(101 * 3)).map((value) => 1000 + 3 * value);
  const off = Array.from(draw(101 * 3));
  const rows = (values: number[]) => Array.from({ length: 101 }, (_, i) => values.slice(3 * i, 3 * i + 3));
  const [truth, guess] = [rows(targets), rows(targets.map((value, i) => value + (off[i] as number)))];

  test("the same for any size of batch, to the bit, and as the formulas say; a mean of batches would be another", async () => {
    const whole = await errorsOf(single(guess, truth), 101);
    const naive = naiveErrors(guess, truth);
    for (const name of ALL) expect(whole[name], name).toBeCloseTo(naive[name], 12);
    for (const batchSize of [1, 7, 50]) expect(await errorsOf(single(guess, truth), batchSize)).toEqual(whole);
    const batches = [
      naiveErrors(guess.slice(0, 50), truth.slice(0, 50)),
      naiveErrors(guess.slice(50, 100), truth.slice(50, 100)),
      naiveErrors(guess.slice(100), truth.slice(100)),
    ];
    expect(Math.abs(batches.reduce((sum, { rmse }) => sum + rmse, 0) / 3 - whole.rmse)).toBeGreaterThan(1e-3);
  });

  test("a great mean costs the variance nothing", async () => {
    const far = truth.map((row) => row.map((value) => value + 1e8));
    const near = far.map((row, i) => row.map((value, d) => value + (off[3 * i + d] as number)));
    const { r2 } = await errorsOf(single(near, far));
    expect(Math.abs(r2 - naiveErrors(near, far).r2)).toBeLessThan(1e-9); // sums of squares would leave no digit
  });

  test("padding does not count: sequences of different lengths, both layouts", async () => {
    const lengths = [3, 1, 5, 2, 4];
    const values = draw(15 * 2);
    let at = 0;
    const data = lengths.map((steps) => {
      const x = Array.from({ length: steps }, () => [values[at++] as number, values[at++] as number]);
      return { x, y: x.flatMap(([a = 0, b = 0]) => [a + 1, b * b]) };
    });
    const naive = naiveErrors(
      data.flatMap(({ x }) => x),
      data.flatMap(({ x }) => x.map(([a = 0, b = 0]) => [a + 1, b * b])),
    );
    for (const loss of [new MSELoss(rt), new L1Loss(rt), new HuberLoss(rt)]) {
      for (const batchFirst of [false, true]) {
        const results = [];
        for (const batchSize of [1, 2, 5]) results.push(await evaluate(echo(rt, { batchFirst }), { data, loss, metrics: ALL, batchSize }));
        for (const { loss: _, ...errors } of results) {
          for (const name of ALL) expect(errors[name], name).toBeCloseTo(naive[name], 12);
          const { loss: __, ...first } = results[0] as (typeof results)[number];
          expect(errors).toEqual(first);
        }
      }
    }
  });

  test("NaN in a prediction or a target is NaN in all", async () => {
    expect(await errorsOf(single([[1], [Number.NaN]], [[1], [2]]))).toEqual({ mae: NaN, rmse: NaN, r2: NaN, mape: NaN });
    expect(await errorsOf(single([[1], [2]], [[1], [Number.NaN]]))).toEqual({ mae: NaN, rmse: NaN, r2: NaN, mape: NaN });
  });
});

describe("in the units of the data", () => {
  test("targetScaler brings both back; the loss stays as it is learned", async () => {
    const scaler = new Standardizer().fit([10, 20, 60]);
    const [truth, guess] = [
      [10, 20, 60],
      [12, 19, 50],
    ];
    const scaled = (values: number[]) => [...scaler.transform(values)];
    const data = scaled(guess).map((x, i) => ({ x: [[x]], y: scaled(truth)[i] as number }));
    const loss = new MSELoss(rt);
    const plain = await evaluate(last(), { data, loss, metrics: ALL });
    const got = await evaluate(last(), { data, loss, metrics: ALL, targetScaler: scaler });
    const naive = naiveErrors(
      guess.map((value) => [value]),
      truth.map((value) => [value]),
    );
    for (const name of ALL) expect(got[name], name).toBeCloseTo(naive[name], 12);
    expect(got.loss).toBe(plain.loss);
    expect(got.mae).not.toBeCloseTo(plain.mae, 3);
  });

  test("of several columns, and of several steps of them", async () => {
    const scaler = new Standardizer().fit([
      [0, 100],
      [2, 300],
    ]);
    const data = [{ x: [[0, 0, 0, 0]], y: [1, 1, 1, 1] }]; // off by one deviation each: 1, 100, 1, 100
    const { mae } = await evaluate(last(), { data, loss: new MSELoss(rt), metrics: ["mae"], targetScaler: scaler });
    expect(mae).toBe(50.5);
    const odd = evaluate(last(), {
      data: [{ x: [[0, 0, 0]], y: [1, 1, 1] }],
      loss: new MSELoss(rt),
      metrics: ["mae"],
      targetScaler: scaler,
    });
    await expect(odd).rejects.toThrow(new ShapeError("targetScaler", "a scaler of 3 features, as the model predicts", "one of 2"));
  });

  test("what is no scaler, one before fit, one beside a classifier", async () => {
    const evaluated = (targetScaler: never, loss: MSELoss | CrossEntropyLoss = new MSELoss(rt)) =>
      evaluate(last(), { data: single([[1]], [[1]]), loss, targetScaler });
    await expect(evaluated({} as never)).rejects.toThrow("targetScaler: expected a fitted Standardizer or MinMaxScaler, got Object");
    await expect(evaluated(new Standardizer() as never)).rejects.toThrow(
      "scaler: expected one that has been fitted, got a Standardizer before fit",
    );
    const fitted = new Standardizer().fit([1, 2]);
    await expect(evaluated(new Proxy(fitted, {}) as never)).rejects.toThrow("the scaler itself");
    await expect(evaluated(fitted as never, new CrossEntropyLoss(rt))).rejects.toThrow(
      "targetScaler: expected none, the loss being a classifier's",
    );
  });
});

test("metrics of numbers beside a classifier, and the reverse, are refused", async () => {
  const data = single([[1]], [[1]]);
  const asked = (metric: Metric, loss: MSELoss | CrossEntropyLoss | BCEWithLogitsLoss) =>
    evaluate(last(), { data, loss, metrics: [metric] });
  await expect(asked("accuracy", new MSELoss(rt))).rejects.toThrow(
    new ArgumentError("metrics[0]", "mae, rmse, r2, mape, the targets being numbers", '"accuracy"'),
  );
  await expect(asked("mae", new CrossEntropyLoss(rt))).rejects.toThrow("the targets being classes");
  await expect(asked("r2", new BCEWithLogitsLoss(rt))).rejects.toThrow(ArgumentError);
});

test("in fit: of training and validation, and what early stopping watches", async () => {
  const model = new Sequential(rt, [new GRU(rt, { inputSize: 1, hiddenSize: 4 }), new Dense(rt, { inputSize: 4, outputSize: 1 })]);
  const data = Array.from({ length: 12 }, (_, i) => ({ x: Float64Array.of(i / 12, 1 - i / 12), y: [i / 12, 1] }));
  const loss = new MSELoss(rt);
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  const common = { data, loss, optimizer, epochs: 8, batchSize: 5, validation: data.slice(0, 3), metrics: ["rmse", "r2"] as const };
  const { epochs, bestEpoch } = await fit(model, { ...common, earlyStopping: { patience: 9, monitor: "r2" } });
  const scores = epochs.map(({ validation }) => validation?.r2 as number);
  expect(bestEpoch).toBe(1 + scores.indexOf(Math.max(...scores)));
  for (const { loss, rmse } of epochs) expect(rmse).toBeCloseTo(Math.sqrt(loss), 12);
  const again = await evaluate(model, { data: data.slice(0, 3), loss, metrics: ["r2"] });
  expect(again.r2).toBe(Math.max(...scores));
  for (const part of [model, loss, optimizer]) part.dispose();
  expect(rt.bytesInUse).toBe(0);
});
