/** Schedules at their doors: options by name, metrics, schedules one after another. */
import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  CosineAnnealingLR,
  Dense,
  fit,
  type HasRate,
  LastStep,
  LinearLR,
  MSELoss,
  OneCycleLR,
  ReduceLROnPlateau,
  type Schedule,
  Sequential,
  SequentialLR,
  SGD,
  StepLR,
} from "../../bindings/index.js";
import { expectRefusal } from "../helpers/refusal.js";
import { testRuntime } from "../helpers/runtime.js";

const bad = (value: unknown) => value as never;
const INF = Number.POSITIVE_INFINITY;

test.each<[string, (options: never) => unknown, object, [string, unknown[]][]]>([
  [
    "StepLR",
    (options) => new StepLR({ lr: 0.1 }, options),
    { stepSize: 2, gamma: 0.5 },
    [
      ["stepSize", [0, -1, 1.5, "2", null, undefined, -0, 2 ** 53, INF, Number.NaN]],
      ["gamma", [-0.1, Number.NaN, INF, "0.5", null]],
    ],
  ],
  [
    "CosineAnnealingLR",
    (options) => new CosineAnnealingLR({ lr: 0.1 }, options),
    { tMax: 5 },
    [
      ["tMax", [0, -0, 1.5, "5", null, undefined, 2 ** 53, Number.NaN]],
      ["etaMin", [-1e-9, Number.NaN, INF, "0", null]],
    ],
  ],
  [
    "LinearLR",
    (options) => new LinearLR({ lr: 100 }, options),
    {},
    [
      ["totalIters", [0, -0, 0.5, "5", null, 2 ** 53]],
      ["startFactor", [-1, Number.NaN, INF, "1", null, 1e308]],
      ["endFactor", [-1, Number.NaN, INF, "1", null, 1e308]],
    ],
  ],
  [
    "OneCycleLR",
    (options) => new OneCycleLR({ lr: 0.1 }, options),
    { maxLr: 0.01, totalSteps: 10 },
    [
      ["maxLr", [-1, Number.NaN, INF, "1", null, undefined]],
      ["totalSteps", [0, -0, 1.5, "10", null, undefined, 2 ** 53, 1e300]],
      ["pctStart", [-0.1, 1, Number.NaN, "0.3", null]],
      ["annealStrategy", ["cosine", null, 1]],
      ["divFactor", [0, -0, -1, 5e-324, Number.NaN, null, "25"]],
      ["finalDivFactor", [0, -0, -1, 5e-324, Number.NaN, null, "1e4"]],
    ],
  ],
  [
    "ReduceLROnPlateau",
    (options) => new ReduceLROnPlateau({ lr: 0.1 }, options),
    {},
    [
      ["mode", ["least", null, 1]],
      ["factor", [1, -0.1, Number.NaN, "0.1", null]],
      ["patience", [-1, 1.5, Number.NaN, INF, "10", null]],
      ["cooldown", [-1, 1.5, Number.NaN, INF, "0", null]],
      ["threshold", [-1, Number.NaN, INF, "1", null]],
      ["thresholdMode", ["relative", null]],
      ["minLr", [-1, Number.NaN, INF, "0", null]],
      ["eps", [-1, Number.NaN, "0", null]],
    ],
  ],
])("%s refuses options out of range, by name", (_, make, good, cases) => {
  make(good as never);
  for (const [name, values] of cases)
    for (const value of values) expectRefusal(() => make({ ...good, [name]: value } as never), ArgumentError, `${name}: expected`);
  expectRefusal(() => make({ ...good, other: 1 } as never), ArgumentError, "options: expected only");
});

test("metrics that are no numbers leave a plateau as it was", () => {
  const o = { lr: 0.1 };
  const schedule = new ReduceLROnPlateau(o, { patience: 0 });
  schedule.step(2);
  const state = schedule.state();
  for (const metric of [undefined, null, "1", {}, [1], 1n, true, new Number(1)])
    expectRefusal(() => schedule.step(bad(metric)), ArgumentError, "metric: expected a number");
  schedule.step(Number.NaN);
  expect(schedule.state()).toEqual(state);
});

test("SequentialLR takes schedules of its optimizer by steps, rising milestones, and nothing else", () => {
  const o: HasRate = { lr: 0.1 };
  const [a, b, c] = [1, 2, 3].map((stepSize) => new StepLR(o, { stepSize })) as [StepLR, StepLR, StepLR];
  const before = { ...o };
  const refuse = (schedules: unknown, milestones: unknown, text: string) => {
    expectRefusal(() => new SequentialLR(o, bad(schedules), { milestones: bad(milestones) }), ArgumentError, text);
    expect(o).toEqual(before);
  };
  for (const schedules of [null, undefined, [], "ab", {}, { length: 2 }, new Set([a, b])]) refuse(schedules, [2], "schedules: expected");
  const likeness = Object.assign(Object.create(StepLR.prototype), { optimizer: o });
  for (const child of [null, undefined, "a", {}, likeness, new ReduceLROnPlateau({ lr: 0.1 })])
    refuse([a, child], [2], "schedules[1]: expected a schedule by steps");
  refuse([a, ...new Array(2)], [2, 3], "schedules[1]");
  refuse(new Array(2 ** 32 - 1), [2], "schedules[0]");
  refuse([a, new StepLR({ lr: 0.1 }, { stepSize: 1 })], [2], "schedules[1]: expected a schedule of this optimizer, got one of another");
  for (const milestones of [
    null,
    undefined,
    "2",
    2,
    [],
    [1],
    [1, 2, 3],
    [2, 1],
    [2, 2],
    [0, 1],
    [-0, 1],
    [-1, 1],
    [1.5, 2],
    [1, Number.NaN],
    [1, INF],
  ])
    refuse([a, b, c], milestones, "milestones: expected 2 rising counts of steps");
  for (const milestones of [["1", 2], [null, 2], [1, 2 ** 53], new Array(2), new Array(2 ** 32 - 1), { length: 2, 0: 1, 1: 2 }])
    refuse([a, b, c], milestones, "milestones: expected 2 rising counts of steps");
  expectRefusal(() => new SequentialLR(o, [a], bad(undefined)), ArgumentError, "options");
});

