/** Doors: training and evaluation. */
import * as api from "../../bindings/index.js";
import { modelOf } from "./misuse-doors-models.js";
import type { Door } from "./misuse-judge.js";
import type { World } from "./misuse-world.js";

// biome-ignore lint/suspicious/noExplicitAny: called with what does not fit
type Loose = any;

const samples = () => [
  { x: Int32Array.of(1, 2, 3), y: [2, 3, 4] },
  { x: Int32Array.of(2, 3, 4), y: [3, 4, 0] },
  { x: Int32Array.of(3, 4, 0), y: [4, 0, 1] },
];

/** Three numbers of two features, and one. */
const forecasts = () => [0, 1, 2, 3, 4].map((i) => ({ x: Float32Array.of(i, 1, 2, i, 3, 4), y: [i] }));
const first: api.OwnMetric = ({ data }, target) => (data[0] as number) - (target.data[0] as number);
const corpus: api.CorpusMetric = { count: (prediction, target) => [first(prediction, target), 1], value: ([sum = 0, n = 0]) => sum / n };
const forecaster = (w: World): api.Sequential =>
  w.own(
    new api.Sequential(w.rt, [
      new api.GRU(w.rt, { inputSize: 2, hiddenSize: 3 }),
      new api.LastStep(w.rt),
      new api.Dense(w.rt, { inputSize: 3, outputSize: 1 }),
    ]),
  );

export const trainingDoors: readonly Door[] = [
  {
    name: "fit",
    open: (w) => {
      const model = modelOf(w);
      const optimizer = w.own(new api.SGD(model.parameters(), { lr: 0.1, momentum: 0.5 }));
      const options = {
        ...{
          data: samples(),
          validation: samples(),
          loss: w.own(new api.CrossEntropyLoss(w.rt)),
          optimizer,
          schedule: new api.StepLR(optimizer, { stepSize: 1 }),
        },
        ...{
          epochs: 2,
          batchSize: 2,
          shuffle: true,
          bucketByLength: true,
          features: 1,
          seed: 1,
          accumulate: 2,
          clipNorm: 1,
          scheduleEvery: "epoch",
        },
        ...{ metrics: ["accuracy", "f1"], earlyStopping: { patience: 3, minDelta: 0 }, callbacks: { onEpoch: () => {}, onEnd: () => {} } },
        ...{ signal: new AbortController().signal, checkpoint: { every: 2, save: () => {}, metadata: { a: "b" } }, resume: false },
      };
      return {
        args: [model, options],
        call: (...args) => api.fit(...(args as [Loose, Loose])),
        faults: ({ epochs }: api.History) => (Array.isArray(epochs) ? undefined : "no history"),
      };
    },
    lenient: ["1.checkpoint.metadata", "1.clipNorm", "1.resume"],
    lazy: true,
  },
  {
    name: "fit of numbers",
    open: (w) => {
      const model = forecaster(w);
      const optimizer = w.own(new api.SGD(model.parameters(), { lr: 0.1 }));
      const options = {
        ...{ data: forecasts(), loss: w.own(new api.MSELoss(w.rt)), optimizer, epochs: 2, batchSize: 2, features: 2 },
        ...{ validationSplit: 0.4, targetScaler: new api.Standardizer().fit([1, 2, 4]), metrics: [{ first, corpus }, "mae", "r2"] },
        earlyStopping: { patience: 3, monitor: "first", mode: "min" },
      };
      return {
        args: [model, options],
        call: (...args) => api.fit(...(args as [Loose, Loose])),
        faults: ({ epochs }: api.History) => (Array.isArray(epochs) ? undefined : "no history"),
      };
    },
    lenient: ["1.metrics.0.first", "1.metrics.0.corpus"], // a function may be any that gives a number, an object may have more
    lazy: true,
  },
  {
    name: "predict",
    open: (w) => ({
      args: [forecaster(w), forecasts(), { batchSize: 2, features: 2, targetScaler: new api.Standardizer().fit([1, 2, 4]) }],
      call: (...args) => api.predict(...(args as [Loose, Loose])),
      faults: (found: api.Prediction[]) =>
        found.every(({ data, shape }) => data.length === 1 && shape.length === 1) ? undefined : "no predictions",
    }),
    lenient: ["1.0.y", "1.1.y"], // nobody looks at them
    lazy: true,
  },
  {
    name: "evaluate",
    open: (w) => ({
      args: [
        modelOf(w),
        { data: samples(), loss: w.own(new api.CrossEntropyLoss(w.rt)), metrics: ["accuracy"], batchSize: 2, features: 1 },
      ],
      call: (...args) => api.evaluate(...(args as [Loose, Loose])),
      faults: ({ loss }: api.Evaluation) => (typeof loss === "number" ? undefined : "no loss"),
    }),
    lazy: true,
  },
];
