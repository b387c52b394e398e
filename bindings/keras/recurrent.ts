/**
 * Keras' recurrent layers as ours. Kernels there are [I, G·H] and [H, G·H], ours [G·H, I] and [G·H, H]; gates there are i f c o and z r h,
 * ours i f g o and r z n. z is the share of the old state that stays, here and there.
 */
import { show } from "../checks.js";
import { type ActivationPlan, recurrentOptions } from "./activations.js";
import { type Builder, checkRank, checkWidth, type Expected, type LayerConfig, Refusal, type Value, type Weight } from "./builder.js";
import { activationIn, flagIn, innerLayer, refuse, sizeIn } from "./config.js";
import { MERGE_MODES } from "./operations.js";

interface Kind {
  readonly type: "LSTM" | "GRU" | "RNN";
  /** For each of our gates, which of Keras' it is. */
  readonly order: readonly number[];
}

const KINDS: Readonly<Record<string, Kind>> = {
  LSTM: { type: "LSTM", order: [0, 1, 2, 3] },
  GRU: { type: "GRU", order: [1, 0, 2] },
  SimpleRNN: { type: "RNN", order: [0] },
};

/** What is the same for both directions. */
interface Cell extends Kind {
  readonly H: number;
  readonly useBias: boolean;
  readonly resetAfter: boolean;
  readonly part: { readonly type: string; readonly options: Readonly<Record<string, unknown>> };
}

/** A config's cell. @throws {Refusal} */
function cellOf(layer: LayerConfig, builder: Builder, biases: readonly number[] | undefined): Cell {
  const kind = Object.hasOwn(KINDS, layer.className) ? (KINDS[layer.className] as Kind) : undefined;
  if (!kind) throw new Refusal(`${show(layer.className)} is not a recurrent layer that is supported (LSTM, GRU, SimpleRNN are)`);
  const H = sizeIn(layer, "units");
  const useBias = flagIn(layer, "use_bias", true);
  const resetAfter = kind.type === "GRU" && flagIn(layer, "reset_after", biases?.length === 2);
  // Zeros in place of masked steps show nowhere, since no mask reaches what shows steps; but the last step alone may be such a zero.
  const zeros: Record<string, string> = flagIn(layer, "return_sequences", false)
    ? {}
    : { zero_output_for_mask: "without return_sequences" };
  refuse(layer, builder, { return_state: "the final state as an output", time_major: "steps come second", ...zeros });
  return { ...kind, H, useBias, resetAfter, part: partOf(kind, activationsOf(layer, builder, kind), resetAfter) };
}

function activationsOf(layer: LayerConfig, builder: Builder, { type }: Kind): ActivationPlan[] {
  const own = activationIn(layer, builder, "activation", "tanh");
  if (type === "RNN") return [own];
  if (layer.config.recurrent_activation === undefined)
    throw new Refusal("recurrent_activation: expected one, got none (its default has changed from version to version)");
  const gates = activationIn(layer, builder, "recurrent_activation");
  return type === "LSTM" ? [gates, own, own] : [gates, own];
}

/** Our fused layer where it has these activations, else the one that takes others. @throws {Refusal} */
function partOf({ type }: Kind, activations: readonly ActivationPlan[], resetAfter: boolean): Cell["part"] {
  const names = activations.map(({ name }) => name).join();
  const form = type === "GRU" ? { resetAfter } : {};
  if (type === "RNN" && (names === "tanh" || names === "relu")) return { type, options: { nonlinearity: names } };
  if (names === "sigmoid,tanh,tanh" || names === "sigmoid,tanh") return { type, options: form };
  const options = recurrentOptions(activations);
  if (!options) throw new Refusal(`activations ${names} are not supported in a recurrent layer`);
  return { type: `Activated${type}`, options: { ...options, ...form } };
}

/** [rows, G·H] → [G·H, rows], gates in our order. */
function turned({ data }: Weight, rows: number, H: number, order: readonly number[]): Float32Array {
  const columns = order.length * H;
  const out = new Float32Array(columns * rows);
  for (const [gate, from] of order.entries())
    for (let u = 0; u < H; u++)
      for (let row = 0; row < rows; row++) out[(gate * H + u) * rows + row] = data[row * columns + from * H + u] as number;
  return out;
}

/** The arrays of one direction, as Keras lists them. */
function expected({ H, order, useBias, resetAfter }: Cell): Expected[] {
  const G = order.length * H;
  const bias: Expected[] = useBias ? [["bias", resetAfter ? [2, G] : [G]]] : [];
  return [["kernel", [null, G]], ["recurrent_kernel", [H, G]], ...bias];
}