test("SequentialLR refuses a schedule that ends before the next takes over, and ends with its last", () => {
  const o: HasRate = { lr: 0.1 };
  const cycle = new OneCycleLR(o, { maxLr: 1, totalSteps: 4 });
  const step = new StepLR(o, { stepSize: 1 });
  expectRefusal(
    () => new SequentialLR(o, [cycle, step], { milestones: [6] }),
    ArgumentError,
    "schedules[0]: expected a schedule of 5 steps or more, got one of 4",
  );
  new SequentialLR(o, [cycle, step], { milestones: [5] });
  const schedule = new SequentialLR(o, [step, cycle], { milestones: [3] });
  for (let k = 0; k < 7; k++) schedule.step();
  expect(o.lr).toBeCloseTo(4e-6, 18);
  expectRefusal(() => schedule.step(), ArgumentError, "step: expected at most 7 steps of SequentialLR, got 8");
  expectRefusal(() => schedule.load({ ...schedule.state(), count: 8 }), ArgumentError, "state.count");
  expect(schedule.count).toBe(7);
});

describe("fit refuses a schedule of another optimizer, which would change nothing", () => {
  test.each<[string, (o: HasRate) => Schedule | ReduceLROnPlateau]>([
    ["StepLR", (o) => new StepLR(o, { stepSize: 1 })],
    ["SequentialLR", (o) => new SequentialLR(o, [new StepLR(o, { stepSize: 1 })], { milestones: [] })],
    ["ReduceLROnPlateau", (o) => new ReduceLROnPlateau(o, { patience: 0 })],
  ])("%s", async (_, make) => {
    const rt = await testRuntime();
    const model = new Sequential(rt, [new LastStep(rt), new Dense(rt, { inputSize: 1, outputSize: 1 })]);
    const run = { data: [{ x: [1], y: 1 }], loss: new MSELoss(rt), epochs: 2 };
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const before = model.parameters().map((parameter) => parameter.toArray());
    const other = make(new SGD(model.parameters(), { lr: 0.1 }));
    const error = await fit(model, { ...run, optimizer, schedule: other }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ArgumentError);
    expect((error as Error).message).toBe("schedule: expected a schedule of this optimizer, got one of another");
    expect(model.parameters().map((parameter) => parameter.toArray())).toEqual(before);
    expect((await fit(model, { ...run, optimizer, schedule: make(optimizer) })).steps).toBe(2);
    // What only has a rate may hand it on.
    const shared: HasRate = {
      get lr() {
        return optimizer.lr;
      },
      set lr(rate) {
        optimizer.lr = rate;
      },
    };
    await fit(model, { ...run, optimizer, schedule: make(shared) });
    rt.dispose();
  });
});

test("a rate that the optimizer's element type cannot hold is refused where it enters, not at a later step", async () => {
  const rt = await testRuntime({ seed: 1 });
  const layer = new Dense(rt, { inputSize: 1, outputSize: 1 });
  const optimizer = new SGD(layer.parameters(), { lr: 0.1 });
  const tooGreat = 1e300;
  expectRefusal(() => new OneCycleLR(optimizer, { maxLr: tooGreat, totalSteps: 9 }), ArgumentError, "maxLr", "finite in f32");
  expectRefusal(() => new CosineAnnealingLR(optimizer, { tMax: 9, etaMin: tooGreat }), ArgumentError, "etaMin", "finite in f32");
  expectRefusal(() => new ReduceLROnPlateau(optimizer, { minLr: tooGreat }), ArgumentError, "minLr", "finite in f32");
  const [step, plateau] = [new StepLR(optimizer, { stepSize: 2 }), new ReduceLROnPlateau(optimizer)];
  for (const [schedule, name] of [
    [step, "baseLr"],
    [step, "lr"],
    [plateau, "lr"],
  ] as const) {
    const before = JSON.stringify([schedule.state(), optimizer.lr]);
    const given = { ...schedule.state(), [name]: tooGreat };
    expectRefusal(() => schedule.load(given), ArgumentError, `state.${name}`, "finite in f32");
    expect(JSON.stringify([schedule.state(), optimizer.lr])).toBe(before);
  }
  rt.dispose();
});
