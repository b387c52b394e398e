/** Metrics of all samples together: sums by place, and what they make. */
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import {
  ArgumentError,
  type CorpusMetric,
  CrossEntropyLoss,
  evaluate,
  fit,
  MSELoss,
  type OwnMetric,
  type Runtime,
  type Sample,
  type SampleArray,
} from "../../bindings/index.js";
import { echo } from "../helpers/echo.js";
import { contentOf, packed, partsOf, runOf } from "../helpers/resumable.js";
import { testRuntime } from "../helpers/runtime.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime({ seed: 1 });
});
afterEach(() => {
  rt.dispose();
});

const ragged = [3, 1, 5, 2].map((steps, n) => ({
  x: Array.from({ length: steps }, (_, t) => [10 * n + t, -t]),
  y: Float32Array.from({ length: 2 * steps }, (_, i) => i),
}));
const evaluated = (metric: object, more: object = {}) =>
  evaluate(echo(rt), { data: ragged, loss: new MSELoss(rt), metrics: [{ metric: metric as CorpusMetric }], ...more });

/** Greatest logit of every step, right or not: [hits, steps]. */
function hits({ data, shape: [T = 0, C = 0] }: SampleArray, target: SampleArray): number[] {
  let right = 0;
  for (let t = 0; t < T; t++) {
    const logits = data.subarray(t * C, (t + 1) * C);
    right += Number(logits.indexOf(Math.max(...logits)) === target.data[t]);
  }
  return [right, T];
}
const overSteps: CorpusMetric = { count: hits, value: ([right = 0, steps = 0]) => right / steps };

test("the value of the sums, for any size of batch: no mean over samples", async () => {
  const metric: CorpusMetric = { count: ({ data }) => [data[0] as number, data.length], value: ([sum = 0, size = 0]) => sum / size };
  for (const batchSize of [1, 2, 3, 4]) expect((await evaluated(metric, { batchSize })).metric).toBe((0 + 10 + 20 + 30) / 22);
});

