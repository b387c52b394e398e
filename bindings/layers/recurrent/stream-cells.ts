/** The cells of a recurrent stream: where the state of all rows lies, and how all or some of them go a step. */
import type { Buffers } from "../../buffers.js";
import { type SequenceFields, writeSequence } from "../../kernels.js";
import type { ParameterBlock } from "../../parameters.js";
import type { Runtime } from "../../runtime.js";
import { bytesPer, type FloatType, type WeightStorage } from "../../tensor.js";
import { LiveView } from "../live-view.js";
import { ROWS_AT_ONCE, RowMove, rowsAtOnce } from "../stream-rows.js";
import type { CellKind, StateAddresses } from "./cell-kind.js";
import { fieldsOf } from "./descriptors.js";
import type { Cell, PackedWeights } from "./packed.js";

/** @internal What a stream needs of its layer. */
export interface StreamedLayer {
  readonly runtime: Runtime;
  readonly block: ParameterBlock;
  readonly dtype: FloatType;
  readonly storage: WeightStorage;
  readonly kind: CellKind;
  readonly packed: PackedWeights;
  readonly inputSize: number;
  readonly residual: boolean;
}

/** A cell and the rows at work. */
interface CellAtWork {
  /** Its descriptor, and the same as numbers. */
  readonly sequence: number;
  readonly fields: LiveView;
  /** Address of h before the step; h after it follows. */
  readonly a: number;
  /** Of h, then of the other parts of the state. */
  readonly moves: readonly RowMove[];
}

/**
 * @internal Two ways to the same bits. In place, for few rows that all go a step: one kernel call a cell. At work, for any rows: gathered,
 * computed, put back. A stream of many rows knows only this one, and so takes scratch for few.
 */
export class StreamCells {
  /** Addresses of the parts of each cell's state, [N,size]. */
  readonly states: StateAddresses[] = [];
  /** Addresses of all rows [N,I] and [N,P]. */
  readonly input: number;
  readonly output: number;
  /** Addresses of the rows at work; the second moves with their count. */
  readonly workInput: number = 0;
  workOutput = 0;
  readonly #layer: StreamedLayer;
  readonly #rows: number;
  readonly #outputRow: number;
  /** Descriptors; none where there are too many rows. */
  readonly #inPlace: number[] = [];
  readonly #atWork: CellAtWork[] = [];
  /** Of a kernel call, made once. */
  readonly #sum = { y: 0, x: 0, n: 0 };

  /** @throws {MemoryError} */
  constructor(layer: StreamedLayer, buffers: Buffers, N: number) {
    const { packed, kind, inputSize: I } = layer;
    this.#layer = { ...layer }; // as it is now: it may be stored otherwise later
    this.#rows = N;
    this.#outputRow = kind.P * bytesPer(layer.dtype);
    const take = (name: string, elements: number) => buffers.get(name, elements * bytesPer(layer.dtype));
    const fits = N <= ROWS_AT_ONCE;
    this.input = take("x", N * I);
    let below = this.input;
    for (const l of packed.cells.keys()) {
      const states = kind.states.map(({ name, size }, i) => take(`${name}${l}`, (fits && i === 0 ? 2 : 1) * N * size));
      this.states.push(states);
      if (!fits) continue;
      this.#inPlace.push(this.#sequence(buffers, "in place", l, states, { N, M: N, x: below, carry: 1 }));
      below = (states[0] as number) + N * this.#outputRow;
    }
    this.output = fits ? below : take("output", N * kind.P);
    if (N === 1) return; // it goes a step or it does not
    const some = rowsAtOnce(N);
    this.workInput = take("x at work", some * I);
    for (const l of packed.cells.keys()) {
      const at = kind.states.map(({ name, size }, i) =>
        i === 0 ? take(`h at work ${l % 2}`, 2 * some * size) : take(`${name} at work`, some * size),
      ); // what the cell below gave is read meanwhile
      const sequence = this.#sequence(buffers, "at work", l, at, { N: some, carry: 0 });
      const all = this.states[l] as StateAddresses;
      this.#atWork.push({
        ...{ sequence, a: at[0] as number },
        moves: kind.states.map(({ size }, i) => new RowMove(layer.runtime, layer.dtype, all[i] as number, at[i] as number, size)),
        fields: new LiveView(layer.runtime, "i32", sequence, layer.runtime.sequence.size / 4, this),
      });
    }
  }

  /** Whether all rows can go a step in place. */
  get inPlace(): boolean {
    return this.#inPlace.length > 0;
  }

  /** One step of all rows, in place. */
  step(): void {
    const { kind, runtime, storage, packed } = this.#layer;
    packed.packForward();
    let below = 0;
    for (let l = 0; l < this.#inPlace.length; l++) {
      kind.forward(runtime, storage, this.#inPlace[l] as number);
      below = this.#given((this.states[l] as StateAddresses)[0] as number, below, this.#rows);
    }
  }

  /** One step of the rows at work. */
  stepRows(table: number, count: number): void {
    const { kind, runtime, storage, packed } = this.#layer;
    packed.packForward();
    const { offsets } = runtime.sequence;
    let below = 0;
    for (let l = 0; l < this.#atWork.length; l++) {
      const { sequence, fields, a, moves } = this.#atWork[l] as CellAtWork;
      const words = fields.get();
      words[offsets.N >> 2] = count;
      words[offsets.M >> 2] = count;
      words[offsets.x >> 2] = below || this.workInput;
      for (let i = 0; i < moves.length; i++) moves[i]?.gather(table, count);
      kind.forward(runtime, storage, sequence);
      for (let i = 0; i < moves.length; i++) moves[i]?.scatter(table, count, i === 0 ? a + count * this.#outputRow : undefined);
      below = this.#given(a, below, count);
    }
    this.workOutput = below;
  }

  /** Address of what a cell gives: h after the step, or with it what the cell has read, once h is kept elsewhere. @param a address of h before it */
  #given(a: number, below: number, rows: number): number {
    const { residual, runtime, dtype, kind } = this.#layer;
    const y = a + rows * this.#outputRow;
    if (!residual || below === 0) return y;
    this.#sum.y = y;
    this.#sum.x = below;
    this.#sum.n = rows * kind.P;
    runtime.kernels(dtype).addTo(this.#sum);
    return y;
  }

  /** A cell's descriptor for so many rows, with its scratch. */
  #sequence(buffers: Buffers, way: string, l: number, states: StateAddresses, fields: SequenceFields & { N: number }): number {
    const { packed, kind, runtime, dtype } = this.#layer;
    const { N } = fields;
    const { padded } = runtime.kernels(dtype);
    const extent = { M: N, chunkRows: N, N, Hp: padded(kind.H), Pp: padded(kind.P) };
    const scratch = Object.entries(kind.scratch(extent)).map(([name, n]) => [name, buffers.get(name, n * bytesPer(dtype))]);
    const ptr = buffers.get(`sequence ${way} ${l}`, runtime.sequence.size);
    writeSequence(runtime.memory, runtime.sequence, ptr, {
      ...fieldsOf(kind, states),
      ...{ T: 1, I: (packed.cells[l] as Cell).I, chunk: 1, tape: 0, rows: 0 },
      ...fields,
      ...Object.fromEntries(scratch),
      ...packed.forward(l),
    });
    return ptr;
  }
}
