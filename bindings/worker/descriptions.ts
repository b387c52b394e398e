/** Layers, losses, optimizers and schedules as data: the class's name, and what its constructor takes. */
import type { Layer } from "../layers/layer.js";
import type { Loss } from "../losses/loss.js";
import type { Optimizer } from "../optim/optimizer.js";
import type { ReduceLROnPlateau } from "../optim/schedules/plateau.js";
import type { HasRate, Schedule } from "../optim/schedules/schedule.js";
import type { Parameter } from "../parameters.js";
import type { Runtime } from "../runtime.js";
import type { FitOptions, FitOptionsByName } from "../training/fit-options.js";
import type { TrainableByName } from "../training/trainable.js";

/** The package itself: what a module of one's own is handed, so that both have the same classes. */
export type Library = typeof import("../index.js");

/** `[name, options]` of every class that is made from `First` and gives a `Made`. */
type Described<First, Made> = {
  [Name in keyof Library]: Library[Name] extends new (first: First, ...rest: infer Rest) => Made ? readonly [Name, ...Rest] : never;
}[keyof Library];

/** A layer: `["LSTM", { inputSize: 3, hiddenSize: 64 }]`; `["Sequential", layers]` is a model inside. */
export type LayerData = Described<Runtime, Layer> | readonly ["Sequential", ModelData];

/** Layers by name, one after another, or in a list by their places. */
export type ModelData = Readonly<{ [name: string]: LayerData }> | readonly LayerData[];

/** A loss: `["CrossEntropyLoss"]`, `["HuberLoss", { delta: 2 }]`. */
export type LossData = Described<Runtime, Loss>;

/** An optimizer of all the model's parameters: `["AdamW", { lr: 0.01 }]`. */
export type OptimizerData = Described<readonly Parameter[], Optimizer>;

/** A schedule of the optimizer: `["CosineAnnealingLR", { tMax: 20 }]`; several one after another as data, too. */
export type ScheduleData =
  | Exclude<Described<HasRate, Schedule | ReduceLROnPlateau>, readonly ["SequentialLR", ...unknown[]]>
  | readonly ["SequentialLR", readonly ScheduleData[], { readonly milestones: readonly number[] }];

/** What a module of one's own gives: a model, and whatever options of `fit` go with it; those given at the call go before. */
export type WorkerModule = (Partial<FitOptions> | Partial<FitOptionsByName>) & {
  model: TrainableByName;
  /** What `model.call(name, …)` runs. What it returns is moved: a view of what stays is to be copied first. */
  // biome-ignore lint/suspicious/noExplicitAny: functions of the user's
  methods?: Readonly<Record<string, (...args: any[]) => unknown>>;
};

/**
 * The default export of a module for `rt.module()`.
 *
 * @example
 * export default ({ rt, library: { Dense, GRU, MSELoss, Sequential } }, { hiddenSize }) => ({
 *   model: new Sequential(rt, [new GRU(rt, { inputSize: 1, hiddenSize }), new Dense(rt, { inputSize: hiddenSize, outputSize: 1 })]),
 *   loss: new MSELoss(rt),
 * });
 */
// biome-ignore lint/suspicious/noExplicitAny: options of the user's
export type WorkerModuleFunction<Options = any> = (
  context: { readonly rt: Runtime; readonly library: Library },
  options: Options,
) => WorkerModule | Promise<WorkerModule>;
