/** Operators that read and write by an index. */
import { sameShape, show } from "../checks.js";
import { ArgumentError, DTypeError, ShapeError } from "../errors.js";
import type { Gradients } from "../graph/node.js";
import { bytesPer, type Tensor } from "../tensor.js";
import type { Operand } from "./operands.js";
import { apply, type Call, define, floatsOf } from "./operator.js";
import { axisOf } from "./regions.js";
import { stridesOf } from "./strides.js";

interface Attributes {
  readonly axis: number;
}

/** Words of a plan's line, as assembly/ops/gather.ts has it. */
const WORDS = 4;

/** @throws {DTypeError} @throws {ShapeError} when the index is not of x's rank, or longer along another axis */
function checkIndices(name: string, index: Tensor, x: readonly number[], axis: number): void {
  if (index.dtype !== "i32") throw new DTypeError("index", "i32", index.dtype);
  const fits = index.shape.length === x.length && index.shape.every((n, d) => d === axis || n <= (x[d] as number));
  if (!fits) throw new ShapeError("index", `${name}'s ${show([...x])}, or less along another axis than ${axis}`, show([...index.shape]));
}

/** @throws {ArgumentError} naming the first place that is out of range */
function checkRange({ runtime }: Call<Attributes>, index: Tensor, n: number): void {
  const tokens = index.pointer();
  const bad = runtime.common.checkTokens({ tokens, M: index.size, vocabulary: n });
  if (bad < 0) return;
  const place = stridesOf(index.shape).map((stride, d) => Math.floor(bad / stride) % (index.shape[d] as number));
  throw new ArgumentError(`index[${place.join(",")}]`, `an integer in 0 … ${n - 1}`, show(index.at(bad)));
}

/** Axes of the index, with the strides of what the index goes into and of what stands beside it. */
function walk(x: readonly number[], beside: readonly number[], index: readonly number[], axis: number) {
  const [sx, sy, si] = [stridesOf(x), stridesOf(beside), stridesOf(index)];
  const words = index.flatMap((n, d) => [n, d === axis ? 0 : (sx[d] as number), sy[d] as number, si[d] as number]);
  return { words, rank: index.length, along: sx[axis] as number };
}

type Walk = ReturnType<typeof walk>;

function addByIndex(
  call: Call<Attributes>,
  into: { x: number; y: number; index: Tensor; n: number; plan: number; sums: number },
  { words, rank, along }: Walk,
): void {
  const { kernels, runtime } = call;
  const { x, y, index, n, plan, sums } = into;
  runtime.view("i32", plan, words.length).set(words);
  kernels.opScatterAdd({ x, sums, n, y, index: index.pointer(), plan, rank, along });
}

const GATHER = define<Attributes>({
  name: "gather",
  infer([x, index] = [], attributes) {
    const [from, at] = [x as Tensor, index as Tensor];
    const axis = axisOf("axis", attributes.axis, from.shape.length);
    checkIndices("x", at, from.shape, axis);
    return { shape: at.shape, dtype: floatsOf([from]), batchFirst: from.batchFirst };
  },
  forward(call) {
    const [x, index] = call.inputs as [Tensor, Tensor];
    const axis = axisOf("axis", call.attributes.axis, x.shape.length);
    checkRange(call, index, x.shape[axis] as number);
    const { words, rank, along } = walk(x.shape, index.shape, index.shape, axis);
    const plan = call.slots.get("plan", 4 * WORDS * rank);
    call.runtime.view("i32", plan, words.length).set(words);
    call.kernels.opGather({ y: call.output.pointer(), x: x.pointer(), index: index.pointer(), plan, rank, along, adds: 0 });
  },
  backward(call, gradients) {
    const [x, index] = call.inputs as [Tensor, Tensor];
    if (!gradients.wants(x)) return;
    const axis = axisOf("axis", call.attributes.axis, x.shape.length);
    const way = walk(x.shape, index.shape, index.shape, axis);
    const into = { x: gradients.into(x), y: gradients.of(call.output), index, n: x.size, ...scratch(gradients, x, way) };
    gradients.run(() => addByIndex(call, into, way));
  },
  reads: "inputs",
});

