/** Metrics of one's own: by sample, whatever the batches are. */
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import {
  ArgumentError,
  CrossEntropyLoss,
  evaluate,
  fit,
  type History,
  MSELoss,
  type OwnMetric,
  type Runtime,
  type SampleArray,
  Standardizer,
} from "../../bindings/index.js";
import { echo } from "../helpers/echo.js";
import { contentOf, packed, partsOf, runOf, sequences } from "../helpers/resumable.js";
import { testRuntime } from "../helpers/runtime.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime({ seed: 1 });
});
afterEach(() => {
  rt.dispose();
});

const LENGTHS = [3, 1, 5, 2];
const ragged = LENGTHS.map((steps, n) => ({
  x: Array.from({ length: steps }, (_, t) => [10 * n + t, -t]),
  y: Float32Array.from({ length: 2 * steps }, (_, i) => i),
}));

describe("what a sample gets", () => {
  test("its own prediction and target, without padding, with their shapes", async () => {
    const seen: [SampleArray, SampleArray][] = [];
    const look: OwnMetric = (prediction, target) => seen.push([prediction, target]);
    for (const batchFirst of [false, true]) {
      seen.length = 0;
      await evaluate(echo(rt, { batchFirst }), { data: ragged, loss: new MSELoss(rt), metrics: [{ look }], batchSize: 3 });
      expect(seen).toEqual(
        ragged.map(({ x, y }) => [
          { data: Float64Array.from(x.flat()), shape: [x.length, 2] },
          { data: Float64Array.from(y), shape: [x.length, 2] },
        ]),
      );
    }
  });

  test("classes as whole numbers; a sample in which nothing counts is left out", async () => {
    const data = [
      { x: [[3, 0, 0]], y: [1] },
      { x: [[0, 4, 0]], y: [-100] },
      {
        x: [
          [0, 0, 5],
          [1, 0, 0],
        ],
        y: [2, -100],
      },
    ];
    const seen: unknown[] = [];
    const look: OwnMetric = (prediction, target) => seen.push([[...prediction.data], prediction.shape, [...target.data], target.shape]);
    for (const batchSize of [1, 3]) {
      seen.length = 0;
      const { look: mean } = await evaluate(echo(rt), { data, loss: new CrossEntropyLoss(rt), metrics: [{ look }], batchSize });
      expect(seen).toEqual([
        [[3, 0, 0], [1, 3], [1], [1]],
        [[0, 0, 5, 1, 0, 0], [2, 3], [2, -100], [2]],
      ]);
      expect(mean).toBe(1.5); // push gives 1 and 2
    }
  });

  test("copies: what one metric does to them the next does not see", async () => {
    const sort: OwnMetric = ({ data }, target) => data.sort().fill(7).length + target.data.fill(0).length;
    const first: OwnMetric = ({ data }, target) => (data[0] as number) + (target.data[1] as number);
    const data = [{ x: [[5, 1]], y: [2, 3] }];
    const got = await evaluate(echo(rt), { data, loss: new MSELoss(rt), metrics: [{ sort }, { first }, "mae"] });
    expect(got).toMatchObject({ sort: 4, first: 8, mae: 2.5 });
  });

  test("in the units of the data where there is a targetScaler", async () => {
    const scaler = new Standardizer().fit([
      [0, 10],
      [2, 30],
    ]);
    const data = [{ x: [[0, 1]], y: [1, 0] }];
    const look: OwnMetric = (prediction, target) => Number([...prediction.data, ...target.data].join("") === "130220");
    expect((await evaluate(echo(rt), { data, loss: new MSELoss(rt), metrics: [{ look }], targetScaler: scaler })).look).toBe(1);
  });
});

test("the mean over samples, each once, for any size of batch", async () => {
  const first: OwnMetric = ({ data }) => data[0] as number;
  for (const batchSize of [1, 2, 3, 4]) {
    const got = await evaluate(echo(rt), { data: ragged, loss: new MSELoss(rt), metrics: [{ first }], batchSize });
    expect(got.first).toBe((0 + 10 + 20 + 30) / 4);
  }
});

describe("refusals", () => {
  const evaluated = (...metrics: never[]) => evaluate(echo(rt), { data: ragged, loss: new MSELoss(rt), metrics });

  test("what a metric throws comes through, as it is", async () => {
    const mine = new RangeError("mine");
    const before = rt.bytesInUse;
    const bad: OwnMetric = () => {
      throw mine;
    };
    await expect(evaluated({ bad } as never)).rejects.toBe(mine);
    expect(rt.bytesInUse - before).toBeLessThan(1000); // the loss's own workspace
  });

  test.each([
    ["a string", () => "1", '"1"'],
    ["a promise", async () => 1, "a Promise (await it first)"],
    ["nothing", () => {}, "undefined"],
  ])("%s is no number, and is named", async (_, within, got) => {
    await expect(evaluated({ within } as never)).rejects.toThrow(new ArgumentError("metrics.within of sample 0", "a number", got));
  });

  test.each([
    [() => 1, "metrics[0]: expected a function by name, { name: function }, got a function"],
    [{}, "metrics[0]: expected a function by name, got none"],
    [{ within: 3 }, "metrics[0].within: expected a function, or { count, value }, got 3"],
    [{ within: null }, "metrics[0].within: expected a function, or { count, value }, got null"],
    [{ within: { count: () => [1] } }, "metrics[0].within: expected a function, or { count, value }, got Object"],
    [{ loss: () => 1 }, 'metrics[0]: expected a name of its own, got "loss"'],
    [{ mae: () => 1 }, 'metrics[0]: expected a name of its own, got "mae"'],
    [JSON.parse('{"__proto__": 1}'), 'metrics[0]: expected a name of its own, got "__proto__"'],
  ])("%o is no metric", async (metric, message) => {
    await expect(evaluated(metric as never)).rejects.toThrow(message);
  });

  test("a function of one's own to watch has to say which way is better", async () => {
    const parts = partsOf(rt);
    const watched = (earlyStopping: object) =>
      fit(parts.model, {
        ...runOf(parts),
        metrics: [{ length: ({ data }) => data.length }],
        earlyStopping: { patience: 2, ...earlyStopping },
      });
    await expect(watched({ monitor: "length" })).rejects.toThrow('earlyStopping.mode: expected "min" or "max"');
    await expect(watched({ monitor: "size" })).rejects.toThrow(
      'earlyStopping.monitor: expected one of loss, length (of metrics), got "size"',
    );
    for (const mode of ["up", null]) await expect(watched({ monitor: "length", mode })).rejects.toThrow("earlyStopping.mode");
    parts.dispose();
  });
});

