/** F1 of classes that occur and of those that do not. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CrossEntropyLoss, evaluate, type Metric, type Runtime, type Tensor, type Trainable } from "../../bindings/index.js";
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
