/** Doors: losses, optimizers, clipping, schedules. */

import type { Tensor } from "../../bindings/index.js";
import * as api from "../../bindings/index.js";
import type { Door } from "./misuse-judge.js";
import type { World } from "./misuse-world.js";

// biome-ignore lint/suspicious/noExplicitAny: called with what does not fit
type Loose = any;
const loose: Loose = api;

const LOSSES = {
  BCEWithLogitsLoss: { posWeight: [1, 2, 3], reduction: "mean", dtype: "f32" },
  CrossEntropyLoss: { weight: [1, 2, 3], labelSmoothing: 0.1, ignoreIndex: 2, reduction: "mean", dtype: "f32" },
  HuberLoss: { delta: 1, reduction: "mean", dtype: "f32" },
  L1Loss: { reduction: "sum", dtype: "f32" },
  MSELoss: { reduction: "mean", dtype: "f32" },
} as const;

export const LOSS_NAMES = Object.keys(LOSSES) as (keyof typeof LOSSES)[];
export const makeLoss = (name: keyof typeof LOSSES, runtime: api.Runtime): Loose => new loose[name](runtime, LOSSES[name]);

const losses: Door[] = Object.entries(LOSSES).flatMap(([name, options]): Door[] => {
  const make = (...args: unknown[]): Loose => new loose[name](...args);
  const targets = (w: World): Tensor => (name === "CrossEntropyLoss" ? w.tensor([3, 2], "i32") : w.tensor([3, 2, 3]));
  return [
    { name, open: (w) => ({ args: [w.rt, options], call: make }) },
    {
      name: `${name}.forward`,
      open: (w) => {
        const self = w.own(make(w.rt, options));
        const how = { lengths: [3, 2], ...(options.reduction === "mean" ? { divisor: 2 } : {}) };
        const numbers = ({ loss, weight }: Loose) =>
          typeof loss === "number" && weight >= 0 ? undefined : `a loss of ${loss}, weight ${weight}`;
        return { args: [w.tensor([3, 2, 3]), targets(w), how], call: (...args) => self.forward(...args), self, faults: numbers };
      },
    },
  ];
});

const OPTIMIZERS = {
  Adagrad: { lr: 0.1, lrDecay: 0.1, weightDecay: 0.1, initialAccumulatorValue: 0.1, eps: 1e-8 },
  Adam: { lr: 0.1, betas: [0.9, 0.99], eps: 1e-8, weightDecay: 0.1, amsgrad: true },
  AdamW: { lr: 0.1, betas: [0.9, 0.99], eps: 1e-8, weightDecay: 0.1, amsgrad: true },
  RMSprop: { lr: 0.1, alpha: 0.9, eps: 1e-8, weightDecay: 0.1, momentum: 0.9, centered: true },
  SGD: { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.1 },
} as const;

const parametersOf = (w: World) => w.own(new api.Dense(w.rt, { inputSize: 2, outputSize: 3 })).parameters();

/** A step with small numbers leaves finite ones. */
const optimizers: Door[] = Object.entries(OPTIMIZERS).flatMap(([name, options]): Door[] => {
  const make = (...args: unknown[]): Loose => new loose[name](...args);
  const open = (w: World) => {
    const parameters = parametersOf(w);
    const self = w.own(make(parameters, options));
    self.step();
    return {
      self,
      observe: () => [
        self.lr,
        Object.values(self.state().tensors).map((t) => [...(t as Float32Array)]),
        parameters.map((p) => [...p.toArray()]),
      ],
    };
  };
  return [
    {
      name,
      open: (w) => ({
        args: [parametersOf(w), options],
        call: make,
        faults: (o: Loose) => (Number.isFinite(o.lr) && o.lr >= 0 ? undefined : `a rate of ${o.lr}`),
      }),
    },
    {
      name: `${name}.lr`,
      open: (w) => {
        const it = open(w);
        const call = (lr: number) => {
          it.self.lr = lr;
        };
        return { args: [0.2], call, ...it };
      },
    },
    {
      name: `${name}.load`,
      open: (w) => {
        const it = open(w);
        return { args: [it.self.state()], call: (state) => it.self.load(state), ...it };
      },
    },
    {
      name: `${name}.load of bytes`,
      open: (w) => {
        const it = open(w);
        return { args: [it.self.save()], call: (bytes) => it.self.load(bytes), ...it };
      },
    },
    ...(["step", "zeroGrad", "state", "save"] as const).map(
      (method): Door => ({
        name: `${name}.${method}`,
        open: (w) => {
          const { self } = open(w);
          return { args: [1], call: (...args) => self[method](...args), self };
        },
        lenient: ["0"],
      }),
    ),
  ];
});