describe("in fit", () => {
  /** The share of steps that are right. */
  const right: OwnMetric = ({ data, shape: [T = 0, C = 0] }, target) => {
    let hits = 0;
    for (let t = 0; t < T; t++) {
      const logits = data.subarray(t * C, (t + 1) * C);
      hits += Number(logits.indexOf(Math.max(...logits)) === target.data[t]);
    }
    return hits / T;
  };
  const metrics = ["accuracy", { right }] as const;

  test("of training and validation, watched, and resumed to the same bits and the same order", async () => {
    const earlyStopping = { patience: 2, monitor: "right", mode: "max" } as const;
    const saved: Uint8Array[] = [];
    const whole = partsOf(rt);
    const checkpoint = { every: 1, save: (bytes: Uint8Array) => void saved.push(bytes.slice()) };
    const history = await fit(whole.model, { ...runOf(whole), metrics, earlyStopping, checkpoint });
    const scores = history.epochs.map(({ validation }) => validation?.right as number);
    expect(history.bestEpoch).toBe(1 + scores.indexOf(Math.max(...scores)));
    for (const step of [3, 19]) {
      const parts = partsOf(rt, { seed: 77 });
      const again = await fit(parts.model, { ...runOf(parts), metrics, earlyStopping, resume: saved[step - 1] as Uint8Array });
      expect(JSON.stringify(again.epochs)).toBe(JSON.stringify(history.epochs));
      parts.dispose();
    }
    const { tensors, details } = contentOf(saved[18] as Uint8Array);
    const parts = partsOf(rt);
    const resume = saved[18] as Uint8Array;
    await expect(fit(parts.model, { ...runOf(parts), resume })).rejects.toThrow(
      'earlyStopping.monitor: expected "right", as in the checkpoint, got "loss"',
    );
    const more = { ...runOf(parts), metrics: [...metrics, { other: right }], earlyStopping, resume };
    await expect(fit(parts.model, more)).rejects.toThrow(
      "metrics: expected none that count predictions: the checkpoint's epoch has begun without, got other",
    );
    for (const own of ['"3"', '{"count":0,"sum":1}', '["3"]', "null"]) {
      const broken = details.replace(/"own":\{"right":\[[^\]]*\]/, `"own":{"right":${own}`);
      expect(broken).not.toBe(details);
      await expect(fit(parts.model, { ...more, metrics, resume: packed(tensors, broken) })).rejects.toThrow(
        "checkpoint: expected position.metrics.own.right",
      );
    }
    // As it was before sums were kept by place.
    const old = details.replace(/"own":\{"right":\[([^,]+),([^\]]+)\]/, '"own":{"right":{"sum":$1,"count":$2}');
    expect(old).not.toBe(details);
    const kept = partsOf(rt, { seed: 77 });
    const again = await fit(kept.model, { ...runOf(kept), metrics, earlyStopping, resume: packed(tensors, old) });
    expect(JSON.stringify(again.epochs)).toBe(JSON.stringify(history.epochs));
    kept.dispose();
    for (const each of [parts, whole]) each.dispose();
    expect(rt.bytesInUse).toBe(0);
  });
});

test("the types know the names", async () => {
  const { mae, within } = await evaluate(echo(rt), {
    data: ragged,
    loss: new MSELoss(rt),
    metrics: ["mae", { within: (prediction, target) => prediction.data.length - target.data.length }],
  });
  expectTypeOf({ mae, within }).toEqualTypeOf<{ mae: number; within: number }>();
  expect(within).toBe(0);
  const parts = partsOf(rt);
  const options = { ...runOf(parts), data: sequences(4), epochs: 1, earlyStopping: { patience: 1 } };
  const history = await fit(parts.model, { ...options, metrics: ["accuracy", { half: () => 0.5 }] });
  expectTypeOf(history.epochs[0]?.half).toEqualTypeOf<number>();
  expectTypeOf(history.epochs[0]?.validation?.accuracy).toEqualTypeOf<number | undefined>();
  // @ts-expect-error: not asked for
  history.epochs[0]?.third;
  const plain: History = history;
  expect([plain.epochs.length, history.epochs[0]?.half]).toEqual([1, 0.5]);
  parts.dispose();
});
