/** What a layer or a loss finds wrong with a batch, said of the sample: its place in the data, and the cure. */
import { ArgumentError, DTypeError, ShapeError } from "../errors.js";
import { placeOfRow } from "../layout.js";
import type { Batch, Row, Target } from "./batch.js";

/** @internal Runs a forward pass; what it throws about the input is said of the sample. */
export function explainingInput<R>(model: object, batch: Batch, forward: () => R): R {
  try {
    return forward();
  } catch (error) {
    throw (error instanceof ArgumentError && ofInput(error, model, batch)) || error;
  }
}

function ofInput(error: ArgumentError, model: object, batch: Batch): ArgumentError | undefined {
  const { rows, tokens, features } = batch;
  const [{ index, x }] = rows as [Row, ...Row[]];
  if (error instanceof DTypeError && tokens !== (error.expected === "i32")) {
    if (tokens) return new DTypeError(`x of sample ${index}`, "numbers, which this model reads", "tokens (an Int32Array)");
    return new DTypeError(`x of sample ${index}`, "tokens in an Int32Array, which this model reads", "numbers");
  }
  if (error instanceof ShapeError && error.argument === "x" && !tokens) {
    const wanted = inputSizeOf(model);
    if (wanted === undefined || wanted === features) return undefined;
    const cure = x.kind === "flat" && rows.every((row) => row.x.values.length % wanted === 0);
    const expected = `${wanted} features a step, as the model reads${cure ? ` (option features: ${wanted})` : ""}`;
    return new ShapeError(`x of sample ${index}`, expected, `${features}`);
  }
  const place = tokens ? /^tokens\[(\d+)\]$/.exec(error.argument) : null;
  if (!place) return undefined;
  const { t, n } = placeOfRow(batch, Number(place[1]));
  const row = rows[n];
  return row && new ArgumentError(`x[${t}] of sample ${row.index}`, error.expected, error.got);
}

/** The features that the model reads, where a layer says so. */
function inputSizeOf(model: object): number | undefined {
  const { namedLayers } = model as { namedLayers?(): [string, object][] };
  const sizes = (namedLayers?.call(model) ?? []).map(([, layer]) => (layer as { inputSize?: unknown }).inputSize);
  return sizes.find((size) => typeof size === "number");
}

/** @internal Compares; what the loss throws about a target is said of the sample. */
export function explainingTarget<R>(batch: Batch, target: Target, compare: () => R): R {
  try {
    return compare();
  } catch (error) {
    throw (error instanceof ArgumentError && ofTarget(error, batch, target)) || error;
  }
}

function ofTarget(error: ArgumentError, { rows }: Batch, target: Target): ArgumentError | undefined {
  const place = /^targets?\[(\d+)\]$/.exec(error.argument);
  if (!place) return undefined;
  const [line, d] = [Math.floor(Number(place[1]) / target.D), Number(place[1]) % target.D];
  const { t, n } = target.overTime ? placeOfRow(target, line) : { t: 0, n: line };
  const row = rows[n];
  if (!row) return undefined;
  const name = row.single ? "y" : `y[${t * target.D + d}]`;
  return new ArgumentError(`${name} of sample ${row.index}`, error.expected, error.got);
}
