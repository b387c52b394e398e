/** Models as files of ONNX. */
import { checkBoolean, checkList, checkOneOf, checkOptions, show } from "../../checks.js";
import { ArgumentError, DTypeError } from "../../errors.js";
import { isImpostor } from "../../heir.js";
import { Layer } from "../../layers/layer.js";
import { isBatchFirst } from "../../layout.js";
import { Model, type Part } from "../../model.js";
import { Sequential } from "../../sequential.js";
import type { Kind } from "./kind.js";
import { kindFor } from "./kinds.js";
import { type Axis, Place, type SequenceAxes } from "./place.js";

/** Options of exportOnnx. */
export interface ExportOnnxOptions {
  /**
   * The axes of x before its features, each a size or, where it may vary, a name. Default `["T", "N"]`, for layers with batchFirst `["N", "T"]`; where no
   * layer goes over time `["N"]`.
   */
  axes?: readonly (string | number)[];
  /** Whether there is an input `lengths`, int32 [N]: the steps of each sequence, 1 … T. Default false. */
  lengths?: boolean;
  /**
   * Whether the recurrent layers' initial states are inputs and their final states outputs, so that a sequence can go on in a later run: `h0`, `hn`
   * [layers · directions, N, H] and for an LSTM `c0`, `cn`; of several recurrent layers `name.h0` and so on. Default false: zeros, or what was learned.
   */
  states?: boolean;
  /** What the file computes in. Default the model's; ONNX Runtime has recurrent layers of f32 alone, so a model of f64 must say `"f32"`, and is rounded. */
  dtype?: "f32";
}

/** Half of a pair of UTF-16, which UTF-8 has no bytes for. */
const HALF = /\p{Surrogate}/u;

type Named<Of> = readonly [string, Of];

/**
 * A model as an .onnx file, opset 15, for ONNX Runtime and whatever else reads the format: the same weights, the same numbers up to rounding. Input `x`,
 * laid out as the model reads it (tokens as int64), output `y`. What is for training alone, as dropout, is left out.
 *
 * A layer, or a Sequential of layers: RNN, LSTM, GRU, Dense, Embedding, LayerNorm, Softmax, Dropout, LastStep, MeanPool, MaxPool, and of wasm-rnn/cells
 * LSTMP without projection and cellClip, CoupledLSTM, ActivatedRNN, ActivatedLSTM and ActivatedGRU.
 *
 * @throws {ArgumentError} on layers that ONNX cannot express, all of them at once, and on options it cannot take
 * @throws {DTypeError} when the model is of f64 and the options do not say f32 @throws {DisposedError}
 * @example
 * const bytes = exportOnnx(model, { states: true });
 * await writeFile("model.onnx", bytes);
 */
export function exportOnnx(model: Layer | Model, options: ExportOnnxOptions = {}): Uint8Array<ArrayBuffer> {
  const given = checkOptions(options, ["axes", "lengths", "states", "dtype"]);
  const { lengths = false, states = false, dtype } = given;
  checkBoolean("lengths", lengths);
  checkBoolean("states", states);
  if (dtype !== undefined) checkOneOf("dtype", dtype, ["f32"]);
  if (isImpostor(Layer, model) || isImpostor(Sequential, model))
    throw new ArgumentError("model", "the model itself", "a Proxy or an heir of one");
  if (!(model instanceof Layer || model instanceof Model)) throw new ArgumentError("model", "a layer or a model", show(model));
  const layers = checkedLayers(model, dtype);
  for (const each of [model, ...layers.map(([, layer]) => layer)]) each.assertAlive();
  const sequence = layers.some(([, , { takes }]) => takes === "sequences");
  if (lengths && !sequence) throw new ArgumentError("lengths", "false, no layer of this model heeding them", "true");
  const recurrent = layers.filter(([, , { hasState }]) => hasState);
  if (states && recurrent.length === 0) throw new ArgumentError("states", "false, no layer of this model having one", "true");
  const axes = axesOf(given.axes, sequence ? isBatchFirst(modelOf(model)) : undefined);
  const severalStates = recurrent.length > 1;
  const names = ["h0", "c0", "hn", "cn"];
  const reserved = severalStates ? recurrent.flatMap(([name]) => names.map((part) => `${name}.${part}`)) : names;
  const place = new Place({ ...axes, lengths, states, severalStates }, reserved);
  for (const [name, layer, kind] of layers) addLayer(place, name, layer, kind);
  return place.bytes();
}

