/** Convolutions. */
import { sizeOf } from "../../checks.js";
import { FormatError } from "../../errors.js";
import { conv2d } from "../../ops/conv2d.js";
import { pad, reshape } from "../../ops/move.js";
import type { Constant } from "../constant.js";
import { isFloat } from "../element-types.js";
import { activationOf } from "../epilogue.js";
import { convolve, convolveBack } from "../fold/convolution.js";
import { WINDOW_ATTRIBUTES, type Window, windowFault, windowsBack, windowsOf } from "../fold/windows.js";
import type { OnnxNode } from "../node.js";
import type { Build, OnnxOperator, OnnxOperators, Value } from "../operator.js";
import { floatTypeOf, keptTensor, numbersOf, packed } from "../packed.js";
import { convolveRows, isForRows, trimmed } from "../packed-rows.js";
import { ARITHMETIC } from "./arithmetic.js";
import { input } from "./common.js";
import { headInputs, tailInputs, withTail } from "./fused.js";
import { checkChannels, NORMALIZATION, scalesOf } from "./normalization.js";
import { convolveBackBuilt } from "./transposed-convolution.js";

interface Shapes {
  readonly windows: readonly Window[];
  readonly groups: number;
}

/** @throws {FormatError} */
function shapesOf(
  node: OnnxNode,
  x: readonly number[],
  weight: readonly number[],
  bias: readonly number[] | undefined,
  isBack: boolean,
): Shapes {
  const groups = node.int("group", 1);
  const [channels, own] = isBack ? [weight[0] as number, weight[0] as number] : [(weight[1] as number) * groups, weight[0] as number];
  const outputs = isBack ? (weight[1] as number) * groups : own;
  const isSound =
    x.length > 2 && weight.length === x.length && groups > 0 && x[1] === channels && own % groups === 0 && (weight[1] as number) > 0;
  if (!isSound || (bias && (bias.length !== 1 || bias[0] !== outputs)))
    throw new FormatError(
      `onnx: ${node.label}: expected weights and a bias for [${x.join(", ")}] in ${groups} groups, got [${weight.join(", ")}]${bias ? ` and [${bias.join(", ")}]` : ""}`,
    );
  return { groups, windows: (isBack ? windowsBack : windowsOf)(node, x.slice(2), weight.slice(2)) };
}

/** What is known of a convolution and what follows it: weights as they are and how each output is scaled and moved. */
interface Known {
  readonly weight: Constant;
  readonly bias: Constant | undefined;
  /** All that is known, for what is made of it once. */
  readonly of: readonly Constant[];
  readonly scaleOf: (output: number) => number;
  readonly shiftOf: (output: number) => number;
  readonly isShifted: boolean;
}

/** Undefined where the weights, or the statistics of a normalization behind, change from run to run. */
function knownOf(build: Build, node: OnnxNode, inputs: readonly (Value | undefined)[]): Known | undefined {
  const [right, third] = [input(node, inputs, 1), headInputs(node, inputs)[2]];
  const [weight, bias] = [numbersOf(build, right), numbersOf(build, third)];
  if (!weight || (third && !bias)) return undefined;
  const norm = node.tail[0]?.node.op === "BatchNormalization" ? node.tail[0].node : undefined;
  const given = norm ? tailInputs(node, 0, inputs).map((value) => numbersOf(build, value)) : [];
  if (given.some((value) => value === undefined)) return undefined;
  const statistics = given as Constant[];
  if (norm) checkChannels(norm, [1, weight.shape[0] as number], statistics);
  const scales = norm && scalesOf(norm, statistics);
  const scaleOf = (o: number) => scales?.factors[o] ?? 1;
  return {
    ...{ weight, bias, scaleOf, of: [weight, ...(bias ? [bias] : []), ...statistics], isShifted: bias !== undefined || norm !== undefined },
    shiftOf: (o) => (bias?.data[o] ?? 0) * scaleOf(o) + (scales?.shifts[o] ?? 0),
  };
}

/** With what follows, where weights are known. */
function knownConv(build: Build, node: OnnxNode, inputs: readonly (Value | undefined)[]): Value | undefined {
  const x = input(node, inputs, 0);
  const known = knownOf(build, node, inputs);
  if (!known || !isFloat(x.type)) return undefined;
  const { windows, groups } = shapesOf(node.alone, x.shape, known.weight.shape, known.bias?.shape, false);
  if (isForRows(x, windows, groups)) return packedConv(build, node, x, known, windows[0] as Window);
  return node.tail.length > 0 ? scaledConv(build, node, x, known) : undefined;
}

/** As a product. */
function packedConv(build: Build, node: OnnxNode, x: Value, { weight, of, scaleOf, shiftOf, isShifted }: Known, whole: Window): Value {
  const { window, skipped } = trimmed(whole);
  const [O, C, all] = weight.shape as [number, number, number];
  const weights = packed(build, node, of, {
    ...{ O, K: window.taps * C, bias: isShifted ? Float64Array.from({ length: O }, (_, o) => shiftOf(o)) : undefined },
    how: `${skipped} ${window.taps}`,
    fill(rows) {
      let to = 0;
      for (let o = 0; o < O; o++) {
        const scale = scaleOf(o);
        for (let k = 0; k < window.taps; k++)
          for (let c = 0; c < C; c++) rows[to++] = (weight.data[(o * C + c) * all + k + skipped] as number) * scale;
      }
    },
  });
  return build.value(convolveRows(build, node, x, weights, window), x.type);
}

