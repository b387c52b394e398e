/** Optimizers and schedules against PyTorch's own, over 50 steps; states that continue to the same bits. */
import { describe, expect, test } from "vitest";
import {
  Adagrad,
  Adam,
  AdamW,
  ArgumentError,
  CosineAnnealingLR,
  clipGradValue,
  Dense,
  type FloatType,
  LinearLR,
  OneCycleLR,
  type Optimizer,
  type Parameter,
  ReduceLROnPlateau,
  RMSprop,
  type Runtime,
  SequentialLR,
  SGD,
  StepLR,
} from "../../bindings/index.js";
import { type EveryOptimizerGolden, loadEveryOptimizer } from "../golden/load.js";
import { expectClose } from "../helpers/compare.js";
import { DTYPES, testRuntime } from "../helpers/runtime.js";

const g = loadEveryOptimizer();
const KINDS = { SGD, Adam, AdamW, RMSprop, Adagrad } as const;
/** f32 drifts over 50 steps, in steps of the size of lr. */
const TOLERANCE: Record<FloatType, number> = { f64: 1e-10, f32: 1e-4 };

function make({ optimizer, options }: EveryOptimizerGolden["cases"][number], parameters: Parameter[]): Optimizer {
  const camel = Object.entries(options).map(([name, value]) => [name.replace(/_(.)/g, (_, letter) => letter.toUpperCase()), value]);
  const Kind = KINDS[optimizer as keyof typeof KINDS] as new (parameters: Parameter[], options: object) => Optimizer;
  return new Kind(parameters, Object.fromEntries(camel));
}

function dense(rt: Runtime): Dense {
  const layer = new Dense(rt, { inputSize: 3, outputSize: 4 });
  layer.parameters().forEach((parameter, i) => {
    parameter.set(g.initial[i] as number[]);
  });
  return layer;
}

/** Gradients are given through a backward pass: x rows of the identity leave weight's gradient as it is, up to its transposition. */
function giveGradients(rt: Runtime, layer: Dense, [weight, bias]: number[][]): void {
  // dW = dYᵀ·X: with X the 3×3 identity above a row of zeros, column n of dW is row n of dY, and the last row tops up the bias.
  const dY = Array.from({ length: 16 }, (_, at) => {
    const [n, o] = [Math.floor(at / 4), at % 4];
    if (n < 3) return (weight as number[])[o * 3 + n] as number;
    return ((bias as number[])[o] as number) - [0, 1, 2].reduce((sum, i) => sum + ((weight as number[])[o * 3 + i] as number), 0);
  });
  using x = rt.tensor([1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0], [4, 3]);
  using d = rt.tensor(dY, [4, 4]);
  layer.forward(x);
  layer.backward(d);
}

describe.each(DTYPES)("over 50 steps, in %s", (dtype) => {
  // In f32 the bias's gradient, a difference, has lost digits: it is held in f64 alone.
  const held = dtype === "f64" ? [0, 1] : [0];

  test.each(g.cases.map((c) => [`${c.optimizer} ${JSON.stringify(c.options)}`, c] as const))("%s", async (_, golden) => {
    const rt = await testRuntime({ dtype });
    const layer = dense(rt);
    const optimizer = make(golden, layer.parameters());
    for (const [k, gradients] of g.gradients.entries()) {
      giveGradients(rt, layer, gradients);
      optimizer.step();
      optimizer.zeroGrad();
      const expected = golden.after[String(k + 1)];
      if (!expected) continue;
      for (const i of held) {
        expectClose(`step ${k + 1}, parameter ${i}`, layer.parameters()[i]?.toArray() as never, expected[i] as number[], TOLERANCE[dtype]);
      }
    }
    optimizer.dispose();
    layer.dispose();
    expect(rt.bytesInUse).toBe(0);
    rt.dispose();
  });
});

test.each(
  g.cases.map((c) => [`${c.optimizer} ${JSON.stringify(c.options)}`, c] as const),
)("a state continues to the same bits: %s", async (_, golden) => {
  const rt = await testRuntime();
  const [whole, second] = [dense(rt), dense(rt)];
  const optimizer = make(golden, whole.parameters());
  let resumed = make(golden, second.parameters());
  for (const [k, gradients] of g.gradients.slice(0, 12).entries()) {
    if (k === 5) optimizer.lr *= 0.5;
    giveGradients(rt, whole, gradients);
    optimizer.step();
    optimizer.zeroGrad();
    if (k === 7) {
      for (const [i, parameter] of second.parameters().entries()) parameter.set(whole.parameters()[i]?.toArray() as never);
      resumed.dispose();
      resumed = make({ ...golden, options: { ...golden.options, lr: 0.9 } }, second.parameters());
      resumed.load(
        JSON.parse(
          JSON.stringify(optimizer.state(), (_key, value) => (ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value)),
        ),
      );
    } else if (k > 7) {
      giveGradients(rt, second, gradients);
      resumed.step();
      resumed.zeroGrad();
    }
  }
  expect(second.parameters().map((p) => p.toArray())).toEqual(whole.parameters().map((p) => p.toArray()));
  expect(() => resumed.load({ ...optimizer.state(), kind: "Other" })).toThrow("state.kind: expected");
  rt.dispose();
});

