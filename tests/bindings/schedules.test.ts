/** Schedules at their edges, and states that hold everything. */
import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  CosineAnnealingLR,
  type HasRate,
  LinearLR,
  OneCycleLR,
  ReduceLROnPlateau,
  SequentialLR,
  StepLR,
} from "../../bindings/index.js";

describe("OneCycleLR", () => {
  test.each(["cos", "linear"] as const)("its last steps have the last rate, %s", (annealStrategy) => {
    const o = { lr: 1 };
    const schedule = new OneCycleLR(o, { maxLr: 0.01, totalSteps: 10, annealStrategy });
    for (let k = 1; k <= 10; k++) {
      schedule.step();
      expect(o.lr).toBeGreaterThan(0);
      if (k >= 9) expect(o.lr).toBeCloseTo(4e-8, 20);
    }
  });

  test.each([
    [0.1, 10],
    [0, 10],
    [0.01, 10],
    [0.5, 2],
    [0.3, 1],
  ])("pctStart %d of %d steps is finite everywhere and falls from the peak", (pctStart, totalSteps) => {
    const o = { lr: 1 };
    const schedule = new OneCycleLR(o, { maxLr: 0.01, totalSteps, pctStart });
    const rates = [o.lr];
    for (let k = 1; k <= totalSteps; k++) {
      schedule.step();
      rates.push(o.lr);
    }
    expect(rates.every((rate) => rate > 0 && rate <= 0.01)).toBe(true);
    if (totalSteps > 1) expect(rates[0]).toBeCloseTo(0.01, 12);
    expect(rates.at(-1)).toBeCloseTo(4e-8, 20);
  });
});

describe("states", () => {
  const create = (o: HasRate) => new StepLR(o, { stepSize: 2, gamma: 0.5 });

  test("the order of making and loading changes nothing", () => {
    const o = { lr: 0.1 };
    const first = create(o);
    for (let k = 0; k < 5; k++) first.step();
    const [state, lr] = [JSON.parse(JSON.stringify(first.state())), o.lr];
    first.step();
    expect([lr, o.lr]).toEqual([0.025, 0.0125]);
    const before: HasRate = { lr: 0.1 };
    const a = create(before);
    a.load(state);
    before.lr = lr;
    a.step();
    expect(before.lr).toBe(0.0125);
    const after: HasRate = { lr }; // the optimizer was loaded before the schedule was made
    const b = create(after);
    b.load(state);
    b.step();
    expect(after.lr).toBe(0.0125);
  });

  test("of another kind or plan are refused, and nothing changes", () => {
    const o = { lr: 0.1 };
    const step = create(o);
    const states = [
      new CosineAnnealingLR({ lr: 0.1 }, { tMax: 5 }).state(),
      new ReduceLROnPlateau({ lr: 0.1 }).state(),
      new StepLR({ lr: 0.1 }, { stepSize: 3, gamma: 0.5 }).state(),
      null,
      {},
    ];
    for (const state of states) {
      expect(() => step.load(state as never)).toThrow(ArgumentError);
      expect([step.count, o.lr]).toEqual([0, 0.1]);
    }
    expect(() => new ReduceLROnPlateau(o).load(step.state())).toThrow("state.kind");
  });
});

test("SequentialLR refuses a plateau and another optimizer's schedules, and goes on from its state", () => {
  const o = { lr: 0.1 };
  const plateau = new ReduceLROnPlateau(o) as never;
  expect(() => new SequentialLR(o, [new StepLR(o, { stepSize: 1 }), plateau], { milestones: [2] })).toThrow("schedules[1]: expected");
  const stranger = new StepLR({ lr: 1 }, { stepSize: 1 });
  expect(() => new SequentialLR(o, [stranger, new StepLR(o, { stepSize: 1 })], { milestones: [2] })).toThrow("of this optimizer");
  for (const milestones of ["2", [Number.NaN], [0], undefined] as never[])
    expect(() => new SequentialLR(o, [new StepLR(o, { stepSize: 1 }), new StepLR(o, { stepSize: 1 })], { milestones })).toThrow(
      ArgumentError,
    );
  const make = (optimizer: HasRate) =>
    new SequentialLR(optimizer, [new LinearLR(optimizer, { totalIters: 3 }), new CosineAnnealingLR(optimizer, { tMax: 5 })], {
      milestones: [3],
    });
  const [one, two]: HasRate[] = [{ lr: 0.1 }, { lr: 0.1 }];
  const first = make(one);
  for (let k = 0; k < 4; k++) first.step();
  const second = make(two);
  second.load(JSON.parse(JSON.stringify(first.state())));
  for (let k = 0; k < 3; k++) {
    first.step();
    second.step();
    expect(two.lr).toBe(one.lr);
  }
});