/** By the kernel for pictures, with weights that are scaled once. */
function scaledConv(build: Build, node: OnnxNode, x: Value, { weight, of, scaleOf, shiftOf, isShifted }: Known): Value | undefined {
  const O = weight.shape[0] as number;
  const each = sizeOf(weight.shape) / O;
  const made = (how: string, shape: readonly number[], numbers: () => ArrayLike<number>): Value =>
    build.value(keptTensor(build, node, of, how, { type: x.type, shape, numbers }), x.type);
  const scaled = made("weights", weight.shape, () => weight.data.map((value, i) => value * scaleOf(Math.floor(i / each))));
  const bias = isShifted ? made("bias", [O], () => Float64Array.from({ length: O }, (_, o) => shiftOf(o))) : undefined;
  const y = pictureConv(build, node.alone, [x, scaled, bias]);
  const activate = y?.tensor && activationOf(build, node, floatTypeOf(x), y.tensor.pointer(), y.tensor.size);
  if (activate) build.step(activate);
  return y;
}

/** By the kernel for pictures: of one axis they are one row high. */
function pictureConv(build: Build, node: OnnxNode, inputs: readonly (Value | undefined)[]): Value | undefined {
  const [x, weight, bias] = [input(node, inputs, 0), input(node, inputs, 1), inputs[2]];
  if (!isFloat(x.type)) return undefined;
  const { windows, groups } = shapesOf(node, x.shape, weight.shape, bias?.shape, false);
  if (windows.length > 2 || sizeOf(x.shape) * sizeOf(weight.shape) === 0) return undefined;
  const flat = (shape: readonly number[]) => (shape.length === 4 ? shape : [shape[0] as number, shape[1] as number, 1, shape[2] as number]);
  const pair = (of: (window: Window) => number, otherwise: number): [number, number] => [
    windows.length === 2 ? of(windows[0] as Window) : otherwise,
    of(windows.at(-1) as Window),
  ];
  const isEven = windows.every(({ before, after }) => before === after);
  const ends = isEven ? [] : windows.map(({ before, after }): [number, number] => [before, after]);
  const own = reshape(build.tensor(x), flat(x.shape));
  const padded = isEven ? own : pad(own, [...Array.from({ length: 4 - ends.length }, (): [number, number] => [0, 0]), ...ends]);
  const y = conv2d(padded, reshape(build.tensor(weight), flat(weight.shape)), bias ? build.tensor(bias) : null, {
    stride: pair(({ stride }) => stride, 1),
    dilation: pair(({ dilation }) => dilation, 1),
    padding: isEven ? pair(({ before }) => before, 0) : 0,
    groups,
  });
  const shape = [x.shape[0] as number, weight.shape[0] as number, ...windows.map(({ places }) => places)];
  return build.value(reshape(y, shape), x.type, shape);
}

const CONV: OnnxOperator = {
  attributes: [...WINDOW_ATTRIBUTES, "group"],
  check: windowFault,
  fold(node, inputs) {
    const [x, weight, bias] = [input(node, inputs, 0), input(node, inputs, 1), inputs[2]];
    const { windows, groups } = shapesOf(node, x.shape, weight.shape, bias?.shape, false);
    return [convolve(x, weight, bias, windows, groups)];
  },
  build(build, node, inputs) {
    const y = knownConv(build, node, inputs) ?? pictureConv(build, node, inputs);
    return y && [y];
  },
};

const CONV_TRANSPOSE: OnnxOperator = {
  attributes: [...WINDOW_ATTRIBUTES, "group", "output_padding"],
  check: windowFault,
  fold(node, inputs) {
    const [x, weight, bias] = [input(node, inputs, 0), input(node, inputs, 1), inputs[2]];
    const { windows, groups } = shapesOf(node, x.shape, weight.shape, bias?.shape, true);
    return [convolveBack(x, weight, bias, windows, groups)];
  },
  build(build, node, inputs) {
    const [x, weight, bias] = [input(node, inputs, 0), input(node, inputs, 1), inputs[2]];
    const { windows, groups } = shapesOf(node, x.shape, weight.shape, bias?.shape, true);
    const y = isFloat(x.type) && convolveBackBuilt(build, x, weight, bias, windows, groups);
    return y ? [y] : undefined;
  },
};

export const CONVOLUTION: OnnxOperators = { Conv: CONV, ConvTranspose: CONV_TRANSPOSE };

/** The same with what follows it. */
export const FUSED_CONVOLUTION: OnnxOperators = { Conv: withTail(CONV, { ...ARITHMETIC, ...NORMALIZATION }, knownConv) };
