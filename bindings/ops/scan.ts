/** A cell of operators over time. */
import { isPlain } from "../by-name.js";
import { checkLengths, checkOptions, sameShape, show } from "../checks.js";
import { ArgumentError, DTypeError, ShapeError } from "../errors.js";
import { ParameterTensor } from "../layers/parameter-tensor.js";
import { Tensor } from "../tensor.js";
import { constantOf } from "./constant.js";
import { reshape, slice, squeeze, stack } from "./move.js";
import { asShape, Movement, mover } from "./movement.js";
import { apply, define } from "./operator.js";
import { where } from "./where.js";

/** What a cell hands from step to step: a tensor, or several by name. */
export type ScanState = Tensor | { readonly [name: string]: Tensor };

/** One step of a cell: what it makes of the step's input and of the state before it. */
export type ScanBody<State extends ScanState> = (x: Tensor, state: State) => { readonly output: Tensor; readonly state: State };

/** Options of scan. */
export interface ScanOptions {
  /** Steps of each of the N sequences; what lies behind may hold anything. Default: all steps. */
  lengths?: ArrayLike<number> | undefined;
}

/**
 * Runs a cell of operators, and layers, over the steps of a sequence: a recurrent layer of one's own.
 *
 * @param body one step: x [N, …] and the state before it, to an output and the state after it, of the same shapes
 * @param xs [T, N, …], or [N, T, …] where it says `batchFirst`
 * @param state before the first step
 * @param options lengths: a sequence that is over keeps its state, and its outputs are zeros
 * @returns output [T, N, …] (laid out as xs), and the state after each sequence's last step
 * @throws {ShapeError} when a state changes its shape, or outputs differ in theirs @throws {ArgumentError} and what the body throws
 * @example
 * const { output } = frame.run(() =>
 *   scan((x, h) => {
 *     const next = tanh(add(input.forward(x), recurrent.forward(h)));
 *     return { output: next, state: next };
 *   }, xs, h0),
 * );
 * Source: jax.lax.scan.
 */
export function scan<State extends ScanState>(
  body: ScanBody<State>,
  xs: Tensor,
  state: State,
  options: ScanOptions = {},
): { output: Tensor; state: State } {
  if (typeof body !== "function") throw new ArgumentError("body", "a function", show(body));
  if (!(xs instanceof Tensor)) throw new ArgumentError("xs", "a Tensor", show(xs));
  const { lengths } = checkOptions(options, ["lengths"]);
  const axis = xs.batchFirst ? 1 : 0;
  if (xs.shape.length < 2) throw new ShapeError("xs", axis ? "[N, T, …]" : "[T, N, …]", show([...xs.shape]));
  const [T, N] = [xs.shape[axis] as number, xs.shape[1 - axis] as number];
  const steps = lengths === undefined ? undefined : checkLengths("lengths", lengths, N, T);
  const outputs: Tensor[] = [];
  let current = checkState("state", state);
  // A sequence that is over goes through its last step again, so that what comes of it is as finite as that: its gradients, all 0, stay 0.
  let x: Tensor | undefined;
  let fed = current;
  for (let t = 0; t < T; t++) {
    const isLive = steps?.some((length) => length <= t) ? steps.map((length) => Number(t < length)) : undefined;
    const mask = isLive && constantOf("scan", xs, isLive);
    const given = stepOf(xs, axis, t);
    x = mask && x && isLive ? (xs.dtype === "i32" ? chosenTokens(isLive, given, x) : chosen(mask, given, x)) : given;
    fed = mask ? merged(mask, current, fed) : current;
    const made: unknown = body(x, fed);
    const { output, state: next } = (made ?? {}) as { output?: unknown; state?: unknown };
    if (!(output instanceof Tensor)) throw new ArgumentError("body", "a function that gives { output, state }", show(made));
    if (outputs[0]) checkSame(`output of step ${t}`, output, outputs[0]);
    outputs.push(mask ? chosen(mask, output, 0) : output);
    const after = checkState(`state of step ${t}`, next as State, current);
    current = mask ? merged(mask, after, current) : after;
  }
  return { output: marked(stack(outputs, axis), xs.batchFirst), state: current };
}

