/** Convolution of pictures. */
import { checkOptions, checkPositive, show } from "../checks.js";
import { ArgumentError, MemoryError, ShapeError } from "../errors.js";
import { ParameterTensor } from "../layers/parameter-tensor.js";
import { bytesPer, Tensor } from "../tensor.js";
import type { Operand } from "./operands.js";
import { apply, type Call, define, floatsOf } from "./operator.js";
import { checkPair, type Pair, placesAlong, planAt, sizesOfPictures } from "./planes.js";

/** Options of conv2d. */
export interface Conv2dOptions {
  /** Between the places of y. Default: 1. */
  stride?: Pair;
  /** Zeros at each side. Default: 0. */
  padding?: Pair;
  /** Between the taps of the weights. Default: 1. */
  dilation?: Pair;
  /** Groups of channels, each for itself; both counts are multiples of it. Default: 1. */
  groups?: number;
}

interface Attributes {
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
  /** Of this call, once it is known. */
  plan?: Plan;
}

/** Conv2dPlan of assembly/ops/conv_plan.ts, its words in this order. */
type Plan = ReturnType<typeof planOf>;

const NAMES = ["x", "weight", "bias"];
/** More elements of a picture, laid out, are more than a memory holds. */
const MOST = 2 ** 30;

/** @throws {ShapeError} @throws {MemoryError} */
function planOf(inputs: readonly Tensor[], { stride, padding, dilation, groups }: Omit<Attributes, "plan">) {
  const [x, weight, bias] = inputs as [Tensor, Tensor, Tensor | undefined];
  const [N, channels, H, W] = sizesOfPictures("x", x.shape, "[N, C, H, W]");
  if (channels % groups !== 0) throw new ShapeError("x", `channels in ${groups} groups`, show([...x.shape]));
  const C = channels / groups;
  const [outputs, own, KH, KW] = sizesOfPictures("weight", weight.shape, `[O, ${C}, KH, KW]`);
  if (own !== C || outputs % groups !== 0)
    throw new ShapeError("weight", `[O, ${C}, KH, KW]${groups > 1 ? `, O in ${groups} groups` : ""}`, show([...weight.shape]));
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== outputs)) throw new ShapeError("bias", `[${outputs}]`, show([...bias.shape]));
  const O = outputs / groups;
  const spread = [(KH - 1) * dilation[0], (KW - 1) * dilation[1]] as const;
  const OH = placesAlong("rows", H, spread[0] + 1, stride[0], padding[0]);
  const OW = placesAlong("columns", W, spread[1] + 1, stride[1], padding[1]);
  const [strideH, strideW] = [OH === 1 ? 1 : stride[0], OW === 1 ? 1 : stride[1]]; // of one place it says nothing
  const rows = (OH - 1) * strideH + spread[0] + 1;
  const back = (H + padding[0] + spread[0]) * (W + padding[1] + spread[1]); // at most, of dy with its zeros
  const laid = Math.max(C * rows * (strideW * OW + spread[1]), O * back);
  if (laid > MOST) throw new MemoryError(`conv2d: expected at most ${MOST} elements of a picture with its padding, got ${laid}`);
  return {
    ...{ N, groups, C, H, W, O, KH, KW, OH, OW, strideH, strideW, paddingH: padding[0], paddingW: padding[1] },
    ...{ dilationH: KH === 1 ? 1 : dilation[0], dilationW: KW === 1 ? 1 : dilation[1] },
  };
}

const written = (call: Call<Attributes>) => planAt(call, Object.values(call.attributes.plan as Plan));

const CONV2D = define<Attributes>({
  name: "conv2d",
  infer(inputs, attributes) {
    const dtype = floatsOf(inputs, NAMES);
    attributes.plan = planOf(inputs, attributes);
    const { N, groups, O, OH, OW } = attributes.plan;
    return { shape: [N, groups * O, OH, OW], dtype };
  },
  forward(call) {
    const { inputs, output, kernels, runtime } = call;
    const [x, weight, bias] = inputs as [Tensor, Tensor, Tensor | undefined];
    const { arena } = runtime.scope as NonNullable<typeof runtime.scope>;
    const plan = written(call);
    const bytes = kernels.opConv2dScratch({ plan, weights: 0 });
    const scratch = arena.take(bytes);
    kernels.opConv2d({ y: output.pointer(), x: x.pointer(), w: weight.pointer(), bias: bias?.pointer() ?? 0, scratch, plan });
    arena.give(scratch, bytes);
  },
  backward(call, gradients) {
    const { inputs, output, kernels, dtype } = call;
    const [x, weight, bias] = inputs as [Tensor, Tensor, Tensor | undefined];
    const plan = written(call);
    const dy = gradients.of(output);
    if (gradients.wants(x)) {
      const scratch = gradients.slots.get("scratch x", kernels.opConv2dInputScratch(plan));
      const dx = gradients.slots.get("x", x.size * bytesPer(dtype));
      gradients.run(() => kernels.opConv2dInput({ dx, dy, w: weight.pointer(), scratch, plan }));
      gradients.give(x, dx);
    }
    if (gradients.wants(weight)) {
      const scratch = gradients.slots.get("scratch weight", kernels.opConv2dScratch({ plan, weights: 1 }));
      const dw = gradients.into(weight);
      gradients.run(() => kernels.opConv2dWeights({ dw, dy, x: x.pointer(), scratch, plan }));
    }
    if (bias && gradients.wants(bias)) {
      const dbias = gradients.into(bias);
      const [N, O, OH, OW] = output.shape as [number, number, number, number];
      gradients.run(() => kernels.opConv2dBias({ dbias, dy, N, O, places: OH * OW }));
    }
  },
  reads: "inputs",
});

/**
 * Convolution of pictures, channels first: each place of y is the sum of a window of x by the weights (which are not flipped), and a bias. Pictures go
 * one by one: the bits of one do not depend on its batch.
 *
 * @param x [N, C, H, W] @param weight [O, C / groups, KH, KW] @param bias [O]; null, or left out: none
 * @returns [N, O, OH, OW], OH = ⌊(H + 2·padding − dilation·(KH − 1) − 1) / stride⌋ + 1, OW likewise
 * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const edges = frame.run(() => relu(conv2d(pictures, filters, bias, { stride: 2, padding: 1 }))); // [N, 3, 32, 32] to [N, 16, 16, 16]
 * Source: torch.nn.functional.conv2d.
 */
export function conv2d(x: Operand, weight: Operand, bias?: Operand | null, options: Conv2dOptions = {}): Tensor {
  const names = ["stride", "padding", "dilation", "groups"];
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = checkOptions(options, names, "conv2d: options");
  if (bias != null && typeof bias !== "number" && !(bias instanceof Tensor) && !(bias instanceof ParameterTensor))
    throw new ArgumentError("conv2d: bias", "a Tensor, a ParameterTensor, or null before the options", show(bias));
  return apply(CONV2D, bias == null ? [x, weight] : [x, weight, bias], {
    stride: checkPair("conv2d: stride", stride, 1),
    padding: checkPair("conv2d: padding", padding, 0),
    dilation: checkPair("conv2d: dilation", dilation, 1),
    groups: checkPositive("conv2d: groups", groups),
  });
}