/** The same by our names. */
function valuesOf({ H, order }: Cell, weights: readonly Weight[], suffix: string): Record<string, Float32Array> {
  const [kernel, recurrent, bias] = weights as [Weight, Weight, Weight?];
  const G = order.length * H;
  const own = (from: number) => turned({ ...(bias as Weight), data: Array.from(bias?.data ?? []).slice(from, from + G) }, 1, H, order);
  return {
    [`weight_ih_l0${suffix}`]: turned(kernel, kernel.shape[0] as number, H, order),
    [`weight_hh_l0${suffix}`]: turned(recurrent, H, H, order),
    ...(bias && { [`bias_ih_l0${suffix}`]: own(0), [`bias_hh_l0${suffix}`]: bias.shape.length === 2 ? own(G) : new Float32Array(G) }),
  };
}

/** A layer of one direction, or of both. */
function addPart(layer: LayerConfig, builder: Builder, cell: Cell, bidirectional: boolean, x: Value): void {
  const own = expected(cell);
  const weights = builder.weightsOf(layer, bidirectional ? [...own, ...own] : own);
  const I = (weights[0] as Weight).shape[0] as number;
  checkWidth(x, I);
  const [forward, reverse] = [weights.slice(0, own.length), weights.slice(own.length)];
  if (bidirectional && reverse[0]?.shape[0] !== I) throw new Refusal(`expected kernels for ${I} features, got ${show(reverse[0]?.shape)}`);
  const values = { ...valuesOf(cell, forward, ""), ...(bidirectional && valuesOf(cell, reverse, "_reverse")) };
  const { type, options } = cell.part;
  const sizes = { inputSize: I, hiddenSize: cell.H, bias: cell.useBias, batchFirst: true, ...(bidirectional && { bidirectional }) };
  builder.part(layer.name, type, { ...sizes, ...options }, values);
}

/** LSTM, GRU, SimpleRNN. @throws {Refusal} */
export function addRecurrent(layer: LayerConfig, [x]: readonly Value[], builder: Builder): Value {
  const input = x as Value;
  checkRank(input, 3, "[N, T, I]");
  const cell = cellOf(layer, builder, builder.shapeOf(layer, 2));
  if (!builder.has(layer.name)) addPart(layer, builder, cell, false, input);
  const [N = null, T = null] = input.shape ?? [];
  const read = flagIn(layer, "go_backwards", false) ? builder.op(layer.name, "reverse", [input], input.shape) : input;
  const output = builder.call(layer.name, read, [N, T, cell.H]);
  if (flagIn(layer, "return_sequences", false)) return output;
  const last = `${layer.name}/last`;
  if (!builder.has(last)) builder.part(last, "LastStep", {});
  return builder.call(last, output, [N, cell.H]);
}

/** Bidirectional. @throws {Refusal} */
export function addBidirectional(layer: LayerConfig, [x]: readonly Value[], builder: Builder): Value {
  const input = x as Value;
  checkRank(input, 3, "[N, T, I]");
  const forward = innerLayer(layer, "layer");
  const half = builder.count(layer) / 2;
  const cell = cellOf(forward, builder, builder.shapeOf(layer, 2));
  if (flagIn(forward, "go_backwards", false)) throw new Refusal("go_backwards: true is not supported in a Bidirectional");
  checkReverse(layer, forward, builder, { cell, biases: builder.shapeOf(layer, half + 2) });
  const mode = layer.config.merge_mode;
  if (!MERGE_MODES.includes(mode as string))
    throw new Refusal(`merge_mode: expected ${MERGE_MODES.join(", ")}, got ${show(mode)}${mode === null ? " (two outputs)" : ""}`);
  if (!builder.has(layer.name)) addPart(layer, builder, cell, true, input);
  const [N = null, T = null] = input.shape ?? [];
  const width = mode === "concat" ? 2 * cell.H : cell.H;
  if (!flagIn(forward, "return_sequences", false)) {
    const h = builder.call(layer.name, input, [2, N, cell.H], "state");
    return builder.op(layer.name, "ends", [h], [N, width], { mode });
  }
  const output = builder.call(layer.name, input, [N, T, 2 * cell.H]);
  return mode === "concat" ? output : builder.op(layer.name, "merge", [output], [N, T, width], { mode });
}

/** A config may give the reverse direction a layer of its own, as Keras 3's do: it must be the same, read from the end. @throws {Refusal} */
function checkReverse(
  layer: LayerConfig,
  forward: LayerConfig,
  builder: Builder,
  { cell, biases }: { cell: Cell; biases: readonly number[] | undefined },
): void {
  if (!layer.config.backward_layer) return;
  const reverse = innerLayer(layer, "backward_layer");
  const other = cellOf(reverse, builder, biases);
  const isSame =
    JSON.stringify(other) === JSON.stringify(cell) &&
    flagIn(reverse, "go_backwards", false) &&
    flagIn(reverse, "return_sequences", false) === flagIn(forward, "return_sequences", false);
  if (!isSame) throw new Refusal("backward_layer: expected the forward layer with go_backwards, got another");
}