const clipping: Door[] = (["clipGradNorm", "clipGradValue"] as const).map((name) => ({
  name,
  open: (w) => {
    const parameters = parametersOf(w);
    for (const { grad } of parameters) void grad;
    const self = w.own(new api.SGD(parameters, { lr: 1 }));
    self.step(); // takes the gradients
    return { args: [parameters, 1], call: (...args) => loose[name](...args) };
  },
  lenient: ["1"], // ∞: no limit
}));

const SCHEDULES = {
  CosineAnnealingLR: { tMax: 10, etaMin: 0.01 },
  LinearLR: { startFactor: 0.1, endFactor: 1, totalIters: 5 },
  OneCycleLR: {
    ...{ maxLr: 0.1, totalSteps: 10, pctStart: 0.3, annealStrategy: "cos", divFactor: 25, finalDivFactor: 100 },
    ...{ cycleMomentum: true, baseMomentum: 0.8, maxMomentum: 0.9 },
  },
  ReduceLROnPlateau: { mode: "min", factor: 0.1, patience: 2, threshold: 0.1, thresholdMode: "rel", cooldown: 1, minLr: 0, eps: 1e-8 },
  StepLR: { stepSize: 3, gamma: 0.5 },
  SequentialLR: { milestones: [2] },
} as const;

const schedules: Door[] = Object.entries(SCHEDULES).flatMap(([name, options]): Door[] => {
  const make = (...args: unknown[]): Loose => new loose[name](...args);
  const open = (w: World) => {
    const optimizer = w.own(new api.SGD(parametersOf(w), { lr: 0.1, momentum: 0.5 }));
    const parts = name === "SequentialLR" ? [[new api.StepLR(optimizer, { stepSize: 1 }), new api.LinearLR(optimizer)]] : [];
    return { args: [optimizer, ...parts, options], observe: () => [optimizer.lr, optimizer.initialLr, optimizer.momentum], optimizer };
  };
  const rate = ({ optimizer }: { optimizer: api.Optimizer }) =>
    Number.isFinite(optimizer.lr) && optimizer.lr >= 0 ? undefined : `a rate of ${optimizer.lr}`;
  return [
    { name, open: (w) => ({ ...open(w), call: make }) },
    {
      name: `${name}.step`,
      open: (w) => {
        const it = open(w);
        const self = make(...it.args);
        return { args: [0.5], call: (...args) => self.step(...args), observe: it.observe, faults: () => rate(it) };
      },
      lenient: ["0"], // only a plateau reads it; NaN and ∞ are metrics
    },
    {
      name: `${name}.state`,
      open: (w) => {
        const self = make(...open(w).args);
        return { args: [1], call: (...args) => self.state(...args) };
      },
      lenient: ["0"],
    },
    {
      name: `${name}.load`,
      open: (w) => {
        const it = open(w);
        const self = make(...it.args);
        const observe = () => [it.observe(), self.state()];
        return { args: [self.state()], call: (state) => self.load(state), observe, faults: () => rate(it) };
      },
    },
  ];
});

export const learningDoors: readonly Door[] = [...losses, ...optimizers, ...clipping, ...schedules];
