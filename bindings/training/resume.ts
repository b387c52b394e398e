/** Going on from a checkpoint: everything is checked before anything is changed. */
import { sameShape, show } from "../checks.js";
import { ArgumentError, DTypeError, FormatError, ShapeError } from "../errors.js";
import { unpackCheckpoint } from "../io/checkpoint.js";
import { readFileIfAny } from "../io/file.js";
import type { LoadedArray } from "../io/safetensors.js";
import { buffersOf } from "../named-buffers.js";
import { type ParameterBlock, placeOf } from "../parameters.js";
import type { DType } from "../tensor.js";
import type { Output } from "./count.js";
import { isOfNumbers } from "./errors-of-numbers.js";
import type { Metric, MetricState } from "./metrics.js";
import type { RunState } from "./run.js";
import { architectureOf } from "./save.js";
import { checkSavedRun, type Fixed, type SavedRun } from "./saved-run.js";
import { type ScoreState, Scores, stateOf } from "./scores.js";
import type { Settings } from "./settings.js";

/** What the tensors of a checkpoint are of. */
const PARTS = /^(model|buffer|best|best-buffer|optimizer)\./;

type Arrays = Readonly<Record<string, LoadedArray>>;

/**
 * Continues from a checkpoint, where one is given.
 *
 * @throws {FormatError} when it is damaged, or of another model
 * @throws {ArgumentError} @throws {ShapeError} @throws {DTypeError} when it is of another run; nothing has been changed then
 */
export async function resume(run: RunState): Promise<void> {
  const { settings } = run;
  const bytes = settings.resume === true ? readFileIfAny(settings.checkpoint?.file as string) : settings.resume || undefined;
  if (!bytes) return;
  const { tensors, details } = unpackCheckpoint(bytes);
  const saved = await checkSavedRun(
    details,
    settings.learned.outputs.flatMap(({ key }) => key ?? []),
  );
  checkOptionsOf(settings, saved);
  const { parameters, buffers } = checkModelOf(settings, saved, tensors);
  const frozen = frozenBlocks(settings.named, saved.frozen);
  const moments = part(tensors, "optimizer.");
  for (const [name, { data }] of Object.entries(moments)) checkFinite(`optimizer.${name}`, data);
  const state = { ...saved.optimizer, tensors: Object.fromEntries(Object.entries(moments).map(([name, { data }]) => [name, data])) };
  loadSteering(settings, state, saved);

  for (const [name, parameter] of settings.named) parameter.set((parameters[name] as LoadedArray).data);
  for (const [name, tensor] of buffersOf(settings.model)) tensor.set((buffers[name] as LoadedArray).data);
  for (const [block, isFrozen] of frozen) block.requiresGrad = !isFrozen;
  for (const [i, generator] of settings.generators.entries()) generator.state = saved.position.generators[i] as number[];
  run.best = Object.fromEntries(Object.entries(tensors).filter(([name]) => /^best(-buffer)?\./.test(name)));
  run.order.state = saved.position.order;
  run.at = saved.position;
  run.scores = new Scores(settings.learned.outputs, saved.position.metrics);
  run.resumedFrom = { step: saved.position.step, build: saved.build };
}

/** Optimizer and schedule, both or neither: someone else's may have no check. */
function loadSteering({ optimizer, schedule }: Settings, state: object, saved: SavedRun): void {
  optimizer.check?.(state as never);
  schedule?.check?.(saved.schedule as never);
  const [{ lr }, before] = [optimizer, optimizer.state()];
  optimizer.load(state as never);
  try {
    schedule?.load(saved.schedule as never);
    optimizer.lr = saved.optimizer.lr; // a schedule sets its own, which someone may have changed since
  } catch (error) {
    optimizer.load(before as never);
    optimizer.lr = lr;
    throw error;
  }
}

/** The options that a run may not change on its way. */
function checkOptionsOf({ fixed, data, schedule, generators, learned, stopping }: Settings, saved: SavedRun): void {
  const { position } = saved;
  for (const name of new Set([...Object.keys(fixed), ...Object.keys(saved.fixed)]) as Set<keyof Fixed>) {
    const [then, now] = [saved.fixed[name], fixed[name]];
    if (then !== now) throw new ArgumentError(name, `${show(then)}, as in the checkpoint`, show(now));
  }
  const { best } = position;
  if (best && stopping && best.monitor !== stopping.monitor)
    throw new ArgumentError("earlyStopping.monitor", `${show(best.monitor)}, as in the checkpoint`, show(stopping.monitor));
  if (Array.isArray(data)) {
    if (position.perEpoch !== data.length)
      throw new ArgumentError("data", `${position.perEpoch} samples, as in the checkpoint`, `${data.length}`);
    const { seen, before, epoch } = position;
    if (seen > data.length || before !== epoch * data.length)
      throw new FormatError(`checkpoint: expected ${epoch} epochs of ${data.length} samples and a part of one, got ${before} and ${seen}`);
  }
  const missed = learned.outputs.flatMap((output) => uncounted(output, position.metrics));
  if (missed.length > 0)
    throw new ArgumentError("metrics", "none that count predictions: the checkpoint's epoch has begun without", missed.join(", "));
  const [then, now] = [saved.schedule !== undefined, schedule !== undefined];
  if (then !== now) throw new ArgumentError("schedule", `${then ? "one" : "none"}, as in the checkpoint`, now ? "one" : "none");
  if (position.generators.length !== generators.length) {
    throw new FormatError(`checkpoint: expected a model with ${generators.length} generators, got ${position.generators.length}`);
  }
}

