/** A recurrent layer's forward pass: cell by cell, upwards. */
import type { Generator } from "../../random.js";
import type { Seeds, Tape } from "../tape.js";
import { bytesOf, type Core, type StateAddresses } from "./core.js";
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
  const { I, H, L, D, kind } = core;
  const { tape, order, rows } = run;
  const { N, M } = order;
  const kernels = core.runtime.kernels(core.dtype);
  const take = (name: string, elements: number) => tape.slots.get(name, bytesOf(core, elements));
  const end = { h: take("final h", L * D * N * H), c: kind.hasCell ? take("final c", L * D * N * H) : 0 };
  const output = order.direct && D === 1 ? 0 : take("output", rows * D * H);
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
    below = top ? core.mover.top(output, outs, order, rows) : core.mover.joined(tape, layer, outs, order);
    if (top || !run.generator) continue;
    const seeds: Seeds = [run.generator.bits(), run.generator.bits()];
    const y = take(`dropped${layer}`, M * D * H);
    kernels.dropout({ y, x: below, n: M * D * H, p: core.dropout, seed0: seeds[0], seed1: seeds[1] });
    below = y;
    dropout.push(seeds);
  }
  return { output: below, end, dropout };
}

/** One cell over all steps. @returns address of its output, in the order of rows */
function runCell(core: Core, { tape, order, record, start }: ForwardRun, end: StateAddresses, k: number, below: number): number {
  const { H, D, kind, mover, descriptors } = core;
  const { N, M } = order;
  const kernels = core.runtime.kernels(core.dtype);
  const { I } = core.packed.cells[k] as Cell;
  const stateBytes = bytesOf(core, N * H);
  const at = k * stateBytes;
  const reversed = k % D === 1;
  const input = reversed ? tape.slots.get(`x${k}`, bytesOf(core, M * I)) : below;
  if (reversed) kernels.gatherRows({ dst: input, ldd: I, src: below, lds: I, index: order.reverse, M, width: I });
  const s = descriptors.forward(tape, k, order, record, input);
  mover.begin(s.a, start.h && start.h + at, order);
  if (kind.hasCell) mover.begin(s.c, start.c && start.c + at, order);
  kind.forward(core.runtime.kernels(core.storage), s.ptr);
  mover.end(end.h + at, s.a, order);
  if (kind.hasCell && record) mover.end(end.c + at, s.c, order);
  else if (kind.hasCell) kernels.gatherRows({ dst: end.c + at, ldd: H, src: s.c, lds: H, index: order.place, M: N, width: H });
  return s.a + stateBytes;
}