test("its methods are called on it, and each is read once", async () => {
  class Mine implements CorpusMetric {
    #factor = 2;
    count({ data }: SampleArray) {
      return [this.#factor * data.length];
    }
    value([sum = 0]: readonly number[]) {
      return sum * this.#factor;
    }
  }
  expect((await evaluated(new Mine())).metric).toBe(88);
  let asked = 0;
  const changing = Object.defineProperty({ value: () => 7 }, "count", { get: () => (asked++ === 0 ? () => [1] : "x") });
  expect((await evaluated(changing)).metric).toBe(7);
});

test("nothing counted: NaN, and the value is not asked for", async () => {
  const value = () => {
    throw new Error("asked");
  };
  const data = [{ x: [[3, 0, 0]], y: [-100] }];
  const got = await evaluate(echo(rt), { data, loss: new CrossEntropyLoss(rt), metrics: [{ none: { count: () => [1], value } }] });
  expect(got).toEqual({ loss: Number.NaN, none: Number.NaN });
});

describe("refusals", () => {
  test("what its functions throw comes through, as it is", async () => {
    const mine = new RangeError("mine");
    const bad = () => {
      throw mine;
    };
    await expect(evaluated({ count: bad, value: () => 1 })).rejects.toBe(mine);
    await expect(evaluated({ count: () => [1], value: bad })).rejects.toBe(mine);
  });

  test.each([
    ["a string", () => ["1"], '"1"'],
    ["nothing", () => {}, "undefined"],
    ["a promise", async () => [1], "a Promise (await it first)"],
    ["a rejected promise", () => Promise.reject(new Error("unheard")), "a Promise (await it first)"],
    ["a list of promises", () => [Promise.reject(new Error("unheard"))], "a Promise (await it first)"],
    ["a typed array", () => Float64Array.of(1), "Float64Array"],
  ])("%s is no count, and is named", async (_, count, got) => {
    await expect(evaluated({ count, value: () => 1 })).rejects.toThrow(new ArgumentError("metrics.metric of sample 0", "a number", got));
  });

  test.each([
    [2, 1],
    [0, 1],
    [1, 2],
  ])("%i numbers, then %i", async (first, then) => {
    let n = 0;
    const count = () => new Array(n++ === 0 ? first : then).fill(1);
    const error = new ArgumentError("metrics.metric of sample 1", `${first} numbers`, `${then}`);
    for (const batchSize of [1, 4]) {
      n = 0;
      await expect(evaluated({ count, value: () => 1 }, { batchSize })).rejects.toThrow(error);
    }
  });

  test.each([
    ["a string", () => "1", '"1"'],
    ["a promise", () => Promise.reject(new Error("unheard")), "a Promise (await it first)"],
  ])("%s is no value, and is named", async (_, value, got) => {
    await expect(evaluated({ count: () => [1], value })).rejects.toThrow(new ArgumentError("metrics.metric", "a number", got));
  });
});

describe("in fit", () => {
  test("of training and validation, watched, and resumed to the same bits", async () => {
    const metrics = ["accuracy", { overSteps }] as const;
    const earlyStopping = { patience: 2, monitor: "overSteps", mode: "max" } as const;
    const saved: Uint8Array[] = [];
    const whole = partsOf(rt);
    const checkpoint = { every: 1, save: (bytes: Uint8Array) => void saved.push(bytes.slice()) };
    const history = await fit(whole.model, { ...runOf(whole), metrics, earlyStopping, checkpoint });
    const scores = history.epochs.map(({ validation }) => validation?.overSteps as number);
    for (const { accuracy, overSteps, validation } of history.epochs)
      expect([overSteps, validation?.overSteps]).toEqual([accuracy, validation?.accuracy]); // the same, counted by the package
    expect(history.bestEpoch).toBe(1 + scores.indexOf(Math.max(...scores)));
    for (const step of [3, 19]) {
      const parts = partsOf(rt, { seed: 77 });
      const again = await fit(parts.model, { ...runOf(parts), metrics, earlyStopping, resume: saved[step - 1] as Uint8Array });
      expect(JSON.stringify(again.epochs)).toBe(JSON.stringify(history.epochs));
      parts.dispose();
    }
    whole.dispose();
  });

  test("what a value does to the sums is done to a copy: a run that ends in its validation goes through it again", async () => {
    const sweeping = { count: hits, value: (sums: readonly number[]) => (sums as number[]).splice(0).reduce((a, b) => a + b) };
    const run = { epochs: 1, metrics: [{ sweeping }] };
    const whole = partsOf(rt);
    const { epochs } = await fit(whole.model, { ...runOf(whole), ...run });
    const parts = partsOf(rt);
    const ending = new AbortController();
    const saved: Uint8Array[] = [];
    const checkpoint = { save: (bytes: Uint8Array) => void saved.push(bytes.slice()) };
    const validation = () => {
      ending.abort(new Error("enough"));
      return runOf(parts).validation as Sample[];
    };
    await expect(fit(parts.model, { ...runOf(parts), ...run, validation, signal: ending.signal, checkpoint })).rejects.toThrow("enough");
    const again = await fit(parts.model, { ...runOf(parts), ...run, resume: saved.at(-1) as Uint8Array });
    expect(JSON.stringify(again.epochs)).toBe(JSON.stringify(epochs));
    for (const each of [whole, parts]) each.dispose();
  });

  test("a checkpoint of another count of numbers is refused at the next sample", async () => {
    const saved: Uint8Array[] = [];
    const parts = partsOf(rt);
    const checkpoint = { every: 3, save: (bytes: Uint8Array) => void saved.push(bytes.slice()) };
    await fit(parts.model, { ...runOf(parts), metrics: [{ overSteps }], checkpoint });
    const { tensors, details } = contentOf(saved[0] as Uint8Array);
    const other = details.replace(/"overSteps":\[/, '"overSteps":[0,');
    expect(other).not.toBe(details);
    await expect(fit(parts.model, { ...runOf(parts), metrics: [{ overSteps }], resume: packed(tensors, other) })).rejects.toThrow(
      /^metrics\.overSteps of sample \d+: expected 3 numbers, got 2$/,
    );
    parts.dispose();
  });
});

test("of several outputs by name, watched too; the types know the names", async () => {
  const model = { ...echo(rt), forward: ({ a }: { a: never }) => ({ tags: a, mood: a }) };
  const data = [
    { x: { a: [[3, 0, 0]] }, y: { tags: [1], mood: [0] } },
    {
      x: {
        a: [
          [0, 4, 0],
          [0, 0, 5],
          [0, 0, 5],
        ],
      },
      y: { tags: [1, 2, 1], mood: [0, 0, 0] },
    },
  ];
  const loss = { tags: new CrossEntropyLoss(rt), mood: new CrossEntropyLoss(rt) };
  const got = await evaluate(model as never, { data, loss, metrics: { tags: [{ overSteps }] } });
  expect(got["tags.overSteps"]).toBe(2 / 4);
  const mixed = await evaluate(echo(rt), {
    data: ragged,
    loss: new MSELoss(rt),
    metrics: ["mae", { size: { count: ({ data }) => [data.length], value: ([sum = 0]) => sum } }],
  });
  expectTypeOf(mixed.size).toEqualTypeOf<number>();
  expect(mixed.size).toBe(22);
  const plain: OwnMetric = () => 1;
  // @ts-expect-error: a count is a list of numbers
  const wrong: CorpusMetric = { count: plain, value: () => 1 };
  expect(wrong.value([])).toBe(1);
});
