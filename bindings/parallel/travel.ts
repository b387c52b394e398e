/** What goes to workers: how a model and its losses are made there, and samples without what lies around them. */
import { isPlain } from "../by-name.js";
import { show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { BCEWithLogitsLoss } from "../losses/bce-with-logits.js";
import { CrossEntropyLoss } from "../losses/cross-entropy.js";
import type { Loss } from "../losses/loss.js";
import { HuberLoss, L1Loss, MSELoss } from "../losses/regression.js";
import { Model } from "../model.js";
import { buffersOf } from "../named-buffers.js";
import type { Output } from "../training/count.js";
import type { Picked } from "../training/data.js";
import { partsOf } from "../training/sample.js";
import type { TrainableByName } from "../training/trainable.js";
import { addressOf } from "./pool.js";
import type { LossDescription, ReplicaSetup } from "./wire.js";

/** A module of one's own that makes the model in every worker. */
export interface ModelModule {
  /**
   * Its address, such as `new URL("./model.js", import.meta.url)`. Its default export is called with `{ rt, library }` and the options, and gives
   * `{ model }` with the parameters of the caller's model, by the same names; what they begin with does not matter.
   */
  url: string | { readonly href: string };
  /** Copied. */
  options?: unknown;
}

/** A loss's name, and the public members that its constructor takes. */
type Told = readonly [type: string, options: readonly string[]];

/** By their classes: a bundler shortens names, and an heir computes something else. */
const LOSSES: ReadonlyMap<unknown, Told> = new Map<unknown, Told>([
  [MSELoss, ["MSELoss", []]],
  [L1Loss, ["L1Loss", []]],
  [HuberLoss, ["HuberLoss", ["delta"]]],
  [CrossEntropyLoss, ["CrossEntropyLoss", ["weight", "labelSmoothing", "ignoreIndex"]]],
  [BCEWithLogitsLoss, ["BCEWithLogitsLoss", ["posWeight"]]],
]);

/** Of wasm-rnn/sequence, which is not loaded for it: by what they alone have. */
function toldOf(loss: Loss): Told | undefined {
  if ("crf" in loss) return ["CRFLoss", []];
  if ("zeroInfinity" in loss) return ["CTCLoss", ["blank", "zeroInfinity"]];
  return LOSSES.get(loss.constructor);
}

/** @param losses those that are learned; none: of predictions @throws {ArgumentError} where the model or a loss cannot be told */
export function describeModel(
  model: TrainableByName,
  module: ModelModule | undefined,
  { outputs, features }: { outputs: readonly Output[]; features: number },
): ReplicaSetup {
  if (buffersOf(model).length > 0) {
    const expected = "one without buffers: what a batch leaves to the next needs them one after another";
    throw new ArgumentError("model", expected, show(buffersOf(model).map(([name]) => name)));
  }
  const { build, dtype } = model.runtime;
  return {
    ...{ source: sourceOf(model, module), build, dtype, features },
    parameters: model.namedParameters().map(([name, { shape, dtype }]) => [name, [...shape], dtype]),
    losses: outputs.map(({ key, loss }) => ({ key, loss: describeLoss(model, loss, module !== undefined) })),
  };
}

function sourceOf(model: TrainableByName, module: ModelModule | undefined): ReplicaSetup["source"] {
  if (module === undefined) {
    if (model instanceof Model) {
      checkStored(model);
      return { file: model.save() };
    }
    throw new ArgumentError("module", "that of a model of one's own, which workers cannot make by themselves", "none");
  }
  if (!isPlain(module)) throw new ArgumentError("module", "{ url, options }", show(module));
  const { url, options } = module as unknown as ModelModule;
  return { module: addressOf("module.url", url), options };
}

/** What quantize has done is not in the file of save(): the workers' products would be others. */
function checkStored(model: Model): void {
  const rounded = model.namedLayers().find(([, layer]) => (layer as { storage?: string }).storage === "int8");
  if (rounded)
    throw new ArgumentError("model", "one of f32 (predict runs int8 here), or a module that makes it", `${rounded[0]} with int8 weights`);
}

function describeLoss(model: TrainableByName, loss: Loss, isOfModule: boolean): LossDescription | undefined {
  const told = toldOf(loss);
  if (told === undefined) {
    if (isOfModule) return undefined;
    throw new ArgumentError("loss", "one of the package's, or a module that gives it", show(loss));
  }
  const [type, names] = told;
  const { reduction, dtype } = loss;
  const members = loss as unknown as Record<string, unknown>;
  const options = Object.fromEntries(names.flatMap((name) => (members[name] === undefined ? [] : [[name, members[name]]])));
  if (type !== "CRFLoss") return { type, options: { ...options, reduction, dtype } };
  const layer = (model as Partial<Model>).namedLayers?.().find(([, each]) => each === members.crf)?.[0];
  if (layer === undefined) throw new ArgumentError("loss", "a CRFLoss of a layer of the model", "one of another");
  return { type, options: { reduction }, layer };
}

/** Samples as they are sent. @throws {ArgumentError} on what is no sample */
export function packed(picked: readonly Picked[]): Picked[] {
  return picked.map(({ index, sample }) => {
    const { x, y } = partsOf(index, sample);
    return { index, sample: { x: alone(x), y: alone(y) } as Picked["sample"] };
  });
}

/** A view goes with all of its buffer: of a window of a long series, a copy goes. */
export function alone(value: unknown): unknown {
  if (ArrayBuffer.isView(value) && value.byteLength < value.buffer.byteLength) return (value as Float32Array).slice();
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, alone(each)]));
}
