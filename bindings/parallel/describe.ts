/** What workers are told of a model and of its losses. */
import { show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import type { Layer } from "../layers/layer.js";
import type { Config } from "../layers/parametric.js";
import { BCEWithLogitsLoss } from "../losses/bce-with-logits.js";
import { CrossEntropyLoss } from "../losses/cross-entropy.js";
import type { Loss } from "../losses/loss.js";
import { HuberLoss, L1Loss, MSELoss } from "../losses/regression.js";
import { Model } from "../model.js";
import type { TrainableByName } from "../training/trainable.js";
import { addressOf } from "./pool.js";
import type { LossDescription, ReplicaSetup } from "./wire.js";

/** A module of one's own that makes the model in every worker: its default export is a `WorkerModuleFunction`, as `rt.module()` of wasm-rnn/worker takes it. */
export interface ReplicaModule {
  /** Its address, such as `new URL("./model.js", import.meta.url)`. */
  url: string | { readonly href: string };
  /** Handed to it: what JSON keeps. */
  options?: unknown;
}

/** @throws {ArgumentError} on a model that a worker cannot make, or can only by a module */
export function sourceOf(model: TrainableByName, module: ReplicaModule | undefined): ReplicaSetup["source"] {
  if (module !== undefined) {
    const { url, options = {} } = typeof module === "object" && module !== null && "url" in module ? module : { url: module as never };
    return { module: addressOf("module.url", url), options };
  }
  const stranger = model instanceof Model ? strangerIn(model.config()) : show(model);
  if (stranger === undefined) return { file: (model as Model).save() };
  throw new ArgumentError(
    "module",
    "{ url } of a module that makes the model in a worker, the model being of classes of your own",
    `none (${stranger})`,
  );
}

/** The first class that is none of the package's. */
function strangerIn({ type, layers }: Config): string | undefined {
  if (layers === undefined) return undefined; // a layer
  if (type !== "Sequential" && type !== "Seq2Seq") return type;
  for (const [, part] of layers) {
    const stranger = strangerIn(part as Config);
    if (stranger !== undefined) return stranger;
  }
  return undefined;
}

/** What the classes' constructors take beside `reduction` and `dtype`, as their instances have it. */
const LOSSES: readonly (readonly [type: string, isOne: (loss: object) => boolean, options: readonly string[]])[] = [
  ["CrossEntropyLoss", (loss) => loss instanceof CrossEntropyLoss, ["weight", "labelSmoothing", "ignoreIndex"]],
  ["BCEWithLogitsLoss", (loss) => loss instanceof BCEWithLogitsLoss, ["posWeight"]],
  ["MSELoss", (loss) => loss instanceof MSELoss, []],
  ["L1Loss", (loss) => loss instanceof L1Loss, []],
  ["HuberLoss", (loss) => loss instanceof HuberLoss, ["delta"]],
  // Of another entry, which is not loaded for it: by what they have.
  ["CTCLoss", (loss) => "blank" in loss && "zeroInfinity" in loss, ["blank", "zeroInfinity"]],
];

/** @returns undefined for a loss that only a module can make */
export function describeLoss(model: TrainableByName, loss: Loss): LossDescription | undefined {
  const { crf } = loss as { crf?: Layer };
  if (crf) {
    const [name] = (model as Model).namedLayers?.().find(([, layer]) => layer === crf) ?? [];
    return name === undefined ? undefined : { type: "CRFLoss", layer: name, options: { reduction: loss.reduction } };
  }
  const found = LOSSES.find(([, isOne]) => isOne(loss));
  if (!found) return undefined;
  const [type, , names] = found;
  const members = loss as unknown as Record<string, unknown>;
  const options = Object.fromEntries(names.filter((name) => members[name] !== undefined).map((name) => [name, members[name]]));
  return { type, options: { ...options, reduction: loss.reduction, dtype: loss.dtype } };
}
