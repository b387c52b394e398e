/** Schedules' states: they hold everything, and are taken whole or not at all. */
import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  CosineAnnealingLR,
  Dense,
  type HasRate,
  LinearLR,
  OneCycleLR,
  ReduceLROnPlateau,
  type ScheduleState,
  SequentialLR,
  SGD,
  StepLR,
} from "../../bindings/index.js";
import { expectRefusal } from "../helpers/refusal.js";
import { testRuntime } from "../helpers/runtime.js";

const bad = (value: unknown) => value as never;
const INF = Number.POSITIVE_INFINITY;

interface AnySchedule {
  step(metric?: number): void;
  state(): ScheduleState;
  load(state: ScheduleState): void;
  check(state: ScheduleState): void;
}

const nested = (o: HasRate) =>
  new SequentialLR(
    o,
    [
      new LinearLR(o, { totalIters: 2 }),
      new SequentialLR(o, [new StepLR(o, { stepSize: 1, gamma: 0.5 }), new OneCycleLR(o, { maxLr: 1, totalSteps: 40 })], {
        milestones: [3],
      }),
    ],
    { milestones: [2] },
  );

const KINDS: [string, (o: HasRate) => AnySchedule][] = [
  ["StepLR", (o) => new StepLR(o, { stepSize: 2, gamma: 0.5 })],
  ["CosineAnnealingLR", (o) => new CosineAnnealingLR(o, { tMax: 4, etaMin: 0.01 })],
  ["LinearLR", (o) => new LinearLR(o, { startFactor: 0.5, totalIters: 4 })],
  ["OneCycleLR", (o) => new OneCycleLR(o, { maxLr: 1, totalSteps: 40 })],
  ["ReduceLROnPlateau", (o) => new ReduceLROnPlateau(o, { patience: 1, factor: 0.5, cooldown: 2 })],
  ["SequentialLR", nested],
];
const METRICS = [3, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2];

describe.each(KINDS)("%s", (kind, make) => {
  const stepped = (steps: number) => {
    const o: HasRate = { lr: 0.1 };
    const schedule = make(o);
    for (const metric of METRICS.slice(0, steps)) schedule.step(metric);
    return { o, schedule, state: schedule.state() };
  };

  test("continues from its state to the same rates, in whatever order all is made and loaded", () => {
    for (const at of [0, 1, 3, 5, 9]) {
      const { o, schedule, state } = stepped(at);
      const text = JSON.stringify(state);
      const resumed: [HasRate, AnySchedule][] = [0.1, o.lr, 0.7].map((lr) => {
        const other: HasRate = { lr };
        const again = make(other);
        if (lr === 0.1) other.lr = o.lr; // the optimizer was loaded in between
        again.load(JSON.parse(text));
        if (lr === 0.7) make(other).load(JSON.parse(text)); // a second one on the same optimizer
        expect(other.lr).toBe(o.lr);
        expect(JSON.stringify(again.state())).toBe(text);
        return [other, again];
      });
      for (const metric of METRICS.slice(at)) {
        schedule.step(metric);
        for (const [other, again] of resumed) {
          again.step(metric);
          expect(other.lr).toBe(o.lr);
        }
      }
    }
  });

  test("refuses a state with an entry missing, surplus or changed, and nothing changes", () => {
    const { o, schedule, state } = stepped(5);
    expect(Object.keys(state).length).toBeGreaterThan(5);
    const { initialLr } = o;
    const refuse = (given: unknown, ...texts: string[]) => {
      expectRefusal(() => schedule.check(bad(given)), ArgumentError, ...texts);
      expectRefusal(() => schedule.load(bad(given)), ArgumentError, ...texts);
      expect(schedule.state()).toEqual(state);
      expect(o.initialLr).toBe(initialLr);
    };
    for (const given of [null, undefined, "state", 3, [], [state]]) refuse(given, `state: expected the state of a ${kind}`);
    refuse({ ...state, extra: 1 }, 'alone, got one with "extra"');
    refuse({}, "state.");
    for (const name of Object.keys(state).filter((each) => each !== "best")) {
      const { [name]: _, ...fewer } = state;
      refuse(fewer, `state.${name}: expected`);
      for (const value of [null, "x", Number.NaN, INF, -1, [], {}, [1, 2, 3, 4, 5]]) refuse({ ...state, [name]: value }, `state.${name}`);
      const value = state[name];
      if (typeof value === "number") refuse({ ...state, [name]: String(value) }, `state.${name}`);
      if (typeof value === "number" && !["lr", "baseLr", "count", "bad", "rest"].includes(name))
        refuse({ ...state, [name]: value + 1 }, `state.${name}: expected ${value}, as here, got ${value + 1}`);
    }
    for (const [other, create] of KINDS.filter(([name]) => name !== kind))
      refuse(create({ lr: 0.1 }).state(), `state.kind: expected "${kind}", got "${other}"`);
  });

  test("refuses an optimizer that is none", () => {
    for (const value of [null, undefined, 0.1, "o", {}, { lr: "0.1" }, []])
      expectRefusal(() => make(bad(value)), ArgumentError, "optimizer");
    for (const lr of [Number.NaN, INF, -1]) expectRefusal(() => make({ lr }), ArgumentError, "optimizer.lr");
  });
});