const SCHEDULES: Record<string, (optimizer: { lr: number }) => { step(metric?: number): void; state(): never; load(state: never): void }> =
  {
    StepLR: (o) => new StepLR(o, { stepSize: 7, gamma: 0.5 }) as never,
    CosineAnnealingLR: (o) => new CosineAnnealingLR(o, { tMax: 40, etaMin: 0.01 }) as never,
    LinearLR: (o) => new LinearLR(o, { startFactor: 0.1, totalIters: 10 }) as never,
    OneCycleLR: (o) => new OneCycleLR(o, { maxLr: 0.5, totalSteps: 50 }) as never,
    "OneCycleLR, linear": (o) =>
      new OneCycleLR(o, {
        maxLr: 0.5,
        totalSteps: 50,
        pctStart: 0.4,
        annealStrategy: "linear",
        divFactor: 10,
        finalDivFactor: 100,
      }) as never,
    SequentialLR: (o) =>
      new SequentialLR(o, [new LinearLR(o, { startFactor: 0.1, totalIters: 10 }), new CosineAnnealingLR(o, { tMax: 40 })], {
        milestones: [10],
      }) as never,
    ReduceLROnPlateau: (o) => new ReduceLROnPlateau(o, { factor: 0.5, patience: 2 }) as never,
    "ReduceLROnPlateau, absolute": (o) =>
      new ReduceLROnPlateau(o, { factor: 0.3, patience: 1, threshold: 0.05, thresholdMode: "abs", cooldown: 3, minLr: 0.01 }) as never,
    "ReduceLROnPlateau, max": (o) => new ReduceLROnPlateau(o, { mode: "max", factor: 0.5, patience: 3 }) as never,
  };

describe("schedules", () => {
  test("each has a golden", () => {
    expect(Object.keys(SCHEDULES).sort()).toEqual(g.schedules.map(({ name }) => name).sort());
  });

  test.each(g.schedules)("$name, as PyTorch's, also when continued from a state", ({ name, rates }) => {
    let optimizer = { lr: g.lr };
    const create = SCHEDULES[name] as (typeof SCHEDULES)[string];
    let schedule = create(optimizer);
    expect(new Set(rates).size).toBeGreaterThan(2);
    for (const [k, rate] of rates.entries()) {
      expect(Math.abs(optimizer.lr - rate), `rate ${k}`).toBeLessThan(1e-10);
      schedule.step(g.metrics[k]);
      if (k % 7 !== 3) continue;
      const state = JSON.parse(JSON.stringify(schedule.state()));
      const { lr } = optimizer;
      optimizer = { lr: g.lr };
      schedule = create(optimizer);
      schedule.load(state as never);
      optimizer.lr = lr;
    }
  });

  test("refusals", () => {
    const o = { lr: 0.1 };
    expect(() => new StepLR({} as never, { stepSize: 1 })).toThrow("optimizer: expected an optimizer");
    expect(() => new StepLR(o, { stepSize: 0 })).toThrow(ArgumentError);
    expect(() => new SequentialLR(o, [new StepLR(o, { stepSize: 1 })], { milestones: [3] })).toThrow("milestones: expected 0 rising");
    expect(() => new ReduceLROnPlateau(o, { factor: 1 })).toThrow("factor");
    expect(() => new ReduceLROnPlateau(o).step()).toThrow("metric: expected a number");
    expect(() => new StepLR(o, { stepSize: 2 }).load({ count: -1 })).toThrow("state.count");
    const cycle = new OneCycleLR({ lr: 0.1 }, { maxLr: 1, totalSteps: 2 });
    cycle.step();
    cycle.step();
    expect(() => cycle.step()).toThrow("at most 2 steps");
    expect(cycle.count).toBe(2);
  });
});

test("clipGradValue, as PyTorch's; NaN stays", async () => {
  const rt = await testRuntime({ dtype: "f64" });
  const layer = new Dense(rt, { inputSize: 1, outputSize: 5, bias: false });
  using x = rt.tensor([1], [1, 1]);
  const { value, before, after } = g.clipValue;
  const clipped = (gradients: number[]) => {
    layer.zeroGrad();
    using d = rt.tensor(gradients, [1, 5]);
    layer.forward(x);
    layer.backward(d);
    clipGradValue(layer.parameters(), value);
    return [...(layer.parameters()[0]?.grad ?? [])];
  };
  expect(clipped(before)).toEqual(after);
  expect(clipped([Number.NaN, 5, -5, Number.POSITIVE_INFINITY, 0])).toEqual([Number.NaN, 2, -2, 2, 0]);
  expect(() => clipGradValue(layer.parameters(), 0)).toThrow("clipValue: expected a number over 0");
  rt.dispose();
});

test("options out of range, by name", async () => {
  const rt = await testRuntime();
  const p = new Dense(rt, { inputSize: 1, outputSize: 1 }).parameters();
  expect(() => new SGD(p, { lr: 0.1, nesterov: true })).toThrow("momentum: expected a number over 0 for nesterov, got 0");
  expect(() => new SGD(p, { lr: 0.1, weightDecay: -1 })).toThrow("weightDecay");
  expect(() => new AdamW(p, { eps: -1 })).toThrow("eps");
  expect(() => new RMSprop(p, { alpha: 1 })).toThrow("alpha");
  expect(() => new RMSprop(p, { centred: true } as never)).toThrow("options: expected only");
  expect(() => new Adagrad(p, { initialAccumulatorValue: -1 })).toThrow("initialAccumulatorValue");
  rt.dispose();
});
