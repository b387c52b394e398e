/** Keras' layers of one input as ours. */
import { isArray, show, sizeOf } from "../checks.js";
import type { ActivationPlan } from "./activations.js";
import { type Builder, checkRank, checkWidth, type Expected, type LayerConfig, Refusal, type Shape, type Value } from "./builder.js";
import { activationIn, flagIn, innerLayer, numberIn, refuse, sizeIn } from "./config.js";

/** Adds a layer's call to a plan. @throws {Refusal} on the first thing that ends it */
export type Add = (layer: LayerConfig, inputs: readonly Value[], builder: Builder) => Value;

const own = ([x]: readonly Value[]): Value => x as Value;

/** The same rows, another width. */
const withWidth = (shape: Shape, width: number): Shape => shape && [...shape.slice(0, -1), width];

/** An activation, where it is one. */
export function activated(name: string, x: Value, plan: ActivationPlan, builder: Builder): Value {
  if (plan.name === "linear") return x;
  if (plan.name !== "softmax") return builder.op(name, "activation", [x], x.shape, { ...plan });
  const part = `${name}/softmax`;
  if (!builder.has(part)) builder.part(part, "Softmax", {});
  return builder.call(part, x, x.shape);
}

/** [I, O] → [O, I] */
function transposed(data: ArrayLike<number>, [I = 0, O = 0]: readonly number[]): Float32Array {
  return Float32Array.from({ length: I * O }, (_, at) => data[(at % I) * O + Math.floor(at / I)] as number);
}

export const addDense: Add = (layer, inputs, builder) => {
  const x = own(inputs);
  const O = sizeIn(layer, "units");
  const useBias = flagIn(layer, "use_bias", true);
  refuse(layer, builder, { lora_rank: "", quantization_config: "" });
  const activation = activationIn(layer, builder);
  if (!builder.has(layer.name)) {
    const [kernel, bias] = builder.weightsOf(layer, [["kernel", [null, O]], ...(useBias ? ([["bias", [O]]] as Expected[]) : [])]);
    const { shape, data } = kernel as NonNullable<typeof kernel>;
    checkWidth(x, shape[0] as number);
    const values = { weight: transposed(data, shape), ...(bias && { bias: bias.data }) };
    builder.part(layer.name, "Dense", { inputSize: shape[0], outputSize: O, bias: useBias }, values);
  }
  return activated(layer.name, builder.call(layer.name, x, withWidth(x.shape, O)), activation, builder);
};

/** Dense goes by steps itself. */
export const addTimeDistributed: Add = (layer, inputs, builder) => {
  const inner = innerLayer(layer, "layer");
  const add = { Dense: addDense, Dropout: addDropout, Activation: addActivation }[inner.className];
  if (!add) throw new Refusal(`of ${show(inner.className)} is not supported (of Dense, Dropout and Activation it is)`);
  return add(inner, inputs, builder);
};

export const addEmbedding: Add = (layer, inputs, builder) => {
  const x = own(inputs);
  const [V, E] = [sizeIn(layer, "input_dim"), sizeIn(layer, "output_dim")];
  refuse(layer, builder, { lora_rank: "", quantization_config: "" });
  if (!builder.has(layer.name)) {
    const [table] = builder.weightsOf(layer, [["embeddings", [V, E]]]);
    builder.part(layer.name, "Embedding", { numEmbeddings: V, embeddingDim: E }, { weight: table?.data ?? [] });
  }
  const shape = x.shape && [...x.shape, E];
  if (!flagIn(layer, "mask_zero", false)) return builder.call(layer.name, x, shape);
  checkRank(x, 2, "tokens [N, T] where 0 is masked");
  const tokens = builder.op(layer.name, "mask", [x], x.shape, { value: 0 });
  return { ...builder.call(layer.name, tokens, shape), mask: tokens.id };
};

export const addMasking: Add = (layer, inputs, builder) => {
  checkRank(own(inputs), 3, "[N, T, F]");
  const value = numberIn(layer, "mask_value", 0);
  const masked = builder.op(layer.name, "mask", inputs, own(inputs).shape, { value });
  return { ...masked, mask: masked.id };
};

export const addDropout: Add = (layer, inputs, builder) => {
  const x = own(inputs);
  const p = numberIn(layer, "rate", 0);
  if (p < 0 || p >= 1) throw new Refusal(`rate: expected a number in [0, 1), got ${p}`);
  if (!builder.has(layer.name)) builder.part(layer.name, "Dropout", { p });
  return builder.call(layer.name, x, x.shape);
};

export const addActivation: Add = (layer, inputs, builder) => activated(layer.name, own(inputs), activationIn(layer, builder), builder);

/** −1 for the last axis, where it is known which that is. */
function axisIn({ config }: LayerConfig, { shape }: Value): unknown {
  const axis = isArray(config.axis) && config.axis.length === 1 ? config.axis[0] : (config.axis ?? -1);
  return shape && axis === shape.length - 1 ? -1 : axis;
}

/** @throws {Refusal} */
function checkLastAxis(layer: LayerConfig, x: Value): void {
  if (axisIn(layer, x) !== -1) throw new Refusal(`axis: expected the last, got ${show(layer.config.axis)}`);
}

export const addSoftmax: Add = (layer, inputs, builder) => {
  const x = own(inputs);
  const axis = axisIn(layer, x);
  if (axis === -1) return activated(layer.name, x, { name: "softmax" }, builder);
  const rank = x.shape?.length ?? Number.POSITIVE_INFINITY;
  if (typeof axis !== "number" || !Number.isInteger(axis) || axis < 1 || axis >= rank)
    throw new Refusal(`axis: expected one from 1 on, or the last, got ${show(layer.config.axis)}`);
  return builder.op(layer.name, "softmax", [x], x.shape, { axis });
};

