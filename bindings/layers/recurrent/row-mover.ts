/** Moves rows of states, outputs and gradients between the user's tensors and the order of rows that the kernels run over. */
import type { Slots } from "../../graph/slots.js";
import type { Runtime } from "../../runtime.js";
import { bytesPer, type FloatType } from "../../tensor.js";
import type { Tape } from "../tape.js";
import type { RowOrder } from "./row-order.js";

/** @internal For one layer. */
export class RowMover {
  constructor(
    readonly runtime: Runtime,
    readonly dtype: FloatType,
    readonly H: number,
    /** Directions. */
    readonly D: 1 | 2,
    readonly hasCell: boolean,
  ) {}

  /** The initial state of a cell, in the order of rows: the given one or zeros. */
  begin(slot: number, from: number, { N, sorted }: RowOrder): void {
    const { H } = this;
    if (from) this.#kernels.gatherRows({ dst: slot, ldd: H, src: from, lds: H, index: sorted, M: N, width: H });
    else this.#clear(slot, N * H);
  }

  /** The final state of a cell, each sequence's after its last step, from its states [N+M,H]. */
  end(to: number, states: number, { N, M, last }: RowOrder): void {
    const { H } = this;
    if (last) this.#kernels.gatherRows({ dst: to, ldd: H, src: states, lds: H, index: last, M: N, width: H });
    else this.runtime.memory.copy(to, states + this.#bytes(M * H), this.#bytes(N * H));
  }

  /** The output, laid out as x: both directions side by side. */
  top(output: number, outs: readonly number[], order: RowOrder, rows: number): number {
    const { D, H } = this;
    if (!output) return outs[0] as number;
    if (order.padded) this.#clear(output, rows * D * H);
    outs.forEach((from, d) => {
      this.#kernels.scatterRows({
        dst: output + this.#bytes(d * H),
        ldd: D * H,
        src: from,
        lds: H,
        index: d ? order.orderReversed : order.order,
        M: order.M,
        width: H,
      });
    });
    return output;
  }

  /** What the next layer reads: both directions side by side, in the order of rows. */
  joined(tape: Tape, layer: number, outs: readonly number[], { M, reverse }: RowOrder): number {
    const { H } = this;
    if (outs.length === 1) return outs[0] as number;
    const joined = tape.slots.get(`joined${layer}`, this.#bytes(M * 2 * H));
    outs.forEach((from, d) => {
      this.#kernels.scatterRows({ dst: joined + this.#bytes(d * H), ldd: 2 * H, src: from, lds: H, index: d ? reverse : 0, M, width: H });
    });
    return joined;
  }

  /** Where a cell finds the gradient of its output: one half of what reaches both directions, in its own order of rows. */
  gradientOf(slots: Slots, work: (() => void)[], from: number, top: boolean, reversed: boolean, order: RowOrder): number {
    const { D, H } = this;
    if (!from || (D === 1 && (!top || order.direct))) return from;
    const half = slots.get("dOutput", this.#bytes(order.M * H));
    const [own, other] = top ? [order.order, order.orderReversed] : [0, order.reverse];
    const column = reversed ? this.#bytes(H) : 0;
    work.push(() =>
      this.#kernels.gatherRows({ dst: half, ldd: H, src: from + column, lds: D * H, index: reversed ? other : own, M: order.M, width: H }),
    );
    return half;
  }

  /** The descriptor's fields of a cell's state gradients, in the order of rows. */
  stateGradients(slots: Slots, work: (() => void)[], k: number, end: { h: number; c: number }, { N, sorted }: RowOrder) {
    const { H } = this;
    const at = this.#bytes(k * N * H);
    const take = (name: string) => slots.get(name, this.#bytes(N * H));
    const ordered = (name: string, from: number) => {
      if (!from) return 0;
      if (!sorted) return from + at;
      const to = take(name);
      work.push(() => this.#kernels.gatherRows({ dst: to, ldd: H, src: from + at, lds: H, index: sorted, M: N, width: H }));
      return to;
    };
    return {
      dLast: ordered("dLast", end.h),
      dcLast: this.hasCell ? ordered("dcLast", end.c) : 0,
      da0: take("da0"),
      dc0: this.hasCell ? take("dc0 ordered") : 0,
    };
  }

  /** [N,H] from the order of rows to that of the sequences. */
  unsorted(to: number, from: number, { N, place }: RowOrder): void {
    this.#kernels.gatherRows({ dst: to, ldd: this.H, src: from, lds: this.H, index: place, M: N, width: this.H });
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
