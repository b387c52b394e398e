/** What operators over axes keep of f32's digits, against the same in f64: the bounds of docs/numerics.md. */
import { expect, test } from "vitest";
import * as ops from "../../bindings/ops.js";
import { draws } from "../helpers/compare.js";
import { operatorFrame } from "../helpers/operator-frame.js";

/** Half a step at 1. */
const U = 2 ** -24;

const sumOf = (values: Float64Array) => values.reduce((a, b) => a + b, 0);

/** Draws of many sizes, spreads and means. */
function* samples(): Generator<Float64Array> {
  for (let seed = 0; seed < 30; seed++)
    for (const R of [2, 3, 17, 256, 5000])
      for (const scale of [0.01, 1, 30])
        for (const mean of [0, 1000]) yield draws(1000 * seed + R)(R, scale).map((value) => Math.fround(mean + value));
}

test("variance, cumulativeSum, logSumExp, logSoftmax", async () => {
  const { rt, frame } = await operatorFrame();
  const worst = { variance: 0, cumulativeSum: 0, logSumExp: 0, logSoftmax: 0 };
  const note = (name: keyof typeof worst, got: number, want: number, of: number) => {
    worst[name] = Math.max(worst[name], Math.abs(got - want) / of / U);
  };
  for (const data of samples()) {
    const x = rt.tensor(Float32Array.from(data), [data.length]);
    const given = frame.run(() => ({
      variance: ops.variance(x).at(0),
      sums: ops.cumulativeSum(x, 0).toArray(),
      evidence: ops.logSumExp(x).at(0),
      logs: ops.logSoftmax(x).toArray(),
    }));
    const mean = sumOf(data) / data.length;
    const variance = sumOf(data.map((value) => (value - mean) ** 2)) / (data.length - 1);
    note("variance", given.variance, variance, variance);
    let [sum, summands] = [0, 0];
    for (const [i, value] of data.entries()) {
      sum += value;
      summands += Math.abs(value);
      note("cumulativeSum", given.sums[i] as number, sum, summands);
    }
    const most = Math.max(...data);
    const log = Math.log(sumOf(data.map((value) => Math.exp(value - most))));
    note("logSumExp", given.evidence, most + log, Math.abs(most + log) + 1);
    for (const [i, value] of data.entries()) note("logSoftmax", given.logs[i] as number, value - most - log, most - value + log + 1);
    x.dispose();
  }
  expect(worst.variance).toBeLessThan(1);
  expect(worst.cumulativeSum).toBeLessThan(1);
  expect(worst.logSumExp).toBeLessThan(2);
  expect(worst.logSoftmax).toBeLessThan(3);
});
