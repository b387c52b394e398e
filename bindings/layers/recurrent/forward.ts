/** A recurrent layer's forward pass: cell by cell, upwards. */
import type { Generator } from "../../random.js";
import type { Seeds, Tape } from "../tape.js";
import type { StateAddresses } from "./cell-kind.js";
import { bytesOf, type Core } from "./core.js";
import type { Cell } from "./packed.js";
import type { RowOrder } from "./row-order.js";

/** @internal One pass. */
export interface ForwardRun {
  readonly tape: Tape;
  readonly order: RowOrder;
  readonly record: boolean;
  /** Address of x, and rows of it. */
  readonly x: number;
  readonly rows: number;
  readonly start: StateAddresses;
  /** What dropout between the layers is drawn from; null: none. */
  readonly generator: Generator | null;
}

/** @internal @returns addresses of output and final state, and what dropped elements */
export function runForward(core: Core, run: ForwardRun): { output: number; end: StateAddresses; dropout: Seeds[] } {
  const { I, L, D, kind } = core;
  const { P } = kind;
  const { tape, order, rows } = run;
  const { N, M } = order;
  const kernels = core.runtime.kernels(core.dtype);
  const take = (name: string, elements: number) => tape.slots.get(name, bytesOf(core, elements));
  const end = kind.states.map(({ name, size }) => take(`final ${name}`, L * D * N * size));
  const output = order.direct && D === 1 ? 0 : take("output", rows * D * P);
  const dropout: Seeds[] = [];
  let below = run.x;
  if (!order.direct) {
    below = take("x", M * I);
    kernels.gatherRows({ dst: below, ldd: I, src: run.x, lds: I, index: order.order, M, width: I });
  }
  for (let layer = 0; layer < L; layer++) {
    const outs: number[] = [];
    for (let k = layer * D; k < (layer + 1) * D; k++) outs.push(runCell(core, run, end, k, below));
    const top = layer === L - 1;
    if (core.residual && layer > 0) {
      const sum = take(`sum${layer}`, M * D * P);
      core.runtime.memory.copy(sum, core.mover.joined(tape, layer, outs, order), bytesOf(core, M * D * P));
      kernels.addTo({ y: sum, x: below, n: M * D * P });
      below = sum;
      if (top && output) {
        core.mover.scatter(output, sum, order.order, order, D * P, D * P, rows);
        below = output;
      }
    } else below = top ? core.mover.top(output, outs, order, rows) : core.mover.joined(tape, layer, outs, order);
    if (top || !run.generator) continue;
    const seeds: Seeds = [run.generator.bits(), run.generator.bits()];
    const y = take(`dropped${layer}`, M * D * P);
    kernels.dropout({ y, x: below, n: M * D * P, p: core.dropout, seed0: seeds[0], seed1: seeds[1] });
    below = y;
    dropout.push(seeds);
  }
  return { output: below, end, dropout };
}

/** One cell over all steps. @returns address of its output, in the order of rows */
function runCell(core: Core, { tape, order, record, start }: ForwardRun, end: StateAddresses, k: number, below: number): number {
  const { D, kind, mover, descriptors } = core;
  const { N, M } = order;
  const kernels = core.runtime.kernels(core.dtype);
  const { I } = core.packed.cells[k] as Cell;
  const reversed = k % D === 1;
  const input = reversed ? tape.slots.get(`x${k}`, bytesOf(core, M * I)) : below;
  if (reversed) kernels.gatherRows({ dst: input, ldd: I, src: below, lds: I, index: order.reverse, M, width: I });
  const s = descriptors.forward(tape, k, order, record, input);
  for (const [i, part] of kind.states.entries()) {
    const { size } = part;
    const from = start[i] as number;
    mover.begin(s.states[i] as number, from && from + bytesOf(core, k * N * size), order, size, core.packed.initial(k, part));
  }
  kind.forward(core.runtime, core.storage, s.ptr);
  for (const [i, { size }] of kind.states.entries()) {
    const to = (end[i] as number) + bytesOf(core, k * N * size);
    if (i === 0 || record) mover.end(to, s.states[i] as number, order, size);
    else mover.unsorted(to, s.states[i] as number, order, size);
  }
  return (s.states[0] as number) + bytesOf(core, N * kind.P);
}