function addLayer(place: Place, name: string, layer: Layer, kind: Kind): void {
  place.layer = name;
  const { layout, value } = place.flow;
  if (kind.takes === "sequences" && layout === "rows")
    throw new ArgumentError("model", `sequences for ${name}`, "one row for each, of what is before it");
  if (kind.takes === "tokens" && value !== "x") throw new ArgumentError("model", `tokens for ${name}`, "features of what is before it");
  kind.add(place, layer);
}

/** A layer alone says its layout as a model's layers do. */
function modelOf(model: Layer | Model): Parameters<typeof isBatchFirst>[0] {
  return model instanceof Model ? { namedLayers: () => model.namedLayers() } : { namedLayers: () => [[model.name, model]] };
}

function axesOf(given: unknown, batchFirst: boolean | undefined): { axes: readonly Axis[]; sequence: SequenceAxes | undefined } {
  const isSequence = batchFirst !== undefined;
  const standard = isSequence ? (batchFirst ? ["N", "T"] : ["T", "N"]) : ["N"];
  const axes = checkList("axes", given === undefined ? standard : given, 8, "an array of sizes and names").map((axis, i): Axis => {
    if ((typeof axis === "string" && axis !== "" && !HALF.test(axis)) || (typeof axis === "number" && Number.isInteger(axis) && axis > 0))
      return axis as Axis;
    throw new ArgumentError(`axes[${i}]`, "a positive integer or a name", show(axis));
  });
  if (!isSequence) return { axes, sequence: undefined };
  if (axes.length !== 2) throw new ArgumentError("axes", `two, ${standard.join(" and ")}`, `${axes.length}`);
  const [T, N] = (batchFirst ? [axes[1], axes[0]] : axes) as [Axis, Axis];
  return { axes, sequence: { T, N, batchFirst } };
}

/** Each layer with its kind. @throws {ArgumentError} on those that have none, all at once */
function checkedLayers(model: Layer | Model, dtype: string | undefined): [string, Layer, Kind][] {
  const faults: string[] = [];
  const layers = (model instanceof Layer ? ([[model.name, model]] as const) : flat("", model, faults)).flatMap(([name, layer]) => {
    const kind = kindFor(layer);
    const own = kind ? kind.fault?.(layer) : "ONNX has no operator for it";
    const fault = HALF.test(name) ? "its name is not well-formed text" : own;
    if (fault !== undefined) faults.push(`${name} (${layer.name}): ${fault}`);
    return kind && fault === undefined ? [[name, layer, kind] as [string, Layer, Kind]] : [];
  });
  if (faults.length > 0)
    throw new ArgumentError("model", "layers that ONNX can express", `${faults.length} that it cannot: ${faults.join("; ")}`);
  for (const [name, layer] of layers) if (layer.dtype !== "f32" && dtype === undefined) throw f64Refused(name);
  return layers;
}

function f64Refused(name: string): DTypeError {
  return new DTypeError(
    `model: ${name}`,
    'f32, which ONNX Runtime has recurrent layers of, or the option dtype: "f32" to be rounded',
    "f64",
  );
}

/** The layers one after another, Sequentials taken apart. */
function flat(prefix: string, model: Model, faults: string[]): Named<Layer>[] {
  if (!(model instanceof Sequential && model.forward === Sequential.prototype.forward)) {
    faults.push(
      `${prefix.slice(0, -1) || "the model"} (${model.constructor.name}): its forward is code of its own; export its layers, or a Sequential of them`,
    );
    return [];
  }
  return Object.entries(model.layers).flatMap(([name, part]: [string, Part]): Named<Layer>[] => {
    if (part instanceof Model) return flat(`${prefix}${name}.`, part, faults);
    return [[`${prefix}${name}`, part as Layer]]; // a Sequential has no other parts
  });
}
