/** Operators of movement: the same elements in another shape, order or place. */
import { checkList, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { Tensor } from "../tensor.js";
import { asShape, Movement, mover, readAs } from "./movement.js";
import type { Operand } from "./operands.js";
import { apply, define } from "./operator.js";
import {
  axisOf,
  concatenated,
  expanded,
  flipped,
  padded,
  parted,
  permuted,
  reshaped,
  type SliceRange,
  sliced,
  squeezed,
  unsqueezed,
} from "./regions.js";
import { type Region, whole } from "./strides.js";

type Shape = readonly number[];
type OneShape = (shape: Shape) => ReturnType<typeof asShape>;

const one = (rule: OneShape) => new Movement(([shape]) => rule(shape as Shape));

const RESHAPE = define(mover("reshape"));
const SQUEEZE = define(mover("squeeze"));
const UNSQUEEZE = define(mover("unsqueeze"));
const EXPAND = define(mover("expand"));
const PERMUTE = define(mover("permute"));
const FLIP = define(mover("flip"));
const SLICE = define(mover("slice"));
const PAD = define(mover("pad"));
const CONCAT = define(mover("concat"));
const STACK = define(mover("stack"));
const SPLIT = define(mover("split"));

/**
 * The same elements in another shape: a view, nothing is copied.
 *
 * @param shape of as many elements; one size may be −1: what the others leave
 * @throws {ShapeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError}
 * @example
 * const rows = frame.run(() => reshape(x, [-1, 64])); // [T, N, 64] as [T·N, 64]
 * Source: torch.reshape.
 */
export function reshape(x: Operand, shape: readonly number[]): Tensor {
  return apply(
    RESHAPE,
    [x],
    one((from) => asShape(reshaped(from, shape))),
  );
}

/**
 * Without its axes of size 1, or without one of them: a view. Where none is left the shape is [1].
 *
 * @param axis a negative one counts from the end
 * @throws {ShapeError} when that axis is not of size 1 @throws {ArgumentError} @throws {StaleError} @throws {DisposedError}
 * @example
 * const scores = frame.run(() => squeeze(matmul(x, query), -1)); // [N, T, 1] as [N, T]
 * Source: torch.squeeze.
 */
export function squeeze(x: Operand, axis?: number): Tensor {
  return apply(
    SQUEEZE,
    [x],
    one((from) => asShape(squeezed(from, axis))),
  );
}

/**
 * With an axis of size 1 more: a view.
 *
 * @param axis its place in the result; a negative one counts from the end
 * @throws {ArgumentError} @throws {StaleError} @throws {DisposedError}
 * @example
 * const column = frame.run(() => unsqueeze(x, -1)); // [N] as [N, 1]
 * Source: torch.unsqueeze.
 */
export function unsqueeze(x: Operand, axis: number): Tensor {
  return apply(
    UNSQUEEZE,
    [x],
    one((from) => asShape(unsqueezed(from, axis))),
  );
}

/**
 * Repeated along new axes and along those of size 1, as NumPy broadcasts. Operators of two tensors do that by themselves, without the copy.
 *
 * @throws {ShapeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const rows = frame.run(() => expand(x, [8, 64])); // [64], eight times
 * Source: numpy.broadcast_to.
 */
export function expand(x: Operand, shape: readonly number[]): Tensor {
  return apply(
    EXPAND,
    [x],
    one((from) => readAs(expanded(from, shape))),
  );
}

/**
 * Axes in another order.
 *
 * @param axes all of x's, each once: axis i of the result is axis axes[i] of x
 * @throws {ArgumentError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const heads = frame.run(() => permute(x, [0, 2, 1, 3])); // [N, T, H, D] to [N, H, T, D]
 * Source: torch.permute.
 */
export function permute(x: Operand, axes: readonly number[]): Tensor {
  return apply(
    PERMUTE,
    [x],
    one((from) => readAs(permuted(from, axes))),
  );
}

/**
 * Backwards along some axes.
 *
 * @throws {ArgumentError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const reversed = frame.run(() => flip(x, [0])); // the last time step first
 * Source: torch.flip.
 */
export function flip(x: Operand, axes: readonly number[]): Tensor {
  return apply(
    FLIP,
    [x],
    one((from) => readAs(flipped(from, axes), true)),
  );
}

/**
 * A part of x, axis by axis as Python's slices; what lies in one piece, as time steps of a time-major x, is a view. Each backward pass touches the
 * part alone.
 *
 * @param ranges of the first axes, `[start, stop, step]` or null for all; the rest are taken whole. Below 0 counts from the end
 * @throws {ArgumentError} when a range holds nothing @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const last = frame.run(() => slice(x, [[-1]])); // [1, N, I] of [T, N, I]
 * const odd = frame.run(() => slice(x, [null, [1, null, 2]]));
 * Source: numpy, basic slicing.
 */
export function slice(x: Operand, ranges: readonly (SliceRange | undefined)[]): Tensor {
  return apply(
    SLICE,
    [x],
    one((from) => readAs(sliced(from, ranges), true)),
  );
}

/**
 * With a value around it.
 *
 * @param widths of each axis, [before, after]
 * @throws {ArgumentError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const padded = frame.run(() => pad(x, [[0, 0], [2, 0]])); // two zeros before each row
 * Source: numpy.pad, mode "constant".
 */
export function pad(x: Operand, widths: readonly (readonly [before: number, after: number])[], value = 0): Tensor {
  if (typeof value !== "number") throw new ArgumentError("value", "a number", show(value));
  if (x instanceof Tensor && x.dtype === "i32" && value !== (value | 0))
    throw new ArgumentError("value", "a 32-bit integer beside a tensor of i32", show(value));
  const rule: OneShape = (from) => {
    const { shape, inner } = padded(from, widths);
    return { shape, parts: [{ to: inner, from: whole(from) }], fill: value, keepsBatch: true };
  };
  return apply(PAD, [x], one(rule));
}

/**
 * Tensors one after another along an axis that is there.
 *
 * @param tensors of one shape but for that axis
 * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const both = frame.run(() => concat([forwards, backwards], -1));
 * Source: torch.cat.
 */
export function concat(tensors: readonly Operand[], axis = 0): Tensor {
  const movement = new Movement((shapes) => {
    const { shape, parts } = concatenated(shapes, axis);
    return { shape, parts: parts.map((to) => ({ to, from: whole(to.shape) })), keepsBatch: true };
  });
  return apply(CONCAT, listOf(tensors), movement);
}

/**
 * Tensors side by side along a new axis.
 *
 * @param tensors of one shape @param axis its place in the result
 * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const sequence = frame.run(() => stack(steps)); // T of [N, H] to [T, N, H]
 * Source: torch.stack.
 */
export function stack(tensors: readonly Operand[], axis = 0): Tensor {
  const movement = new Movement((shapes) => {
    const place = axisOf("axis", axis, (shapes[0] as Shape).length + 1);
    const lifted = shapes.map((shape) => unsqueezed(shape, place));
    const { shape, parts } = concatenated(lifted, place);
    return { shape, parts: parts.map((to) => ({ to, from: whole(to.shape) })) };
  });
  return apply(STACK, listOf(tensors), movement);
}

/**
 * Parts along an axis: the opposite of concat. What lies in one piece is a view.
 *
 * @param sizes of the parts, or how many equal ones
 * @throws {ArgumentError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const [q, k, v] = frame.run(() => split(dense.forward(x), 3, -1));
 * Source: torch.split; numpy.split, for a number.
 */
export function split(x: Operand, sizes: number | readonly number[], axis = 0): Tensor[] {
  let parts: Region[] = [];
  const take = (i: number) =>
    apply(
      SPLIT,
      [x],
      one((from) => {
        if (i === 0) parts = parted(from, sizes, axis);
        return readAs(parts[i] as Region, true);
      }),
    );
  const results = [take(0)];
  for (let i = 1; i < parts.length; i++) results.push(take(i));
  return results;
}

/** More than any machine has time for: a list that says more lies. */
const MOST_TENSORS = 2 ** 20;

/** A copy. @throws {ArgumentError} */
function listOf(tensors: unknown): Operand[] {
  const list = checkList("tensors", tensors, MOST_TENSORS, "an array of tensors");
  if (list.length === 0) throw new ArgumentError("tensors", "one or more tensors", "none");
  return list as Operand[];
}