function scratch(gradients: Gradients, x: Tensor, { words }: Walk) {
  return { plan: gradients.slots.get("plan", 4 * words.length), sums: gradients.slots.get("sums", 8 * x.size) };
}

const SCATTER_ADD = define<Attributes>({
  name: "scatterAdd",
  infer([x, index, source] = [], attributes) {
    const [to, at, from] = [x as Tensor, index as Tensor, source as Tensor];
    const axis = axisOf("axis", attributes.axis, to.shape.length);
    checkIndices("x", at, to.shape, axis);
    const dtype = floatsOf([to, from], ["x", "source"]);
    const covers = from.shape.length === at.shape.length && at.shape.every((n, d) => n <= (from.shape[d] as number));
    if (!covers) throw new ShapeError("source", `the index's ${show([...at.shape])}, or more along any axis`, show([...from.shape]));
    return { shape: to.shape, dtype, batchFirst: to.batchFirst };
  },
  forward(call) {
    const [x, index, source] = call.inputs as [Tensor, Tensor, Tensor];
    const axis = axisOf("axis", call.attributes.axis, x.shape.length);
    checkRange(call, index, x.shape[axis] as number);
    const way = walk(x.shape, source.shape, index.shape, axis);
    const y = call.output.pointer();
    const [plan, sums] = [call.slots.get("plan", 4 * way.words.length), call.slots.get("sums", 8 * x.size)];
    call.runtime.memory.copy(y, x.pointer(), x.size * bytesPer(x.dtype));
    addByIndex(call, { x: y, y: source.pointer(), index, n: x.size, plan, sums }, way);
  },
  backward(call, gradients) {
    const [x, index, source] = call.inputs as [Tensor, Tensor, Tensor];
    const dy = gradients.of(call.output);
    if (gradients.wants(source)) {
      const axis = axisOf("axis", call.attributes.axis, x.shape.length);
      const { words, rank, along } = walk(x.shape, source.shape, index.shape, axis);
      const isAll = sameShape(index.shape, source.shape);
      const dSource = isAll ? gradients.slots.get("dSource", source.size * bytesPer(source.dtype)) : gradients.into(source);
      const plan = gradients.slots.get("plan", 4 * words.length);
      gradients.run(() => {
        call.runtime.view("i32", plan, words.length).set(words);
        call.kernels.opGather({ y: dSource, x: dy, index: index.pointer(), plan, rank, along, adds: isAll ? 0 : 1 });
      });
      if (isAll) gradients.give(source, dSource);
    }
    if (gradients.wants(x)) gradients.give(x, dy);
  },
  reads: "inputs",
});

/**
 * Elements of x by an index along one axis: y[i,j] = x[index[i,j], j] for axis 0 of two.
 *
 * @param axis a negative one counts from the end
 * @param index i32, of x's rank, no longer than x along the other axes; each in 0 … x.shape[axis] − 1
 * @returns of index's shape
 * @throws {ArgumentError} naming the first index out of range @throws {ShapeError} @throws {DTypeError}
 * @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const chosen = frame.run(() => gather(scores, -1, actions)); // [N, A], [N, 1] to [N, 1]
 * Source: torch.gather.
 */
export function gather(x: Operand, axis: number, index: Tensor): Tensor {
  return apply(GATHER, [x, index], { axis });
}

/**
 * x, with elements of `source` added by an index along one axis: y[index[i,j], j] += source[i,j] for axis 0 of two. What falls on one place is
 * summed in f64, in the order of the index.
 *
 * @param index i32, of x's rank, no longer than x along the other axes, nor than source along any; each in 0 … x.shape[axis] − 1
 * @returns of x's shape
 * @throws {ArgumentError} naming the first index out of range @throws {ShapeError} @throws {DTypeError}
 * @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const counts = frame.run(() => scatterAdd(zeros, 0, tokens, ones));
 * Source: torch.scatter_add.
 */
export function scatterAdd(x: Operand, axis: number, index: Tensor, source: Operand): Tensor {
  return apply(SCATTER_ADD, [x, index, source], { axis });
}