test("a NaN metric is no value for a plateau", () => {
  const o = { lr: 1 };
  const schedule = new ReduceLROnPlateau(o, { patience: 0, factor: 0.5 });
  schedule.step(Number.NaN);
  schedule.step(3);
  schedule.step(Number.NaN);
  expect(o.lr).toBe(1);
  schedule.step(4);
  expect(o.lr).toBe(0.5);
});

test("rates between two ends reach both exactly", () => {
  const [cosine, line]: HasRate[] = [{ lr: 0.3 }, { lr: 0.3 }];
  const [down, up] = [
    new CosineAnnealingLR(cosine, { tMax: 7, etaMin: 0.1 }),
    new LinearLR(line, { startFactor: 0.7, endFactor: 0.1, totalIters: 7 }),
  ];
  expect([cosine.lr, line.lr]).toEqual([0.3, 0.3 * 0.7]);
  for (let k = 1; k <= 14; k++) {
    down.step();
    up.step();
    if (k >= 7) expect(line.lr).toBe(0.3 * 0.1);
    if (k === 7) expect(cosine.lr).toBe(0.1);
  }
  expect(cosine.lr).toBe(0.3); // as PyTorch's, it goes up again
});

test("a cosine far out is at the right place", () => {
  const o = { lr: 1 };
  const schedule = new CosineAnnealingLR(o, { tMax: 3 });
  schedule.load({ ...schedule.state(), count: 6e15 });
  schedule.step();
  expect(o.lr).toBeCloseTo(0.75, 14);
});

test("a factor over 1 ends in an error, not in an infinite rate", () => {
  const o = { lr: 1 };
  const schedule = new StepLR(o, { stepSize: 1, gamma: 1e200 });
  schedule.step();
  expect(() => schedule.step()).toThrow("lr: expected a number in [0, ∞), got Infinity");
  expect([schedule.count, o.lr]).toEqual([1, 1e200]);
  const zero = { lr: 0 };
  const none = new StepLR(zero, { stepSize: 1, gamma: 1e200 });
  for (let k = 0; k < 3; k++) none.step();
  expect(zero.lr).toBe(0);
});

test("a plateau's state holds the rate that it set", () => {
  const make = (o: HasRate) => new ReduceLROnPlateau(o, { patience: 0, factor: 0.5 });
  const [o, other] = [{ lr: 1 }, { lr: 1 }];
  const schedule = make(o);
  for (const metric of [3, 4]) schedule.step(metric);
  make(other).load(JSON.parse(JSON.stringify(schedule.state())));
  expect([o.lr, other.lr]).toEqual([0.5, 0.5]);
});

test("an infinite metric is never better, and a state before the first metric goes on", () => {
  for (const [mode, best] of [
    ["min", Number.NEGATIVE_INFINITY],
    ["max", Number.POSITIVE_INFINITY],
  ] as const) {
    const o = { lr: 1 };
    const schedule = new ReduceLROnPlateau(o, { patience: 0, factor: 0.5, mode, threshold: 1 });
    schedule.load(JSON.parse(JSON.stringify(schedule.state())));
    schedule.step(best);
    expect(o.lr).toBe(0.5);
    schedule.step(7);
    expect([o.lr, schedule.state().best]).toEqual([0.5, 7]);
  }
});

describe("a plateau's negative metric", () => {
  const steps = (metrics: number[], options: object) => {
    const o = { lr: 1 };
    const schedule = new ReduceLROnPlateau(o, { patience: 0, threshold: 0.1, factor: 0.5, ...options });
    return metrics.map((metric) => {
      schedule.step(metric);
      return o.lr;
    });
  };

  test.each<[string, number[], object, number[]]>([
    ["worse by less than the threshold", [-1, -0.95], {}, [1, 0.5]],
    ["the same again and again", [-1, -1, -1], {}, [1, 0.5, 0.25]],
    ["better by less than the threshold", [-1, -1.05], {}, [1, 0.5]],
    ["better by more", [-1, -1.2, -1.4], {}, [1, 1, 1]],
    ["up, worse by less", [-1, -1.05], { mode: "max" }, [1, 0.5]],
    ["up, better by less", [-1, -0.95], { mode: "max" }, [1, 0.5]],
    ["up, better by more", [-1, -0.85], { mode: "max" }, [1, 1]],
    ["through 0", [0.1, -0.1, -0.105, -0.2], {}, [1, 1, 0.5, 0.5]],
    ["from 0", [0, -1e-9, 0], {}, [1, 1, 0.5]],
    ["absolute", [-1, -1.05, -1.2], { thresholdMode: "abs" }, [1, 0.5, 0.5]],
  ])("%s", (_, metrics, options, rates) => {
    expect(steps(metrics, options)).toEqual(rates);
    if ("mode" in options) return;
    const mirrored = metrics.map((metric) => -metric); // and upwards, of the metric turned round
    expect(steps(mirrored, { ...options, mode: "max" })).toEqual(rates);
  });
});
