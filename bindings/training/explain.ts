/** What a layer or a loss finds wrong with a batch, said of the sample: its place in the data, and the cure. */
import { show } from "../checks.js";
import { ArgumentError, DTypeError, ShapeError } from "../errors.js";
import { placeOfRow } from "../layout.js";
import type { Batch, Samples } from "./batch.js";
import type { Named, Sequence } from "./sample.js";
import type { Target } from "./targets.js";

/** @internal Runs a forward pass; what it throws about the input is said of the sample. */
export function explainingInput<R>(model: object, inputs: Samples["inputs"], forward: () => R): R {
  try {
    return forward();
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    // Of several inputs nobody knows which was read, unless only one can be meant.
    const meant = inputs.flatMap((batch) => ofInput(error, model, batch, inputs.length > 1) ?? []);
    throw meant.length === 1 ? meant[0] : error;
  }
}

function ofInput(error: ArgumentError, model: object, batch: Batch, isOneOfMany: boolean): ArgumentError | undefined {
  const { rows, tokens, features, label } = batch;
  const [{ index, x }] = rows;
  if (error.argument === "lengths") {
    const other = rows.find((row) => row.x.steps !== x.steps);
    if (!other) return undefined;
    const expected = `${x.steps} steps, as sample ${index}, where no layer heeds lengths (batchSize: 1 takes each alone)`;
    return new ShapeError(`${label} of sample ${other.index}`, expected, `${other.x.steps}`, { cause: error });
  }
  if (error instanceof DTypeError && /^(x|tokens)\b/.test(error.argument) && tokens !== (error.expected === "i32")) {
    if (tokens)
      return new DTypeError(
        `${label} of sample ${index}`,
        "numbers, which this model reads (in a Float32Array, say)",
        "an Int32Array, which is for tokens",
        { cause: error },
      );
    return new DTypeError(`${label} of sample ${index}`, "tokens in an Int32Array, which this model reads", "numbers", { cause: error });
  }
  if (error instanceof ShapeError && error.argument === "x" && !tokens) {
    const wanted = inputSizeOf(model);
    if (wanted === undefined || wanted === features || isOneOfMany) return undefined;
    return new ShapeError(
      `${label} of sample ${index}`,
      `${wanted} features a step, as the model reads${cureOf(x, rows, wanted)}`,
      `${features}`,
      { cause: error },
    );
  }
  const place = tokens ? /^tokens\[(\d+)\]$/.exec(error.argument) : null;
  if (!place) return undefined;
  const { t, n } = placeOfRow(batch, Number(place[1]));
  const row = rows[n];
  if (!row || (isOneOfMany && show(row.x.values[t]) !== error.got)) return undefined;
  return new ArgumentError(`${label}[${t}] of sample ${row.index}`, error.expected, error.got, { cause: error });
}

function cureOf(x: Sequence, rows: Batch["rows"], wanted: number): string {
  if (x.kind === "nested") return x.steps === wanted ? " (x is steps, each an array of features)" : "";
  // Each has the numbers of one step: what was meant may be the steps of one sample.
  if (rows.every((row) => row.x.values.length === wanted)) return ` (option features: ${wanted}; the steps of one sample go as [x])`;
  const isWhole = rows.every((row) => row.x.values.length % wanted === 0);
  return ` (option features: ${wanted}${isWhole ? "" : `, with a multiple of ${wanted} numbers in x`})`;
}

/** The features that the model reads, where a layer says so. */
function inputSizeOf(model: object): number | undefined {
  const { namedLayers } = model as { namedLayers?(): [string, object][] };
  const sizes = (namedLayers?.call(model) ?? []).map(([, layer]) => (layer as { inputSize?: unknown }).inputSize);
  return sizes.find((size) => typeof size === "number");
}

/** @internal Compares; what the loss throws about a target is said of the sample. */
export function explainingTarget<R>(output: Named, target: Target, compare: () => R): R {
  try {
    return compare();
  } catch (error) {
    throw (error instanceof ArgumentError && ofTarget(error, output, target)) || error;
  }
}

function ofTarget(error: ArgumentError, { label }: Named, target: Target): ArgumentError | undefined {
  const place = /^targets?\[(\d+)\]$/.exec(error.argument);
  if (!place) return undefined;
  const [line, d] = [Math.floor(Number(place[1]) / target.D), Number(place[1]) % target.D];
  const { t, n } = target.overTime && !target.counts ? placeOfRow(target, line) : { t: 0, n: line };
  const answer = target.answers[n];
  if (!answer) return undefined;
  const name = answer.single ? label : `${label}[${t * target.D + d}]`;
  return new ArgumentError(`${name} of sample ${answer.index}`, error.expected, error.got, { cause: error });
}

/** @internal Which samples are meant, where it is not an array of `data`: " of validation", " of epoch 2". */
export function sourceOf(argument: string, samples: unknown, epoch: number): string {
  const parts = [...(argument === "data" ? [] : [argument]), ...(typeof samples === "function" ? [`epoch ${epoch + 1}`] : [])];
  return parts.length > 0 ? ` of ${parts.join(", ")}` : "";
}

/** @internal Runs work on a batch; what it throws, or rejects with, about a sample says also whose sample it is. */
export function explainingSource<R>(source: string, work: () => R): R {
  const explain = (error: unknown): never => {
    if (source === "" || !(error instanceof ArgumentError) || !/\bsample \d+$/.test(error.argument)) throw error;
    const Kind = error instanceof ShapeError ? ShapeError : error instanceof DTypeError ? DTypeError : ArgumentError;
    throw new Kind(`${error.argument}${source}`, error.expected, error.got, { cause: error.cause });
  };
  try {
    const result = work();
    return result instanceof Promise ? (result.catch(explain) as R) : result;
  } catch (error) {
    return explain(error);
  }
}
