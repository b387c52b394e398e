/** In a worker: a copy of the model, with a runtime of its own. */
import type { BuildName } from "../builds.js";
import * as cells from "../cells.js";
import { sameShape, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { Frame } from "../graph/frame.js";
import { type LayerClass, loadModel } from "../load-model.js";
import type { Loss } from "../losses/loss.js";
import type { Model } from "../model.js";
import { loadOperators } from "../ops/load.js";
import { createRuntime, type Runtime } from "../runtime.js";
import * as sequence from "../sequence.js";
import { checkModel } from "../training/doors.js";
import { type Subject, subjectOf } from "../training/measure.js";
import { outputsOf } from "../training/metric-doors.js";
import type { TrainableByName } from "../training/trainable.js";
import { buildModule } from "../worker/build.js";
import * as library from "../worker/library.js";
import { Sections } from "./sections.js";
import type { LossDescription, Part, ReplicaSetup } from "./wire.js";

/** Layers of other entries, by the names of their classes. */
const CLASSES = Object.fromEntries(
  Object.entries({ ...cells, ...sequence }).filter(([, member]) => typeof member === "function" && /^[A-Z]/.test(member.name)),
) as Record<string, LayerClass>;

/** What a worker keeps of one training, or of one call of `predictParallel`. */
export interface Replica {
  readonly runtime: Runtime;
  readonly model: TrainableByName;
  readonly sections: Sections;
  /** For each output what is learned of it, and nothing beside: its gradients are its own. */
  readonly subjects: readonly Subject[];
  readonly features: number;
  readonly frame: Frame;
  /** Takes the parameters, unless they are those that it has. */
  take(parameters: Part): void;
  dispose(): void;
}

/** @throws {ArgumentError} when the module's model is another, and what the module and the layers throw */
export async function replicaOf(setup: ReplicaSetup): Promise<Replica> {
  const runtime = await createRuntime({ build: setup.build as BuildName, dtype: setup.dtype });
  try {
    await loadOperators(runtime); // of layers and losses of other entries
    return await replicaIn(runtime, setup);
  } catch (error) {
    runtime.dispose();
    throw error;
  }
}

/** @throws {ArgumentError} on a class that is not the package's, which only a module can bring */
function modelOf(runtime: Runtime, file: Uint8Array): Model {
  try {
    return loadModel(runtime, file, { classes: CLASSES });
  } catch (error) {
    if (!(error instanceof ArgumentError) || error.argument !== "classes") throw error;
    const expected = `{ url }, the address of a module that makes the model: workers do not know ${error.expected}`;
    throw new ArgumentError("module", expected, "none", { cause: error });
  }
}

async function replicaIn(runtime: Runtime, { source, parameters, losses, features }: ReplicaSetup): Promise<Replica> {
  const made = "file" in source ? { model: modelOf(runtime, source.file) } : await buildModule(runtime, source.module, source.options);
  const model = checkModel(made.model, ["forward", "namedParameters", "train", "eval"]);
  checkParameters(model, parameters);
  const sections = new Sections(model.namedParameters());
  const frame = new Frame(runtime);
  const batching = { batchSize: 1, shuffle: false, bucketByLength: false, features };
  const subjects = losses.map(({ key, loss }) => {
    const built = loss ? buildLoss(runtime, model, loss) : (made as { loss?: unknown }).loss;
    const own = key === undefined || loss ? built : (built as Record<string, unknown> | undefined)?.[key];
    const outputs = outputsOf({ loss: (key === undefined ? own : { [key]: own }) as Loss }, runtime);
    return subjectOf(model, outputs, batching);
  });
  let taken: number | undefined;
  return {
    ...{ runtime, model, sections, subjects, features, frame },
    take({ id, bytes }) {
      if (id === taken || !bytes) return;
      sections.copyFrom(bytes);
      taken = id;
    },
    dispose: () => runtime.dispose(),
  };
}

/** The parameters of the model are those of the caller's. */
function checkParameters(model: TrainableByName, wanted: ReplicaSetup["parameters"]): void {
  const named = model.namedParameters();
  for (const [i, [name, shape, dtype]] of wanted.entries()) {
    const [ours, parameter] = named[i] ?? [];
    if (ours === name && parameter?.dtype === dtype && sameShape(parameter.shape, shape)) continue;
    const got = parameter ? `${ours} ${show([...parameter.shape])} of ${parameter.dtype}` : "none";
    throw new ArgumentError("module", `a model with ${name} ${show([...shape])} of ${dtype} as parameter ${i}`, got);
  }
  if (named.length > wanted.length) throw new ArgumentError("module", `a model with ${wanted.length} parameters`, `${named.length}`);
}

function buildLoss(runtime: Runtime, model: TrainableByName, { type, options, layer }: LossDescription): Loss {
  const entry: Readonly<Record<string, unknown>> = type in sequence ? sequence : library;
  const Class = entry[type] as new (first: unknown, options: unknown) => Loss;
  return new Class(layer === undefined ? runtime : new Map((model as Model).namedLayers()).get(layer), options);
}