/** What is asked for, and was not counted from the beginning of the epoch. */
function uncounted({ key, names, own }: Output, metrics: ScoreState): string[] {
  const { weight, counted, errors, own: sums } = stateOf(metrics, key) as MetricState;
  if (weight === 0) return [];
  const isCounted = (name: Metric) => (isOfNumbers(name) ? errors.count.length > 0 : name === "perplexity" || counted !== 0);
  return [...names.filter((name) => !isCounted(name)), ...own.map(([name]) => name).filter((name) => !sums[name])];
}

/** Parameters, buffers and layers are those of the model. */
function checkModelOf({ model, named }: Settings, saved: SavedRun, tensors: Arrays): { parameters: Arrays; buffers: Arrays } {
  const buffered = buffersOf(model);
  const [parameters, buffers] = [part(tensors, "model."), part(tensors, "buffer.")];
  checkTensors("parameter", named, parameters);
  checkTensors("buffer", buffered, buffers);
  const { best } = saved.position;
  checkTensors("parameter", best ? named : [], part(tensors, "best."));
  checkTensors("buffer", best ? buffered : [], part(tensors, "best-buffer."));
  const stranger = Object.keys(tensors).find((name) => !PARTS.test(name));
  if (stranger !== undefined) throw new FormatError(`checkpoint: expected tensors of a run alone, got ${show(stranger)}`);
  const [then, now] = [saved.architecture, architectureOf(model)].map((layers) => layers.map(textOf)) as [string[], string[]];
  const at = now.findIndex((layer, i) => layer !== then[i]);
  if (at >= 0 || then.length !== now.length) {
    const i = at >= 0 ? at : now.length;
    throw new FormatError(`checkpoint: expected the layer ${now[i] ?? "(none)"}, got ${(then[i] ?? "(none)").slice(0, 200)}`);
  }
  return { parameters, buffers };
}

/** Which layers' parameters were frozen. @throws {FormatError} on another name, or when a layer was frozen in part */
function frozenBlocks(named: Settings["named"], frozen: readonly string[]): Map<ParameterBlock, boolean> {
  const names = new Set(frozen);
  const blocks = new Map<ParameterBlock, boolean>();
  for (const [name, parameter] of named) {
    const block = placeOf(parameter)?.block;
    const isFrozen = names.delete(name);
    if (block && (blocks.get(block) ?? isFrozen) !== isFrozen)
      throw new FormatError(`checkpoint: expected layers frozen as a whole, got one with ${name} ${isFrozen ? "" : "not "}frozen`);
    if (block) blocks.set(block, isFrozen);
  }
  const [stranger] = names;
  if (stranger !== undefined) throw new FormatError(`checkpoint: expected parameters of the model as frozen, got ${show(stranger)}`);
  return blocks;
}

/** Options in the order of their names: the file's may differ. */
function textOf([name, description]: SavedRun["architecture"][number]): string {
  return `${name} ${JSON.stringify(Object.entries(description).sort(([a], [b]) => (a < b ? -1 : 1)))}`;
}

function part(tensors: Arrays, prefix: string): Arrays {
  return Object.fromEntries(
    Object.entries(tensors).flatMap(([name, array]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), array]] : [])),
  );
}

/** These are the tensors of the model, no more and no fewer. */
function checkTensors(
  what: "parameter" | "buffer",
  wanted: readonly [string, { readonly shape: readonly number[]; readonly dtype: DType }][],
  arrays: Arrays,
): void {
  for (const [name, { shape, dtype }] of wanted) {
    const array = Object.hasOwn(arrays, name) ? arrays[name] : undefined;
    if (!array) throw new FormatError(`checkpoint: expected the ${what} ${name}, got a checkpoint without it`);
    if (array.dtype !== dtype) throw new DTypeError(name, `${dtype}, as the model's`, `${array.dtype} in the checkpoint`);
    if (!sameShape(array.shape, shape)) throw new ShapeError(name, show([...shape]), show([...array.shape]));
    if (what === "parameter") checkFinite(name, array.data);
  }
  const got = Object.keys(arrays).length;
  if (got !== wanted.length) throw new FormatError(`checkpoint: expected ${wanted.length} ${what}s, got ${got}`);
}

function checkFinite(name: string, data: LoadedArray["data"]): void {
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new FormatError(`checkpoint: expected finite numbers in ${name.slice(0, 200)}, got ${data[bad]} at ${bad}`);
}
