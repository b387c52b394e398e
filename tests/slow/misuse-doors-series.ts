/** Doors: series, their windows and their scalers. */
import * as api from "../../bindings/index.js";
import { modelOf } from "./misuse-doors-models.js";
import type { Door } from "./misuse-judge.js";

// biome-ignore lint/suspicious/noExplicitAny: called with what does not fit
type Loose = any;

const rows = () => [
  [1, 10],
  [2, 30],
  [4, 20],
];
const finite = (scaled: Float64Array[]) =>
  Array.from(scaled)
    .flatMap((row) => [...row])
    .every(Number.isFinite)
    ? undefined
    : "not finite";

function scalerDoors(name: string, create: () => api.Scaler): Door[] {
  const made = () => create().fit(rows());
  const door = (method: string, args: () => unknown[], faults: (result: Loose) => string | undefined): Door => ({
    name: `${name}.${method}`,
    open: () => {
      const self = made();
      return { args: args(), call: (...given) => (self as Loose)[method](...given), observe: () => self.toJSON(), faults };
    },
  });
  const isScaler = (scaler: api.Scaler) => (scaler.toJSON().kind === name ? undefined : "no scaler");
  return [
    { name, open: () => ({ args: [1], call: create }), lenient: ["0"] },
    door("fit", () => [rows()], isScaler),
    door(
      "transform",
      () => [rows()],
      (scaled) => (scaled.data ? undefined : finite(typeof scaled[0] === "number" ? [scaled] : scaled)),
    ),
    {
      ...door(
        "inverseTransform",
        () => [rows()],
        () => undefined,
      ),
      lenient: ["0"],
    }, // NaN comes back as it is
    door("columns", () => [[1, 0]], isScaler),
    {
      ...door(
        "toJSON",
        () => [1],
        () => undefined,
      ),
      lenient: ["0"],
    },
  ];
}

export const seriesDoors: readonly Door[] = [
  ...scalerDoors("Standardizer", () => new api.Standardizer()),
  ...scalerDoors("MinMaxScaler", () => new api.MinMaxScaler()),
  {
    name: "windows",
    open: () => ({
      args: [rows(), { length: 1, horizon: 1, stride: 1, targets: [0] }],
      call: (...args) => api.windows(...(args as [Loose, Loose])),
      faults: (found: api.Window[]) =>
        found.length > 0 && found.every(({ x, y }) => x.length > 0 && y.length > 0) ? undefined : "no windows",
    }),
    lenient: ["0"], // NaN is data
  },
  {
    name: "loadScaler",
    open: (w) => ({
      args: [modelOf(w).save({ scaler: new api.Standardizer().fit(rows()) }), "scaler"],
      call: (...args) => api.loadScaler(...(args as [Loose, Loose])),
      faults: (scaler) => (scaler instanceof api.Standardizer ? undefined : "no scaler"),
    }),
  },
  {
    name: "loadModel",
    open: (w) => ({
      args: [w.rt, modelOf(w).save(), { classes: {} }],
      call: (...args) => w.own((api.loadModel as Loose)(...args)),
      faults: (model) => (model instanceof api.Sequential ? undefined : "no model"),
    }),
  },
];
