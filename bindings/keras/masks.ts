/**
 * Keras' masks. A masked step changes no state there, so a sequence without its masked steps ends in the same state: they are dropped, the others
 * move up, and `lengths` says where the sequence ends. The steps in between are other ones then, so that no mask may reach what shows them.
 */
import { rowsOf } from "../cells/scan/operators.js";
import { show } from "../checks.js";
import { ArgumentError, ShapeError } from "../errors.js";
import { constantOf } from "../ops/constant.js";
import { reshape } from "../ops/move.js";
import type { Tensor } from "../tensor.js";
import { type LayerConfig, layerOfCall, Refusal, type Value } from "./builder.js";
import type { PlanOptions } from "./plan.js";

/** Layers that hand a mask on, or end it where they give no steps. */
const KEEPING = new Set([
  ...["LSTM", "GRU", "SimpleRNN", "Bidirectional", "Dense", "TimeDistributed", "Dropout", "SpatialDropout1D"],
  ...["Activation", "ReLU", "LeakyReLU", "ELU", "LayerNormalization", "BatchNormalization"],
  ...["Add", "Multiply", "Subtract", "Average", "Maximum", "Minimum", "Concatenate"],
]);

const RECURRENT = new Set(["LSTM", "GRU", "SimpleRNN", "Bidirectional"]);

/** The mask of what a layer gives. @throws {Refusal} where that would show, or mix, steps that are masked */
export function maskAfter({ className, config }: LayerConfig, inputs: readonly Value[], { mask }: Value): string | undefined {
  const masks = new Set(inputs.map((input) => input.mask));
  if (masks.size === 1 && masks.has(undefined)) return mask;
  if (masks.size > 1) throw new Refusal("expected inputs of one mask, got several");
  const [before] = masks;
  if (className === "GlobalAveragePooling1D") return undefined;
  if (!KEEPING.has(className) || config.go_backwards)
    throw new Refusal(`reads steps that are masked, by ${show(layerOfCall(before as string))}`);
  const inner = (Object(config.layer) as { config?: unknown }).config ?? config;
  return RECURRENT.has(className) && !(inner as Record<string, unknown>).return_sequences ? undefined : before;
}

/** A tensor without its masked steps, and how many are left; undefined where each has all. */
export interface Unmasked {
  readonly tensor: Tensor;
  readonly lengths: ArrayLike<number> | undefined;
}

/**
 * @param x tokens [N, T], of which 0 is padding, or steps [N, T, F], masked where all features are `value`
 * @throws {ArgumentError} where a sequence has nothing else @throws {ShapeError} when it is neither
 */
export function unmasked(x: Tensor, lengths: ArrayLike<number> | undefined, { value }: PlanOptions): Unmasked {
  const isTokens = x.dtype === "i32";
  if (x.shape.length !== (isTokens ? 2 : 3))
    throw new ShapeError("x", "[N, T] of tokens in i32, or [N, T, F]", `${show([...x.shape])} of ${x.dtype}`);
  const [N = 0, T = 0, F = 1] = x.shape;
  const width = isTokens ? 1 : F;
  const data = x.toArray();
  const wanted = x.dtype === "f32" ? Math.fround(value as number) : (value as number);
  const isMasked = (row: number) => data.subarray(row * width, (row + 1) * width).every((each) => each === wanted);
  const order: number[] = [];
  const left = new Int32Array(N);
  for (let n = 0; n < N; n++) {
    const end = lengths?.[n] ?? T;
    const kept: number[] = [];
    for (let t = 0; t < end; t++) if (!isMasked(n * T + t)) kept.push(n * T + t);
    if (kept.length === 0) throw new ArgumentError("x", "a step that is not masked in each sequence", `none in sequence ${n}`);
    left[n] = kept.length;
    for (let t = 0; t < T; t++) order.push(kept[t] ?? n * T + t);
  }
  const isMoved = order.some((row, at) => row !== at && at % T < (left[Math.floor(at / T)] as number));
  const ends = left.some((count) => count < T) ? left : undefined;
  if (!isMoved) return { tensor: x, lengths: ends };
  if (x.dtype !== "i32") return { tensor: rowsOf(x, { shape: x.shape, index: order, batchFirst: true }), lengths: ends };
  const tokens = order.map((row) => data[row] as number);
  return { tensor: reshape(constantOf("mask", x, tokens), x.shape), lengths: ends };
}
