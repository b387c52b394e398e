/** F1 of classes that occur and of those that do not. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  BCEWithLogitsLoss,
  CrossEntropyLoss,
  evaluate,
  type Metric,
  type Runtime,
  type Tensor,
  type Trainable,
} from "../../bindings/index.js";
import { testRuntime } from "../helpers/runtime.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime();
});
afterEach(() => rt.dispose());

describe("F1", () => {
  /** What is predicted and what is true, of `classes` classes. */
  async function scores(
    classes: number,
    predicted: number[],
    truth: number[],
    batchSize: number,
    metrics: Metric[] = ["accuracy", "f1", "f1Micro", "f1Weighted"],
  ) {
    const model: Trainable = {
      ...{ runtime: rt, forward: (x: Tensor) => x, backward: () => null, namedParameters: () => [] },
      ...{ train: () => {}, eval: () => {} },
    };
    const data = predicted.map((p, i) => ({ x: [Float32Array.from({ length: classes }, (_, c) => (c === p ? 5 : 0))], y: [truth[i]] }));
    const { loss: _, ...rest } = await evaluate(model, { data, loss: new CrossEntropyLoss(rt), metrics, batchSize });
    return [rest.accuracy, rest.f1, rest.f1Micro, rest.f1Weighted];
  }

  test.each<[string, number, number[], number[], number[]]>([
    ["three classes, only 0 occurs, all right", 3, [0, 0, 0], [0, 0, 0], [1, 1, 1, 1]],
    ["three classes, only 1 occurs, all right", 3, [1, 1], [1, 1], [1, 1, 1, 1]],
    ["three classes, 0 and 1 occur", 3, [0, 0, 0, 1], [0, 0, 1, 1], [3 / 4, 11 / 15, 3 / 4, 11 / 15]],
    ["the same, of a hundred classes", 100, [0, 0, 0, 1], [0, 0, 1, 1], [3 / 4, 11 / 15, 3 / 4, 11 / 15]],
    ["unevenly", 3, [0, 0, 1, 1], [0, 0, 0, 1], [3 / 4, 11 / 15, 3 / 4, 23 / 30]],
    ["a class that is predicted alone", 5, [0, 4], [0, 1], [1 / 2, 1 / 3, 1 / 2, 1 / 2]],
    ["all wrong", 3, [1, 2, 0], [0, 1, 2], [0, 0, 0, 0]],
    ["two classes: that of class 1", 2, [0, 0, 0, 1], [0, 0, 1, 1], [3 / 4, 2 / 3, 3 / 4, 11 / 15]],
    ["one class: the mean over the one that occurs", 1, [0, 0], [0, 0], [1, 1, 1, 1]],
    ["two classes, only 0 occurs", 2, [0, 0], [0, 0], [1, 0, 1, 1]],
  ])("%s", async (_, classes, predicted, truth, expected) => {
    for (const batchSize of [1, 3, 32]) {
      const got = await scores(classes, predicted, truth, batchSize);
      for (const [i, value] of expected.entries()) expect(got[i], ["accuracy", "f1", "f1Micro", "f1Weighted"][i]).toBeCloseTo(value, 12);
    }
  });

  test("macro alone: 1 where 0 alone occurs and all is right; 11/15 where 0 and 1 occur", async () => {
    const f1 = async (predicted: number[], truth: number[]) => (await scores(3, predicted, truth, 8, ["f1"]))[1];
    expect(await f1([0, 0, 0], [0, 0, 0])).toBe(1);
    expect(await f1([0, 0, 0, 1], [0, 0, 1, 1])).toBeCloseTo(11 / 15, 12);
  });
});

describe("a prediction of NaN is no class", () => {
  const metrics: Metric[] = ["accuracy", "perplexity", "f1", "f1Micro", "f1Weighted"];
  const passing = (batchSize: number): Omit<Parameters<typeof evaluate>[1], "data" | "loss"> => ({ metrics, batchSize });
  const model = (): Trainable => ({
    ...{ runtime: rt, forward: (x: Tensor) => x, backward: () => null, namedParameters: () => [] },
    ...{ train: () => {}, eval: () => {} },
  });

  test.each([
    ["the first class", [Number.NaN, 1, 0]],
    ["another class", [0, Number.NaN, 1]],
    ["all classes", [Number.NaN, Number.NaN, Number.NaN]],
  ])("%s: the metrics are NaN, as the loss is, whatever else is right", async (_, logits) => {
    for (const batchSize of [1, 3]) {
      const data = [[5, 0, 0], logits, [0, 5, 0]].map((x, y) => ({ x: [Float32Array.from(x)], y: [[0, 0, 1][y] as number] }));
      const got = await evaluate(model(), { ...passing(batchSize), data, loss: new CrossEntropyLoss(rt) });
      expect(got).toEqual({ loss: NaN, accuracy: NaN, perplexity: NaN, f1: NaN, f1Micro: NaN, f1Weighted: NaN });
    }
  });

  test("in rows that do not count it does not count", async () => {
    const data = [
      [5, 0, 0],
      [NaN, NaN, NaN],
      [0, 5, 0],
    ].map((x, i) => ({ x: [Float32Array.from(x)], y: [[0, 2, 1][i] as number] }));
    for (const loss of [new CrossEntropyLoss(rt, { ignoreIndex: 2 }), new CrossEntropyLoss(rt, { weight: [1, 1, 0] })]) {
      const { accuracy, f1 } = await evaluate(model(), { ...passing(2), data, loss });
      expect([accuracy, f1]).toEqual([1, 1]);
    }
  });

  test("of BCEWithLogitsLoss", async () => {
    const data = [3, NaN, -3].map((x, i) => ({ x: [[x]], y: [[1, 0, 0][i] as number] }));
    const { accuracy, f1 } = await evaluate(model(), { ...passing(2), data, loss: new BCEWithLogitsLoss(rt) });
    expect([accuracy, f1]).toEqual([NaN, NaN]);
    const right = await evaluate(model(), { ...passing(2), data: [data[0], data[2]] as typeof data, loss: new BCEWithLogitsLoss(rt) });
    expect([right.accuracy, right.f1]).toEqual([1, 1]);
  });
});
