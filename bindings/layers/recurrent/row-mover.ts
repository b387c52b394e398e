/** Moves rows of states, outputs and gradients between the user's tensors and the order of rows that the kernels run over. */
import type { Slots } from "../../graph/slots.js";
import type { SequenceFields } from "../../kernels.js";
import type { Runtime } from "../../runtime.js";
import { bytesPer, type FloatType } from "../../tensor.js";
import type { Tape } from "../tape.js";
import type { CellKind, StateAddresses } from "./cell-kind.js";
import type { RowOrder } from "./row-order.js";

/** @internal For one layer. */
export class RowMover {
  constructor(
    readonly runtime: Runtime,
    readonly dtype: FloatType,
    /** Features that a cell gives. */
    readonly P: number,
    /** Directions. */
    readonly D: 1 | 2,
  ) {}

  /** A part of the initial state of a cell, in the order of rows: the given one, one for all rows, or zeros. */
  begin(slot: number, from: number, { N, sorted }: Pick<RowOrder, "N" | "sorted">, size: number, forAll = 0): void {
    if (from) this.#kernels.gatherRows({ dst: slot, ldd: size, src: from, lds: size, index: sorted, M: N, width: size });
    else if (forAll) this.#kernels.gatherRows({ dst: slot, ldd: size, src: forAll, lds: 0, index: 0, M: N, width: size });
    else this.#clear(slot, N * size);
  }

  /** The final one, each sequence's after its last step, from its states [N+M,size]. */
  end(to: number, states: number, { N, M, last }: RowOrder, size: number): void {
    if (last) this.#kernels.gatherRows({ dst: to, ldd: size, src: states, lds: size, index: last, M: N, width: size });
    else this.runtime.memory.copy(to, states + this.#bytes(M * size), this.#bytes(N * size));
  }

  /** The output, laid out as x: both directions side by side. */
  top(output: number, outs: readonly number[], order: RowOrder, rows: number): number {
    const { D, P } = this;
    if (!output) return outs[0] as number;
    if (order.padded) this.#clear(output, rows * D * P);
    outs.forEach((from, d) => {
      this.#kernels.scatterRows({
        dst: output + this.#bytes(d * P),
        ldd: D * P,
        src: from,
        lds: P,
        index: d ? order.orderReversed : order.order,
        M: order.M,
        width: P,
      });
    });
    return output;
  }

  /** What the next layer reads: both directions side by side, in the order of rows. */
  joined(tape: Tape, layer: number, outs: readonly number[], { M, reverse }: RowOrder): number {
    const { P } = this;
    if (outs.length === 1) return outs[0] as number;
    const joined = tape.slots.get(`joined${layer}`, this.#bytes(M * 2 * P));
    outs.forEach((from, d) => {
      this.#kernels.scatterRows({ dst: joined + this.#bytes(d * P), ldd: 2 * P, src: from, lds: P, index: d ? reverse : 0, M, width: P });
    });
    return joined;
  }

  /** Where a cell finds the gradient of its output: one half of what reaches both directions, in its own order of rows. */
  gradientOf(slots: Slots, work: (() => void)[], from: number, laidOut: boolean, reversed: boolean, order: RowOrder): number {
    const { D, P } = this;
    if (!from || (D === 1 && !laidOut)) return from;
    const half = slots.get("dOutput", this.#bytes(order.M * P));
    const [own, other] = laidOut ? [order.order, order.orderReversed] : [0, order.reverse];
    const column = reversed ? this.#bytes(P) : 0;
    work.push(() =>
      this.#kernels.gatherRows({ dst: half, ldd: P, src: from + column, lds: D * P, index: reversed ? other : own, M: order.M, width: P }),
    );
    return half;
  }

  /** The descriptor's fields of a cell's state gradients, in the order of rows. */
  stateGradients(
    slots: Slots,
    work: (() => void)[],
    k: number,
    kind: CellKind,
    end: StateAddresses,
    { N, sorted }: RowOrder,
  ): SequenceFields {
    const to: SequenceFields = {};
    for (const [i, { size, fields }] of kind.states.entries()) {
      const take = (name: string) => slots.get(`${name} ordered`, this.#bytes(N * size));
      const from = end[i] && end[i] + this.#bytes(k * N * size);
      to[fields.dLast] = from && sorted ? take(fields.dLast) : from;
      if (from && sorted) work.push(() => this.begin(to[fields.dLast] as number, from, { sorted, N }, size));
      to[fields.dFirst] = take(fields.dFirst);
    }
    return to;
  }

  /** [N,size] from the order of rows to that of the sequences. */
  unsorted(to: number, from: number, { N, place }: RowOrder, size: number): void {
    this.#kernels.gatherRows({ dst: to, ldd: size, src: from, lds: size, index: place, M: N, width: size });
  }

  /** Adds the sum of rows [N,size], which are spoilt: pair by pair. */
  addSum(to: number, rows: number, N: number, size: number): void {
    for (let n = N; n > 1; n -= n >> 1) {
      this.#kernels.addTo({ y: rows, x: rows + this.#bytes((n - (n >> 1)) * size), n: (n >> 1) * size });
    }
    this.#kernels.addTo({ y: to, x: rows, n: size });
  }

  /** Rows to their places in a tensor of `rows` rows, zeros in the padding. */
  scatter(to: number, from: number, index: number, { M, padded }: RowOrder, width: number, stride: number, rows: number): void {
    if (padded) this.#clear(to, rows * stride);
    this.#kernels.scatterRows({ dst: to, ldd: stride, src: from, lds: width, index, M, width });
  }

  get #kernels() {
    return this.runtime.kernels(this.dtype);
  }

  #bytes(n: number): number {
    return n * bytesPer(this.dtype);
  }

  #clear(ptr: number, elements: number): void {
    this.runtime.memory.bytes.fill(0, ptr, ptr + this.#bytes(elements));
  }
}
