/** A tape's values outside linear memory, canonical: what the notebook's caches hold. For one layer of one direction. */
import { type FloatArray, type Tensor, viewOf } from "../../tensor.js";
import type { Tape } from "../tape.js";
import { bytesOf, type Core, dimsOf } from "./core.js";
import { rowOrder } from "./row-order.js";

/** @internal a and c [T+1,N,H], gates [T,N,G,H] after activation. */
export interface RecordedValues {
  readonly a: FloatArray;
  readonly c?: FloatArray;
  readonly gates?: FloatArray;
}

/** @internal What a forward of T steps of N sequences has recorded. */
export function readRecorded(core: Core, tape: Tape, { T, N }: { T: number; N: number }): RecordedValues {
  const { kind, packed } = core;
  const { H } = kind;
  const read = (name: string, size: number) =>
    viewOf(core.runtime.memory, core.dtype, tape.slots.get(name, bytesOf(core, size)), size) as FloatArray;
  const a = read("a0", (T + 1) * N * H).slice() as FloatArray;
  if (kind.states.length === 1) return { a };
  const c = read("c0", (T + 1) * N * H).slice() as FloatArray;
  const gates = packed.gatesToCanonical(read("gates0", T * N * packed.width), T * N);
  return { a, c, gates };
}

/** @internal Makes a tape hold such values, as if a forward of x had recorded them; what it noted, and the address of the output. */
export function writeRecorded(core: Core, tape: Tape, x: Tensor, values: RecordedValues) {
  const dims = dimsOf(x.shape, core.batchFirst);
  core.packed.packForward();
  const order = rowOrder(core.runtime, tape.slots, dims, null, false, false);
  const { states } = core.descriptors.forward(tape, 0, order, true, x.pointer("x"));
  const write = (name: string, data: FloatArray) => {
    const ptr = tape.slots.get(name, bytesOf(core, data.length));
    (viewOf(core.runtime.memory, core.dtype, ptr, data.length) as FloatArray).set(data);
  };
  write("a0", values.a);
  if (values.c) write("c0", values.c);
  if (values.gates) write("gates0", core.packed.gatesFromCanonical(values.gates, dims.T * dims.N));
  return { T: dims.T, N: dims.N, order, dropout: [], output: (states[0] as number) + bytesOf(core, dims.N * core.kind.P) };
}