test("an error inside nested states names its place, and nothing changes", () => {
  const o: HasRate = { lr: 0.1 };
  const schedule = nested(o);
  for (let k = 0; k < 4; k++) schedule.step();
  const state = schedule.state();
  const change = (path: string, value: unknown) => {
    const copy = JSON.parse(JSON.stringify(state));
    const keys = path.split(".");
    const last = keys.pop() as string;
    keys.reduce((at, key) => at[key], copy)[last] = value;
    return copy;
  };
  for (const [path, text] of [
    ["schedules.1.schedules.0.gamma", "state.schedules[1].schedules[0].gamma: expected 0.5, as here, got null"],
    ["schedules.1.schedules.1", "state.schedules[1].schedules[1]: expected the state of a OneCycleLR, got null"],
    ["schedules.0.kind", "state.schedules[0].kind"],
    ["schedules", "state.schedules: expected 2 states, got null"],
    ["schedules.1.milestones", "state.schedules[1].milestones: expected [3], as here, got null"],
  ] as const) {
    expectRefusal(() => schedule.load(change(path, null)), ArgumentError, text);
    expect(schedule.state()).toEqual(state);
  }
});

test("an optimizer that takes no rate, and one that is gone", async () => {
  for (const o of [Object.freeze({ lr: 0.1 }), Object.seal({ lr: 0.1 })]) {
    expectRefusal(() => new StepLR(o, { stepSize: 1 }), ArgumentError, "optimizer: expected one whose");
    expect(o).toEqual({ lr: 0.1 });
  }
  const late: HasRate = { lr: 0.1 };
  const schedules = KINDS.map(([, make]) => make(late));
  const states = schedules.map((schedule) => schedule.state());
  Object.freeze(late);
  for (const [i, schedule] of schedules.entries()) {
    if (i !== 4) expectRefusal(() => schedule.step(), ArgumentError, "optimizer: expected one whose lr can be set");
    expectRefusal(() => schedule.load(states[i] as ScheduleState), ArgumentError, "optimizer: expected one whose lr can be set");
    expect(schedule.state()).toEqual({ ...states[i], lr: late.lr });
  }
  const rt = await testRuntime();
  const optimizer = new SGD(new Dense(rt, { inputSize: 1, outputSize: 1 }).parameters(), { lr: 0.1 });
  const schedule = new StepLR(optimizer, { stepSize: 1, gamma: 0.5 });
  rt.dispose();
  optimizer.dispose();
  schedule.load(schedule.state());
  schedule.step(); // a rate is no memory
  expect(optimizer.lr).toBe(0.05);
});