export const addReLU: Add = (layer, inputs, builder) => {
  const x = own(inputs);
  const slope = numberIn(layer, "negative_slope", 0);
  refuse(layer, builder, { threshold: "" });
  const most = layer.config.max_value ?? null;
  if (most !== null && !(most === 6 && slope === 0)) throw new Refusal(`max_value: expected none or 6, got ${show(most)}`);
  if (most === 6) return activated(layer.name, x, { name: "relu6" }, builder);
  return activated(layer.name, x, slope === 0 ? { name: "relu" } : { name: "leaky_relu", alpha: slope }, builder);
};

export const addLeakyReLU: Add = (layer, inputs, builder) => {
  const alpha = numberIn(layer, "negative_slope", numberIn(layer, "alpha", 0.3));
  return activated(layer.name, own(inputs), { name: "leaky_relu", alpha }, builder);
};

export const addELU: Add = (layer, inputs, builder) =>
  activated(layer.name, own(inputs), { name: "elu", alpha: numberIn(layer, "alpha", 1) }, builder);

export const addLayerNormalization: Add = (layer, inputs, builder) => {
  const x = own(inputs);
  const [center, scale] = [flagIn(layer, "center", true), flagIn(layer, "scale", true)];
  checkLastAxis(layer, x);
  refuse(layer, builder, { rms_scaling: "" });
  if (!scale) throw new Refusal("scale: false is not supported");
  if (!builder.has(layer.name)) {
    const [gamma, beta] = builder.weightsOf(layer, [["gamma", [null]], ...(center ? ([["beta", [null]]] as Expected[]) : [])]);
    const D = gamma?.shape[0] as number;
    checkWidth(x, D);
    if (beta && beta.shape[0] !== D) throw new Refusal(`expected beta [${D}], got ${show(beta.shape)}`);
    const eps = numberIn(layer, "epsilon", 1e-3);
    builder.part(
      layer.name,
      "LayerNorm",
      { normalizedShape: D, eps, bias: center },
      { weight: gamma?.data ?? [], ...(beta && { bias: beta.data }) },
    );
  }
  return builder.call(layer.name, x, x.shape);
};

/** As it is in use, with the statistics of its training: x·scale + shift. */
export const addBatchNormalization: Add = (layer, inputs, builder) => {
  const x = own(inputs);
  const [center, scale] = [flagIn(layer, "center", true), flagIn(layer, "scale", true)];
  const epsilon = numberIn(layer, "epsilon", 1e-3);
  checkLastAxis(layer, x);
  const uses = [`${layer.name}.scale`, `${layer.name}.shift`];
  if (!builder.has(uses[0] as string)) {
    const names = [...(scale ? ["gamma"] : []), ...(center ? ["beta"] : []), "moving_mean", "moving_variance"];
    const D = builder.shapeOf(layer, 0)?.[0] ?? null;
    const found = builder.weightsOf(
      layer,
      names.map((name): Expected => [name, [D]]),
    );
    const values = (name: string) => found[names.indexOf(name)]?.data;
    const [gamma, beta, mean, variance] = ["gamma", "beta", "moving_mean", "moving_variance"].map(values);
    const width = found[0]?.shape[0] as number;
    checkWidth(x, width);
    const factors = Float64Array.from({ length: width }, (_, d) => (gamma?.[d] ?? 1) / Math.sqrt((variance?.[d] ?? 0) + epsilon));
    const shifts = factors.map((factor, d) => (beta?.[d] ?? 0) - (mean?.[d] ?? 0) * factor);
    builder.part(uses[0] as string, "ParameterTensor", { shape: [width] }, { value: factors });
    builder.part(uses[1] as string, "ParameterTensor", { shape: [width] }, { value: shifts });
  }
  return builder.op(layer.name, "scale", [x], x.shape, {}, uses);
};

export const addFlatten: Add = (layer, inputs, builder) => {
  const { shape } = own(inputs);
  const rest = shape?.slice(1);
  const width = rest?.includes(null) ? null : rest && sizeOf(rest as number[]);
  return builder.op(layer.name, "flatten", inputs, shape && [shape[0] as null, width as number | null]);
};

export const addReshape: Add = (layer, inputs, builder) => {
  const target = layer.config.target_shape;
  const isSize = (size: unknown) => Number.isInteger(size) && ((size as number) > 0 || size === -1);
  if (!isArray(target) || target.length > 8 || !target.every(isSize) || target.filter((size) => size === -1).length > 1)
    throw new Refusal(`target_shape: expected sizes, one of them perhaps -1, got ${show(target)}`);
  const shape = [null, ...target.map((size) => (size === -1 ? null : (size as number)))];
  return builder.op(layer.name, "reshape", inputs, shape, { target });
};

export const addPermute: Add = (layer, inputs, builder) => {
  const { dims } = layer.config;
  const places = isArray(dims) && dims.length <= 8 ? [...dims].sort() : [];
  if (!isArray(dims) || dims.length === 0 || places.some((axis, i) => axis !== i + 1))
    throw new Refusal(`dims: expected the axes from 1 on, each once, got ${show(dims)}`);
  const axes = [0, ...(dims as number[])];
  const { shape } = own(inputs);
  checkRank(own(inputs), axes.length, `${axes.length} axes`);
  return builder.op(layer.name, "permute", inputs, shape && axes.map((axis) => shape[axis] as number | null), { axes });
};

export const addRepeatVector: Add = (layer, inputs, builder) => {
  const x = own(inputs);
  checkRank(x, 2, "[N, F]");
  const n = sizeIn(layer, "n");
  return builder.op(layer.name, "repeat", inputs, [null, n, x.shape?.[1] ?? null], { n });
};
