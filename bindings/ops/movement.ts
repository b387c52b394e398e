/** How the operators of movement are applied: all of them copy regions of their inputs to regions of their output, or see them there. */
import { sizeOf } from "../checks.js";
import { DTypeError } from "../errors.js";
import type { OperatorKernels } from "../generated/operators.js";
import type { Gradients } from "../graph/node.js";
import { bytesPer, type DType, type FloatType, type Tensor } from "../tensor.js";
import { operatorKernels } from "./load.js";
import { type Call, layoutOf, type Operator, type Outcome } from "./operator.js";
import { type Axis, isDense, movePlan, type Region, whole } from "./strides.js";

/** @internal What a call moves: a region of each input to one of the output. */
export interface Placement {
  readonly shape: readonly number[];
  readonly parts: readonly { readonly to: Region; readonly from: Region }[];
  /** What stands in the output where nothing is moved to. */
  readonly fill?: number;
  /** Whether the first two axes mean what they meant. */
  readonly keepsBatch?: boolean;
  /** What they mean from now on. */
  readonly batchFirst?: boolean | undefined;
}

/** @internal The attributes of a call: from the shapes of its inputs, found once. */
export class Movement {
  readonly #rule: (shapes: readonly (readonly number[])[]) => Placement;
  #placement: Placement | undefined;

  constructor(rule: (shapes: readonly (readonly number[])[]) => Placement) {
    this.#rule = rule;
  }

  of(inputs: readonly Tensor[]): Placement {
    this.#placement ??= this.#rule(inputs.map(({ shape }) => shape));
    return this.#placement;
  }
}

/** @internal All of x, as an array of another shape. */
export function asShape(shape: readonly number[]): Placement {
  return { shape, parts: [{ to: whole(shape), from: whole(shape) }] };
}

/** @internal A region of x, read into an array of its own. */
export function readAs(from: Region, keepsBatch = false): Placement {
  return { shape: from.shape, parts: [{ to: whole(from.shape), from }], keepsBatch };
}

/** @internal An operator that moves elements: of real numbers or integers. */
export function mover(name: string): Operator<Movement> {
  return { name, infer, forward, again, backward, reads: "none" };
}

function infer(inputs: readonly Tensor[], movement: Movement): Outcome {
  const [x] = inputs as [Tensor];
  const { dtype } = x;
  for (const [i, input] of inputs.entries())
    if (input.dtype !== dtype) throw new DTypeError(`tensors[${i}]`, `${dtype}, as the first`, input.dtype);
  const { shape, parts, fill, keepsBatch, batchFirst: mark } = movement.of(inputs);
  const [first, second] = parts;
  const isView = first && !second && fill === undefined && isDense(first.from);
  const batchFirst = mark ?? layoutOf(inputs, []);
  const isKept = keepsBatch || (first && !second && keepsAxes(x.shape, first.from));
  return { shape, dtype, ...(isView ? { view: first.from.offset } : {}), ...(isKept ? { batchFirst } : {}) };
}

/** Whether the first two axes are walked as before. */
function keepsAxes(shape: readonly number[], from: Region): boolean {
  const { strides } = whole(shape);
  const isSame = (d: number) => from.shape[d] === shape[d] && (shape[d] === 1 || from.strides[d] === strides[d]);
  return shape.length > 1 && from.shape.length > 1 && isSame(0) && isSame(1);
}

function forward({ inputs, output, attributes, runtime }: Call<Movement>): void {
  const { parts, fill } = attributes.of(inputs);
  const { dtype } = output;
  const y = output.pointer();
  const { arena } = runtime.scope as NonNullable<typeof runtime.scope>;
  const kernels = operatorKernels(runtime, dtype === "f64" ? "f64" : "f32"); // integers are as wide as f32
  if (fill !== undefined) runtime.view(dtype, y, output.size).fill(fill);
  for (const [i, { to, from }] of parts.entries()) {
    const axes = movePlan(to, from);
    const plan = arena.take(bytesOf(axes));
    const [dst, src] = [at(y, to, dtype), at((inputs[i] as Tensor).pointer(), from, dtype)];
    runMove(kernels, { dst, src, plan, adds: 0 }, axes, runtime);
    arena.give(plan, bytesOf(axes));
  }
}

