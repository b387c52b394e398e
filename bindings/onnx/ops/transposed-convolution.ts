/** A transposed convolution by kernels: the gradient that a convolution gives its input. */
import { sizeOf } from "../../checks.js";
import { add } from "../../ops/binary.js";
import { operatorKernels } from "../../ops/load.js";
import { reshape, slice } from "../../ops/move.js";
import type { Window } from "../fold/windows.js";
import type { Build, Value } from "../operator.js";
import { floatTypeOf } from "../packed.js";

/** Along an axis that is not there. */
const NONE: Window = { size: 1, taps: 1, stride: 1, dilation: 1, before: 0, after: 0, places: 1 };

/** @returns undefined where no kernel does it */
export function convolveBackBuilt(
  build: Build,
  x: Value,
  weight: Value,
  bias: Value | undefined,
  windows: readonly Window[],
  groups: number,
): Value | undefined {
  const isPlain = windows.every(({ stride, taps, before, after }) => stride <= taps && before >= 0 && after >= 0);
  if (windows.length > 2 || !isPlain || sizeOf(x.shape) * sizeOf(weight.shape) === 0 || windows.some(({ size }) => size === 0))
    return undefined;
  const [h, w] = (windows.length === 2 ? windows : [NONE, windows[0]]) as [Window, Window];
  const [N, outputs, own] = [x.shape[0] as number, (x.shape[1] as number) / groups, weight.shape[1] as number];
  const [H, W] = [h.size + h.before + h.after, w.size + w.before + w.after]; // the padding is cut off afterwards
  const along = ({ places, stride }: Window) => (places === 1 ? 1 : stride); // of one place it says nothing
  const spread = ({ taps, dilation }: Window) => (taps === 1 ? 1 : dilation);
  const words = [N, groups, own, H, W, outputs, h.taps, w.taps, h.places, w.places, along(h), along(w), 0, 0, spread(h), spread(w)];
  const plan = build.take(4 * words.length);
  build.runtime.view("i32", plan, words.length).set(words);
  const kernels = operatorKernels(build.runtime, floatTypeOf(x));
  const y = build.empty(x.type, [N, own * groups, H, W]);
  const scratch = build.take(kernels.opConv2dInputScratch(plan));
  const args = { dx: y.pointer(), dy: build.tensor(x).pointer(), w: build.tensor(weight).pointer(), scratch, plan };
  build.step(() => kernels.opConv2dInput(args));
  const cut = H === h.size && W === w.size ? y : slice(y, [null, null, [h.before, h.before + h.size], [w.before, w.before + w.size]]);
  const whole = bias ? add(cut, reshape(build.tensor(bias), [own * groups, 1, 1])) : cut;
  const shape = [N, own * groups, ...windows.map(({ size }) => size)];
  return build.value(reshape(whole, shape), x.type, shape);
}
