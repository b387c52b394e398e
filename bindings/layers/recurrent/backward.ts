/** A recurrent layer's backward pass: cell by cell, downwards. All memory is taken first; then nothing can fail. */
import type { Slots } from "../../graph/slots.js";
import type { Seeds, Tape } from "../tape.js";
import type { StateAddresses } from "./cell-kind.js";
import { bytesOf, type Core } from "./core.js";
import type { Cell } from "./packed.js";
import type { RowOrder } from "./row-order.js";

/** @internal One pass. */
export interface BackwardRun {
  readonly tape: Tape;
  readonly order: RowOrder;
  readonly dropout: readonly Seeds[];
  readonly slots: Slots;
  /** Address of ∂L/∂output; 0 for none. */
  readonly above: number;
  /** Of ∂L/∂state. */
  readonly end: StateAddresses;
  /** Whether the initial state was the one that is learned. */
  readonly learned: boolean;
  /** Rows of x. */
  readonly rows: number;
  readonly wantsDX: boolean;
  /** Whether the gradients of the parameters are wanted. */
  readonly learns: boolean;
}

/** @internal What a pass will give, and the pass. */
export interface PlannedBackward {
  readonly dX: number;
  readonly dStart: StateAddresses;
  run(): void;
}

/** @internal */
export function planBackward(core: Core, pass: BackwardRun): PlannedBackward {
  const { L, D, I, kind, mover } = core;
  const { order, dropout, wantsDX } = pass;
  const { N, M } = order;
  const kernels = core.runtime.kernels(core.dtype);
  const take = (name: string, elements: number) => pass.slots.get(name, bytesOf(core, elements));
  const dStart = kind.states.map(({ name, size }) => take(`d${name}0`, L * D * N * size));
  const dX = wantsDX ? take("dX", pass.rows * I) : 0;
  const work: (() => void)[] = [() => core.packed.packBackward()];
  let dBelow = 0; // what reaches the output of the layer at hand, in the order of rows; unused for the top layer
  for (let layer = L - 1; layer >= 0; layer--) {
    const { I: width } = core.packed.cells[layer * D] as Cell;
    const dInput = layer > 0 ? take(`dx${layer % 2}`, M * width) : order.direct || !wantsDX ? dX : take("dx ordered", M * width);
    let above = layer === L - 1 ? pass.above : dBelow;
    let laidOut = layer === L - 1 && !order.direct; // as the tensor
    const adds = core.residual && layer > 0 && above;
    if (adds && laidOut) {
      const [from, to] = [above, take("dOutput ordered", M * width)];
      work.push(() => kernels.gatherRows({ dst: to, ldd: width, src: from, lds: width, index: order.order, M, width }));
      above = to;
      laidOut = false;
    }
    for (let k = layer * D; k < (layer + 1) * D; k++) planCell(core, pass, work, { k, above, laidOut, dInput, dStart });
    if (adds) work.push(() => kernels.addTo({ y: dInput, x: above, n: M * width }));
    const seeds = layer > 0 ? dropout[layer - 1] : undefined;
    if (seeds) {
      const [seed0, seed1] = seeds;
      work.push(() => kernels.dropout({ y: dInput, x: dInput, n: M * width, p: core.dropout, seed0, seed1 }));
    }
    dBelow = dInput;
  }
  if (wantsDX && !order.direct) work.push(() => mover.scatter(dX, dBelow, order.order, order, I, I, pass.rows));
  return {
    dX,
    dStart,
    run: () => {
      for (const step of work) step();
    },
  };
}

interface CellPlan {
  readonly k: number;
  /** Addresses of what reaches the output, of what goes to the input, and of the gradients of the initial states. */
  readonly above: number;
  /** Whether what reaches the output lies as the tensor, in place of the order of rows. */
  readonly laidOut: boolean;
  readonly dInput: number;
  readonly dStart: StateAddresses;
}

function planCell(core: Core, pass: BackwardRun, work: (() => void)[], { k, above, laidOut, dInput, dStart }: CellPlan): void {
  const { D, kind, mover, packed } = core;
  const { order, tape, slots } = pass;
  const { N, M } = order;
  const kernels = core.runtime.kernels(core.dtype);
  const { I } = packed.cells[k] as Cell;
  const reversed = k % D === 1;
  const dOutput = mover.gradientOf(slots, work, above, laidOut, reversed, order);
  const dx = reversed && dInput ? slots.get("dx reversed", bytesOf(core, M * Math.max(core.I, D * kind.P))) : dInput;
  const fields = mover.stateGradients(slots, work, k, kind, pass.end, order);
  const sequence = core.descriptors.backward(tape, slots, k, order, { dOutput, dx, ...fields }, pass.learns);
  work.push(() => kind.backward(core.runtime, core.dtype, sequence));
  for (const [i, { name, size, fields: names }] of kind.states.entries()) {
    const to = (dStart[i] as number) + bytesOf(core, k * N * size);
    const from = fields[names.dFirst] as number;
    work.push(() => mover.unsorted(to, from, order, size));
    const learned = pass.learned && pass.learns ? packed.gradient(k, `${name}0`) : 0;
    if (learned) work.push(() => mover.addSum(learned, from, N, size));
  }
  if (reversed && dx) {
    work.push(() => kernels.scatterAddRows({ dst: dInput, ldd: I, src: dx, lds: I, index: order.reverse, M, width: I }));
  }
}
