/** Scalers that go to a worker, the names of metrics in what comes back, and samples that are no longer here. */
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import * as api from "../../bindings/index.js";
import {
  ArgumentError,
  evaluate,
  fit,
  predict,
  type Run,
  type WorkerFitOptions,
  type WorkerModel,
  type WorkerRuntime,
} from "../../bindings/worker.js";
import { testRuntime } from "../helpers/runtime.js";
import { workerRuntime } from "../helpers/worker.js";

const SIZES = { inputSize: 2, outputSize: 1 };
const MODEL = { head: ["Dense", SIZES] } as const;
const OPTIONS = {
  ...{ loss: ["MSELoss"], optimizer: ["SGD", { lr: 0.1 }], epochs: 3, features: 2, shuffle: false, metrics: ["rmse", "mae"] },
} as const satisfies WorkerFitOptions;
const raw = [10, 20, 40, 45];
const standardizer = new api.Standardizer().fit(raw);
const minMax = new api.MinMaxScaler().fit(raw);

function samples() {
  return raw.map((y, n) => ({ x: Float32Array.of(n / 4, 1 - n / 3), y: standardizer.transform([y]) as ArrayLike<number> }));
}

let rt: WorkerRuntime;
beforeAll(async () => {
  rt = await workerRuntime({ seed: 6 });
});
afterAll(() => rt[Symbol.asyncDispose]());

describe("a scaler", () => {
  test("of the targets serves fit, evaluate and predict as it does here, and goes with the weights", async () => {
    await using own = await workerRuntime({ seed: 6 });
    const theirs = await own.sequential(MODEL);
    const near = await testRuntime({ seed: 6 });
    const ours = new api.Sequential(near, { head: new api.Dense(near, SIZES) });
    const loss = new api.MSELoss(near);
    const optimizer = new api.SGD(ours.parameters(), { lr: 0.1 });
    const xs = () => samples().map(({ x }) => x);
    for (const targetScaler of [standardizer, minMax]) {
      const history = await fit(theirs, { ...OPTIONS, data: samples(), targetScaler });
      expect(history).toEqual(await api.fit(ours, { ...OPTIONS, data: samples(), targetScaler, loss, optimizer }));
      expect(history.epochs[0]?.rmse).toBeGreaterThan(1); // in the units of the data: scaled errors are less
      const asked = { metrics: ["mae"], features: 2, targetScaler } as const;
      const measured = await evaluate(theirs, { ...asked, data: samples(), loss: OPTIONS.loss });
      expect(measured).toEqual(await api.evaluate(ours, { ...asked, data: samples(), loss }));
      const predicted = await predict(theirs, xs(), { features: 2, targetScaler });
      expect(predicted).toEqual(await api.predict(ours, xs(), { features: 2, targetScaler }));
      expect(predicted).not.toEqual(await predict(theirs, xs(), { features: 2 }));
    }
    const bytes = await theirs.save({ note: "a", standardizer, minMax });
    expect(bytes).toEqual(ours.save({ note: "a", standardizer, minMax }));
    const again = api.loadScaler(bytes, "minMax");
    expect(again).toBeInstanceOf(api.MinMaxScaler);
    expect(again.toJSON()).toEqual(minMax.toJSON());
    near.dispose();
  });

  test.each([
    [{ scaler: new api.Standardizer() }, /expected one that has been fitted/],
    [{ scaler: new Proxy(minMax, {}) }, /metadata.scaler: expected the scaler itself, got a Proxy/],
    [{ scaler: minMax.toJSON() }, /metadata.scaler: expected a string or a scaler, got Object/],
    [{ scaler: 3 }, /metadata.scaler: expected a string or a scaler, got 3/],
    [{ scaler: undefined }, /metadata.scaler: expected a string or a scaler, got undefined/],
    [minMax, /metadata: expected scalers by name/],
    [[], /metadata: expected strings and scalers by name/],
    [null, /metadata: expected strings and scalers by name/],
  ])("that is none, or has no name, is refused by save: %o", async (metadata, message) => {
    const model = await rt.sequential(MODEL);
    const error = await model.save(metadata as never).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ArgumentError);
    expect((error as Error).message).toMatch(message);
  });
});

test("the metrics that are asked for are numbers of the history; functions belong in a module", async () => {
  const model = await rt.sequential(MODEL);
  const run = fit(model, { ...OPTIONS, data: samples(), metrics: ["rmse"] });
  expectTypeOf(run).toEqualTypeOf<Run<"rmse">>();
  const { epochs } = await run;
  const [first] = epochs as [(typeof epochs)[number]];
  expectTypeOf(first.rmse).toEqualTypeOf<number>();
  expectTypeOf(first.mae).toEqualTypeOf<number | undefined>();
  expect(first.rmse).toBeGreaterThan(0);
  const plain = fit(model, { data: samples(), loss: ["MSELoss"], optimizer: ["SGD", { lr: 0.1 }], features: 2 });
  expectTypeOf((await plain).epochs[0]?.rmse).toEqualTypeOf<number | undefined>();
  // @ts-expect-error: a function cannot be sent
  await expect(fit(model, { ...OPTIONS, data: samples(), metrics: [{ own: () => 1 }] })).rejects.toThrow("rt.module()");
});

describe("arrays that were moved before are told of", () => {
  const moved = "expected an array that is still here, got one that was moved to a worker before";
  const cure = " (for many calls keep samples there: rt.data(samples))";
  const refuse = async (argument: string, call: () => Promise<unknown>) => {
    const error = await call().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ArgumentError);
    expect((error as Error).message).toBe(`${argument}: ${moved}${argument.includes("sample ") ? cure : ""}`);
  };
  let model: WorkerModel;
  beforeAll(async () => {
    model = await rt.sequential(MODEL);
  });

  test("samples: in fit, evaluate, predict and rt.data; what is new beside them stays", async () => {
    const data = samples();
    await fit(model, { ...OPTIONS, data });
    await refuse("x of sample 0", () => fit(model, { ...OPTIONS, data }));
    await refuse("x of sample 0", () => evaluate(model, { data, loss: OPTIONS.loss }));
    await refuse("sample 1", () => predict(model, [[1, 2], data[1]?.x ?? []]));
    const fresh = samples();
    await refuse("x of sample 4", () => rt.data([...fresh, ...data]));
    expect(fresh.map(({ x }) => x.length)).toEqual([2, 2, 2, 2]);
    await refuse("y of sample 0", () => rt.data([{ x: [1, 2], y: data[0]?.x ?? [] }]));
  });

  test("bytes, arguments, a stream's sample and a prompt", async () => {
    const bytes = await model.save();
    await model.load(bytes);
    await refuse("bytes", () => model.load(bytes));
    await refuse("resume", () => fit(model, { ...OPTIONS, data: samples(), resume: bytes }));
    const stream = await model.stream();
    const sample = Float32Array.of(1, 2);
    structuredClone(sample, { transfer: [sample.buffer] });
    await refuse("sample", () => stream.step(sample));
  });

  test("an array that is only empty is no such one", async () => {
    const error = await evaluate(model, { data: [{ x: new Float32Array(0), y: [1] }], loss: OPTIONS.loss }).catch((error: Error) => error);
    expect((error as Error).message).toMatch(/x of sample 0: expected one or more steps/);
  });
});