function again({ inputs, output, attributes, runtime, slots }: Call<Movement>): () => void {
  const { parts, fill } = attributes.of(inputs);
  const { dtype } = output;
  const y = output.pointer();
  const { opMove } = operatorKernels(runtime, dtype === "f64" ? "f64" : "f32");
  const calls = parts.map(({ to, from }, i) => {
    const axes = movePlan(to, from);
    const plan = slots.get(`plan ${i}`, bytesOf(axes));
    runtime.view("i32", plan, 3 * axes.length).set(axes.flat());
    return { dst: at(y, to, dtype), src: at((inputs[i] as Tensor).pointer(), from, dtype), plan, rank: axes.length, adds: 0 };
  });
  return () => {
    if (fill !== undefined) runtime.view(dtype, y, output.size).fill(fill);
    for (let i = 0; i < calls.length; i++) opMove(calls[i] as (typeof calls)[0]);
  };
}

function backward(call: Call<Movement>, gradients: Gradients): void {
  const { inputs, output, attributes } = call;
  const dy = gradients.of(output);
  for (const [i, { to, from }] of attributes.of(inputs).parts.entries()) {
    const x = inputs[i] as Tensor;
    if (!gradients.wants(x)) continue;
    const isAll = sizeOf(from.shape) === x.size && !from.strides.some((stride, d) => stride === 0 && from.shape[d] !== 1);
    if (isAll && isDense(from) && isDense(to) && x.size === output.size) gradients.give(x, dy);
    else if (from.strides.includes(0)) sumBack(call, gradients, x, dy, from);
    else if (isAll) {
      const dx = gradients.slots.get(`dx${i}`, x.size * bytesPer(x.dtype));
      moveBack(call, gradients, { dx, dy, from, to, adds: 0 }, `plan${i}`);
      gradients.give(x, dx);
    } else moveBack(call, gradients, { dx: gradients.into(x), dy, from, to, adds: 1 }, `plan${i}`);
  }
}

interface Back {
  readonly dx: number;
  readonly dy: number;
  readonly from: Region;
  readonly to: Region;
  readonly adds: number;
}

function moveBack({ kernels, dtype, runtime }: Call<Movement>, gradients: Gradients, { dx, dy, from, to, adds }: Back, name: string): void {
  const axes = movePlan(from, to);
  const plan = gradients.slots.get(name, bytesOf(axes));
  gradients.run(() => runMove(kernels, { dst: at(dx, from, dtype), src: at(dy, to, dtype), plan, adds }, axes, runtime));
}

/** What was repeated: the axes of repetition are brought to the front, and their rows added up. */
function sumBack({ kernels, runtime }: Call<Movement>, gradients: Gradients, x: Tensor, dy: number, from: Region): void {
  const axes = from.shape.map((_, d) => d).filter((d) => from.shape[d] !== 1);
  const order = [...axes.filter((d) => from.strides[d] === 0), ...axes.filter((d) => from.strides[d] !== 0)];
  const { strides } = whole(from.shape);
  const turned = { offset: 0, shape: order.map((d) => from.shape[d] as number), strides: order.map((d) => strides[d] as number) };
  const size = sizeOf(from.shape);
  const rows = { dst: gradients.into(x), src: dy, rows: size / x.size, n: x.size };
  if (!isDense(turned)) {
    const plan = movePlan(whole(turned.shape), turned);
    const at = gradients.slots.get("plan", bytesOf(plan));
    rows.src = gradients.slots.get("turned", size * bytesPer(x.dtype));
    gradients.run(() => runMove(kernels, { dst: rows.src, src: dy, plan: at, adds: 0 }, plan, runtime));
  }
  gradients.run(() => kernels.opAddRows(rows));
}

function at(ptr: number, { offset }: Region, dtype: DType | FloatType): number {
  return ptr + offset * bytesPer(dtype);
}

function bytesOf(axes: readonly Axis[]): number {
  return 12 * axes.length;
}

/** Writes the plan and calls the kernel. */
function runMove(
  kernels: OperatorKernels,
  call: { dst: number; src: number; plan: number; adds: number },
  axes: readonly Axis[],
  runtime: Call["runtime"],
): void {
  const words = axes.flat();
  runtime.view("i32", call.plan, words.length).set(words);
  kernels.opMove({ ...call, rank: axes.length });
}
