/** The descriptors of a recurrent layer's passes (assembly/layout.ts), with the buffers they point to. */
import type { Slots } from "../../graph/slots.js";
import { type SequenceFields, writeSequence } from "../../kernels.js";
import type { Runtime } from "../../runtime.js";
import { bytesPer, type FloatType } from "../../tensor.js";
import type { Tape } from "../tape.js";
import type { CellKind, Extent, StateAddresses } from "./cell-kind.js";
import type { Cell, PackedWeights } from "./packed.js";
import type { RowOrder } from "./row-order.js";

/** Bytes of pre-activations whose input product is taken at once: they should still lie in L2 when their step comes. */
const CHUNK_BYTES = 256 * 1024;

/** @internal What the descriptor says of a cell, whatever the pass. @param at where its states lie */
export function fieldsOf({ H, P, K, constants, states }: CellKind, at: StateAddresses): SequenceFields {
  return { H, P, K, ...constants, ...Object.fromEntries(states.map(({ fields }, i) => [fields.states, at[i]])) };
}

/** @internal For one layer. */
export class Descriptors {
  constructor(
    readonly runtime: Runtime,
    readonly dtype: FloatType,
    readonly kind: CellKind,
    readonly packed: PackedWeights,
  ) {}

  #extent({ N, M, T }: RowOrder): Extent & { chunk: number } {
    const step = N * this.packed.width;
    const chunk = Math.min(T, Math.max(1, Math.floor(CHUNK_BYTES / this.#bytes(step))));
    return { M, N, chunk, chunkRows: chunk * N, Hp: this.#kernels.padded(this.kind.H), Pp: this.#kernels.padded(this.kind.P) };
  }

  /** Buffers and descriptor of one cell's forward. */
  forward(tape: Tape, k: number, order: RowOrder, record: boolean, x: number): { ptr: number; states: StateAddresses } {
    const { kind, packed } = this;
    const { memory, sequence } = this.runtime;
    const { T, N, M, rows } = order;
    const { chunk, ...extent } = this.#extent(order);
    const take = (name: string, elements: number) => tape.slots.get(name, this.#bytes(elements));
    const states = kind.states.map(({ size, fields }, i) => take(`${fields.states}${k}`, (i === 0 || record ? N + M : N) * size));
    const kept = record ? kind.tape(extent) : {};
    const buffers = { ...kind.scratch(extent), ...kept };
    const taken = Object.entries(buffers).map(([name, elements]) => [name, take(name in kept ? `${name}${k}` : name, elements)]);
    const ptr = tape.slots.get(`sequence${k}`, sequence.size);
    const { I } = packed.cells[k] as Cell;
    writeSequence(memory, sequence, ptr, {
      ...fieldsOf(kind, states),
      ...{ T, N, I, M, chunk, tape: record ? 1 : 0, carry: 0, rows, x },
      ...Object.fromEntries(taken),
      ...packed.forward(k),
    });
    return { ptr, states };
  }

  /** Buffers and descriptor of one cell's backward, over what the forward left. `learns`: the parameters' gradients are wanted. */
  backward(tape: Tape, slots: Slots, k: number, order: RowOrder, fields: SequenceFields, learns: boolean): number {
    const { kind, packed } = this;
    const { memory, sequence } = this.runtime;
    const ptr = tape.slots.get(`sequence${k}`, sequence.size);
    const taken = Object.entries(kind.backwardScratch(this.#extent(order))).map(([name, elements]) => [
      name,
      slots.get(name, this.#bytes(elements)),
    ]);
    writeSequence(memory, sequence, ptr, {
      ...fields,
      ...Object.fromEntries(taken),
      ...packed.backward(k),
      ...(learns ? this.#learning(slots, order) : { aPrev: 0, scratch: 0 }),
      ...packed.gradients(k, learns),
    });
    return ptr;
  }

  /** What the gradients of a cell's parameters are made with. */
  #learning(slots: Slots, order: RowOrder): SequenceFields {
    const { kind, packed } = this;
    const widest = Math.max(kind.H, ...packed.cells.map(({ I }) => I));
    const scratch = this.#kernels.gemmTransposedScratch({ width: packed.width, K: order.M, cols: widest }); // for every cell
    return {
      aPrev: order.rows ? slots.get("aPrev", this.#bytes(order.M * kind.K)) : 0,
      scratch: slots.get("scratch", this.#bytes(scratch)),
    };
  }

  get #kernels() {
    return this.runtime.kernels(this.dtype);
  }

  #bytes(n: number): number {
    return n * bytesPer(this.dtype);
  }
}
