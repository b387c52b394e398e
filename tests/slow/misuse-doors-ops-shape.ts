/** Doors: operators of movement, products and gathering. */
import { Frame, type Tensor } from "../../bindings/index.js";
import * as ops from "../../bindings/ops.js";
import type { Door } from "./misuse-judge.js";
import type { World } from "./misuse-world.js";

// biome-ignore lint/suspicious/noExplicitAny: called with what does not fit
type Loose = any;

const finite = (result: Tensor | Tensor[]) =>
  [result].flat().every((y) => y.shape.length > 0 && y.size === y.toArray().length) ? undefined : "no tensor of its shape";

/** An operator in a frame of its own, which takes its memory at the first call, be it wrong. */
export function door(name: string, args: (w: World) => unknown[], lenient: readonly string[] = []): Door {
  return {
    name: `ops.${name}`,
    open(w) {
      const frame = w.own(new Frame(w.rt));
      const operator = (ops as Loose)[name] as (...given: unknown[]) => Tensor;
      return { args: args(w), call: (...given) => frame.record(() => operator(...given)), faults: finite };
    },
    lenient,
    lazy: true,
  };
}

const x = (w: World) => w.tensor([2, 3, 4]);
const index = (w: World) => w.tensor([2, 3, 4], "i32");

export const shapeDoors: Door[] = [
  door("matmul", (w) => [x(w), w.tensor([5, 4]), { transposeA: false, transposeB: true }]),
  door(
    "conv2d",
    (w) => [w.tensor([1, 2, 4, 4]), w.tensor([3, 2, 3, 3]), w.tensor([3]), { stride: 1, padding: [1, 1], dilation: 1, groups: 1 }],
    ["2"],
  ),
  ...["maxPool2d", "avgPool2d"].map((name) => door(name, (w) => [w.tensor([1, 2, 4, 4]), { kernelSize: 2, stride: [2, 2], padding: 1 }])),
  door("reshape", (w) => [x(w), [6, -1]]),
  door("squeeze", (w) => [w.tensor([2, 1, 4]), 1]),
  door("unsqueeze", (w) => [x(w), -1]),
  door("expand", (w) => [w.tensor([3, 1]), [2, 3, 4]]),
  door("permute", (w) => [x(w), [0, 2, 1]]),
  door("flip", (w) => [x(w), [0, -1]]),
  door("concat", (w) => [[x(w), x(w)], 1]),
  door("stack", (w) => [[x(w), x(w)], 1]),
  door("split", (w) => [x(w), [1, 2], 1]),
  door("slice", (w) => [x(w), [[0, 2, 1], null, [-1, null, -2]]], ["1"]), // null is all of it
  door(
    "pad",
    (w) => [
      x(w),
      [
        [0, 1],
        [1, 0],
        [0, 0],
      ],
      1,
    ],
    ["2"],
  ), // NaN, too
  door("gather", (w) => [x(w), 1, index(w)]),
  door("scatterAdd", (w) => [x(w), 1, index(w), x(w)]),
];