/** @internal x of one step, [N, …]. */
function stepOf(xs: Tensor, axis: 0 | 1, t: number): Tensor {
  const range = [t, t + 1] as const;
  return squeeze(slice(xs, axis === 0 ? [range] : [null, range]), axis);
}

/** Says of the result what it is: [T, N, …], or batch-first. */
const LAYOUT = define(mover("scan"));

function marked(x: Tensor, batchFirst: boolean | undefined): Tensor {
  if (batchFirst === undefined) return x;
  return apply(LAYOUT, [x], new Movement(([shape]) => ({ ...asShape(shape as number[]), keepsBatch: true, batchFirst })));
}

/** Row by row: of a where the mask has 1, of b where it has 0. */
function chosen(mask: Tensor, a: Tensor, b: Tensor | 0): Tensor {
  const [N] = mask.shape as [number];
  if (a.shape[0] !== N) throw new ShapeError("body", `states and outputs [${N}, …], there being lengths`, show([...a.shape]));
  return where(reshape(mask, [N, ...a.shape.slice(1).map(() => 1)]), a, b);
}

/** The same of integers, which have no gradients. */
function chosenTokens(isLive: readonly number[], given: Tensor, before: Tensor): Tensor {
  const [tokens, old] = [given.toArray(), before.toArray()];
  const D = tokens.length / isLive.length;
  const values = Array.from(tokens, (token, i) => (isLive[Math.floor(i / D)] ? token : (old[i] as number)));
  return reshape(constantOf("scan", given, values), given.shape);
}

/** The new state of sequences that go on, the old one of those that are over. */
function merged<State extends ScanState>(mask: Tensor, after: State, before: State): State {
  if (after instanceof Tensor) return chosen(mask, after, before as Tensor) as State;
  const old = before as Record<string, Tensor>;
  return Object.fromEntries(Object.entries(after).map(([name, tensor]) => [name, chosen(mask, tensor, old[name] as Tensor)])) as State;
}

/** @internal A copy of a state. @param like what it was before: of the same names and shapes @throws {ArgumentError} @throws {ShapeError} */
export function checkState<State extends ScanState>(argument: string, state: State, like?: State): State {
  if (state instanceof Tensor) {
    if (like !== undefined && !(like instanceof Tensor)) throw new ArgumentError(argument, "tensors by name, as before", "a Tensor");
    state.pointer(argument);
    if (like) checkSame(argument, state, like as Tensor);
    return state;
  }
  if (!isPlain(state) || like instanceof Tensor)
    throw new ArgumentError(argument, like instanceof Tensor ? "a Tensor, as before" : "a Tensor, or tensors by name", showState(state));
  const copy: Record<string, Tensor> = { ...(state as object) };
  const names = Object.keys(copy);
  const wanted = like ? Object.keys(like) : names;
  if (names.length !== wanted.length || !wanted.every((name) => Object.hasOwn(copy, name)))
    throw new ArgumentError(argument, `${wanted.join(", ")}, as before`, names.join(", "));
  for (const name of names) {
    if (!(copy[name] instanceof Tensor)) throw new ArgumentError(`${argument}.${name}`, "a Tensor", show(copy[name]));
    copy[name].pointer(`${argument}.${name}`);
    if (like) checkSame(`${argument}.${name}`, copy[name], (like as Record<string, Tensor>)[name] as Tensor);
  }
  return copy as State;
}

function showState(state: unknown): string {
  return state instanceof ParameterTensor ? "a ParameterTensor (expand(parameter, shape) makes a tensor of it)" : show(state);
}

function checkSame(argument: string, tensor: Tensor, { shape, dtype }: Tensor): void {
  if (!sameShape(tensor.shape, shape)) throw new ShapeError(argument, `${show([...shape])}, as before`, show([...tensor.shape]));
  if (tensor.dtype !== dtype) throw new DTypeError(argument, `${dtype}, as before`, tensor.dtype);
}
