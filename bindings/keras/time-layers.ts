/** Keras' layers that go over time, beside the recurrent ones: convolution and pooling. */
import { show } from "../checks.js";
import { type Builder, checkRank, checkWidth, type Expected, type LayerConfig, Refusal, type Value } from "./builder.js";
import { activationIn, flagIn, refuse, singleIn, sizeIn } from "./config.js";
import { type Add, activated } from "./layers.js";

function checkLayout({ config }: LayerConfig): void {
  const { data_format: format = "channels_last" } = config;
  if (format !== "channels_last" && format !== null) throw new Refusal(`data_format: expected "channels_last", got ${show(format)}`);
}

/** MeanPool or MaxPool over all steps. */
const pooling =
  (type: "MeanPool" | "MaxPool"): Add =>
  (layer, [x], builder) => {
    checkLayout(layer);
    refuse(layer, builder, { keepdims: "" });
    checkRank(x as Value, 3, "[N, T, F]");
    if (!builder.has(layer.name)) builder.part(layer.name, type, {});
    return builder.call(layer.name, x as Value, [null, (x as Value).shape?.[2] ?? null]);
  };

export const addGlobalAveragePooling = pooling("MeanPool");
export const addGlobalMaxPooling = pooling("MaxPool");

/** MaxPooling1D or AveragePooling1D. */
const windowed =
  (average: boolean): Add =>
  (layer, [x], builder) => {
    checkLayout(layer);
    checkRank(x as Value, 3, "[N, T, F]");
    const size = singleIn(layer, "pool_size", 2);
    const stride = singleIn(layer, "strides", size);
    const { padding = "valid" } = layer.config;
    if (padding !== "valid") throw new Refusal(`padding: expected "valid", got ${show(padding)}`);
    return builder.op(layer.name, "pool1d", [x as Value], [null, null, (x as Value).shape?.[2] ?? null], { average, size, stride });
  };

export const addMaxPooling = windowed(false);
export const addAveragePooling = windowed(true);

/** [K, C, O] → [O, C, 1, K], as conv2d takes it. */
function filtersOf(data: ArrayLike<number>, [K = 0, C = 0, O = 0]: readonly number[]): Float32Array {
  const out = new Float32Array(K * C * O);
  for (let k = 0; k < K; k++)
    for (let c = 0; c < C; c++) for (let o = 0; o < O; o++) out[(o * C + c) * K + k] = data[(k * C + c) * O + o] as number;
  return out;
}

export const addConv1D: Add = (layer, [x], builder) => {
  const input = x as Value;
  checkLayout(layer);
  checkRank(input, 3, "[N, T, C]");
  const [O, size] = [sizeIn(layer, "filters"), singleIn(layer, "kernel_size", 0)];
  const [stride, dilation] = [singleIn(layer, "strides", 1), singleIn(layer, "dilation_rate", 1)];
  const useBias = flagIn(layer, "use_bias", true);
  const activation = activationIn(layer, builder);
  const { padding = "valid" } = layer.config;
  if (!["valid", "same", "causal"].includes(padding as string))
    throw new Refusal(`padding: expected "valid", "same" or "causal", got ${show(padding)}`);
  if (sizeIn(layer, "groups", 1) > 1) throw new Refusal(`groups: expected 1, got ${show(layer.config.groups)}`);
  refuse(layer, builder, { lora_rank: "" });
  const uses = addFilters(layer, input, builder, { O, size, useBias });
  const options = { kind: padding, size, stride, dilation };
  return activated(layer.name, builder.op(layer.name, "conv1d", [input], [null, null, O], options, uses), activation, builder);
};

function addFilters(
  layer: LayerConfig,
  x: Value,
  builder: Builder,
  { O, size, useBias }: { O: number; size: number; useBias: boolean },
): string[] {
  const names = [`${layer.name}.weight`, ...(useBias ? [`${layer.name}.bias`] : [])];
  const [weight = "", biasName = ""] = names;
  if (builder.has(weight)) return names;
  const [kernel, bias] = builder.weightsOf(layer, [["kernel", [size, null, O]], ...(useBias ? ([["bias", [O]]] as Expected[]) : [])]);
  const { shape, data } = kernel as NonNullable<typeof kernel>;
  checkWidth(x, shape[1] as number);
  builder.part(weight, "ParameterTensor", { shape: [O, shape[1], 1, size] }, { value: filtersOf(data, shape) });
  if (bias) builder.part(biasName, "ParameterTensor", { shape: [O] }, { value: bias.data });
  return names;
}
