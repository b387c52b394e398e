/** Pooling of pictures. */
import { checkOptions, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { bytesPer, type Tensor } from "../tensor.js";
import type { Operand } from "./operands.js";
import { apply, type Call, define, floatsOf, type Operator } from "./operator.js";
import { checkPair, type Pair, placesAlong, planAt, sizesOfPictures } from "./planes.js";
import { gradientOfX } from "./single.js";

/** Options of maxPool2d and avgPool2d. */
export interface Pool2dOptions {
  /** Of a window. */
  kernelSize: Pair;
  /** Between windows. Default: the window's size. */
  stride?: Pair;
  /** At each side, at most half of a window. Default: 0. */
  padding?: Pair;
}

interface Attributes {
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
}

/** Pool2dPlan of assembly/ops/pool2d.ts, in memory. */
function written(call: Call<Attributes>): number {
  const { kernelSize, stride, padding } = call.attributes;
  const [N, C, H, W] = (call.inputs[0] as Tensor).shape as [number, number, number, number];
  const [, , OH, OW] = call.output.shape as [number, number, number, number];
  const strides = [OH === 1 ? 1 : stride[0], OW === 1 ? 1 : stride[1]]; // of one window it says nothing
  return planAt(call, [N * C, H, W, OH, OW, ...kernelSize, ...strides, ...padding]);
}

function pooling(name: "maxPool2d" | "avgPool2d"): Operator<Attributes> {
  const isMax = name === "maxPool2d";
  return define<Attributes>({
    name,
    infer([x], { kernelSize, stride, padding }) {
      const dtype = floatsOf([x as Tensor]);
      const [N, C, H, W] = sizesOfPictures("x", (x as Tensor).shape, "[N, C, H, W]");
      const OH = placesAlong("rows", H, kernelSize[0], stride[0], padding[0]);
      return { shape: [N, C, OH, placesAlong("columns", W, kernelSize[1], stride[1], padding[1])], dtype };
    },
    forward(call) {
      const { inputs, output, kernels, slots, dtype } = call;
      const x = inputs[0] as Tensor;
      const scratch = slots.get("row", (x.shape[3] as number) * bytesPer(dtype));
      kernels[isMax ? "opMaxPool2d" : "opAvgPool2d"]({ y: output.pointer(), x: x.pointer(), scratch, plan: written(call) });
    },
    backward(call, gradients) {
      const { inputs, output, kernels } = call;
      const plan = written(call);
      gradientOfX(call, gradients, (dx, dy) => {
        if (isMax) kernels.opMaxPool2dBackward({ dx, dy, y: output.pointer(), x: (inputs[0] as Tensor).pointer(), plan });
        else kernels.opAvgPool2dBackward({ dx, dy, plan });
      });
    },
    reads: isMax ? "both" : "none",
  });
}

const MAX_POOL2D = pooling("maxPool2d");
const AVG_POOL2D = pooling("avgPool2d");

/** @throws {ArgumentError} */
function checked(name: string, options: Pool2dOptions): Attributes {
  const given = checkOptions(options, ["kernelSize", "stride", "padding"], `${name}: options`);
  const { kernelSize, stride = kernelSize, padding = 0 } = given;
  const size = checkPair(`${name}: kernelSize`, kernelSize, 1);
  const sides = checkPair(`${name}: padding`, padding, 0);
  if (sides.some((side, i) => 2 * side > (size[i] as number)))
    throw new ArgumentError(`${name}: padding`, `at most half of kernelSize ${show([...size])}`, show([...sides]));
  return { kernelSize: size, stride: checkPair(`${name}: stride`, stride, 1), padding: sides };
}

/**
 * The greatest of each window, channel by channel; NaN where one is. The gradient goes to the first that is the greatest, row by row.
 *
 * @param x [N, C, H, W]
 * @returns [N, C, OH, OW], OH = ⌊(H + 2·padding − kernelSize) / stride⌋ + 1, OW likewise
 * @throws {ArgumentError} @throws {ShapeError} @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const halves = frame.run(() => maxPool2d(pictures, { kernelSize: 2 }));
 * Source: torch.nn.functional.max_pool2d.
 */
export function maxPool2d(x: Operand, options: Pool2dOptions): Tensor {
  return apply(MAX_POOL2D, [x], checked("maxPool2d", options));
}

/**
 * The mean of each window, channel by channel; the padding's zeros count. Over whole pictures: `mean(x, { axes: [2, 3] })`.
 *
 * @param x [N, C, H, W]
 * @returns as maxPool2d
 * @throws {ArgumentError} @throws {ShapeError} @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const halves = frame.run(() => avgPool2d(pictures, { kernelSize: 2 }));
 * Source: torch.nn.functional.avg_pool2d.
 */
export function avgPool2d(x: Operand, options: Pool2dOptions): Tensor {
  return apply(AVG_POOL2D, [x], checked("avgPool2d", options));
}
