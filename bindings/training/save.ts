/** What a run keeps: weights of the best epoch, and checkpoints. */
import { typedKind } from "../checks.js";
import { packCheckpoint } from "../io/checkpoint.js";
import { writeFileAtomically } from "../io/file.js";
import type { NamedArray } from "../io/safetensors.js";
import { buffersOf } from "../named-buffers.js";
import { Optimizer } from "../optim/optimizer.js";
import { copyOf, type FloatArray, type TypedArray } from "../tensor.js";
import type { Inspected } from "./non-finite.js";
import { layerOf, nonFinite, type RunState } from "./run.js";
import type { Architecture, SavedRun } from "./saved-run.js";
import type { TrainableByName } from "./trainable.js";

/** Numbers between two looks at the clock: a millisecond's work. */
const SLICE = 1 << 19;

/** What the weights of each layer mean; nothing of a model that does not show its layers. */
export function architectureOf(model: TrainableByName): Architecture {
  return ((model as Inspected).namedLayers?.() ?? []).map(([name, layer]) => [name, layer.describe?.() ?? {}]); // someone else's may not say
}

/** Keeps parameters and buffers as those of the best epoch. */
export function keepBest(run: RunState): void {
  const { model, named } = run.settings;
  const best: Record<string, NamedArray> = {};
  for (const [name, parameter] of named) best[`best.${name}`] = { shape: parameter.shape, data: parameter.toArray() };
  for (const [name, tensor] of buffersOf(model)) best[`best-buffer.${name}`] = { shape: tensor.shape, data: tensor.toArray() };
  run.best = best;
}

/** Gives the model what it had in the best epoch. */
export function takeBest(run: RunState): void {
  const { model, named } = run.settings;
  for (const [name, parameter] of named) parameter.set((run.best[`best.${name}`] as NamedArray).data);
  for (const [name, tensor] of buffersOf(model)) tensor.set((run.best[`best-buffer.${name}`] as NamedArray).data);
}

/** Writes a checkpoint. @throws {NonFiniteError} rather than replace the last good one by weights that are none */
export async function save(run: RunState): Promise<void> {
  await run.pauses.due(); // what follows is read at once
  const { model, named, optimizer, schedule, checkpoint, fixed, generators } = run.settings;
  const tensors: Record<string, NamedArray> = { ...run.best };
  const learned: { name: string; data: TypedArray; layer: string | undefined }[] = [];
  const keep = (name: string, shape: readonly number[], data: TypedArray, layer: string | undefined) => {
    learned.push({ name, data, layer });
    tensors[name] = { shape, data };
  };
  for (const [name, parameter] of named) keep(`model.${name}`, parameter.shape, parameter.toArray(), layerOf(name));
  for (const [name, tensor] of buffersOf(model)) tensors[`buffer.${name}`] = { shape: tensor.shape, data: tensor.toArray() };
  const { tensors: moments, ...rest } = optimizer.state();
  for (const [name, data] of Object.entries(moments))
    keep(`optimizer.${name}`, [data.length], optimizer instanceof Optimizer ? (data as FloatArray) : ownCopy(data), undefined);
  const details: SavedRun = {
    ...{ build: model.runtime.build, fixed, architecture: architectureOf(model) },
    frozen: named.flatMap(([name, { requiresGrad }]) => (requiresGrad === false ? [name] : [])),
    position: { ...run.at, generators: generators.map((generator) => generator.state) },
    optimizer: { ...rest, lr: optimizer.lr },
    schedule: schedule?.state(),
  };
  const bytes = await packCheckpoint(tensors, details, checkpoint?.metadata, () => run.pauses.due());
  for (const one of learned) await checkFinite(run, one);
  if (checkpoint?.file !== undefined) writeFileAtomically(checkpoint.file, bytes);
  await checkpoint?.save?.(bytes);
}

/** Someone else's optimizer may go on writing into what it gave. */
function ownCopy(data: ArrayLike<number>): TypedArray {
  return copyOf(typedKind(data) === "Float32Array" ? "f32" : "f64", data);
}

async function checkFinite(
  run: RunState,
  { name, data, layer }: { name: string; data: TypedArray; layer: string | undefined },
): Promise<void> {
  for (let i = 0; i < data.length; i++) {
    if (i % SLICE === 0) await run.pauses.due();
    if (Number.isFinite(data[i])) continue;
    throw nonFinite(run, `${name}[${i}], which is ${data[i]},`, layer, "the optimizer's state is no longer finite");
  }
}
