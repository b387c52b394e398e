/** The cells of a recurrent stream: where the state of all rows lies, and how all or some of them go a step. */
import type { Buffers } from "../../buffers.js";
import { type SequenceFields, writeSequence } from "../../kernels.js";
import type { ParameterBlock } from "../../parameters.js";
import type { Runtime } from "../../runtime.js";
import { bytesPer, type FloatType, type WeightStorage } from "../../tensor.js";
import { LiveView } from "../live-view.js";
import { ROWS_AT_ONCE, RowMove, rowsAtOnce } from "../stream-rows.js";
import type { CellKind } from "./cell-kind.js";
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
  readonly hiddenSize: number;
}

/** A cell and the rows at work. */
interface CellAtWork {
  /** Its descriptor, and the same as numbers. */
  readonly sequence: number;
  readonly fields: LiveView;
  /** Address of h before the step; h after it follows. */
  readonly a: number;
  readonly moveH: RowMove;
  readonly moveC: RowMove | undefined;
}

/**
 * @internal Two ways to the same bits. In place, for few rows that all go a step: one kernel call a cell. At work, for any rows: gathered,
 * computed, put back. A stream of many rows knows only this one, and so takes scratch for few.
 */
export class StreamCells {
  /** Addresses of the state [N,H] of each cell. */
  readonly h: number[] = [];
  readonly c: number[] = [];
  /** Addresses of all rows [N,I] and [N,H]. */
  readonly input: number;
  readonly output: number;
  /** Addresses of the rows at work; the second moves with their count. */
  readonly workInput: number = 0;
  workOutput = 0;
  readonly #layer: StreamedLayer;
  readonly #stateRow: number;
  /** Descriptors; none where there are too many rows. */
  readonly #inPlace: number[] = [];
  readonly #atWork: CellAtWork[] = [];

  /** @throws {MemoryError} */
  constructor(layer: StreamedLayer, buffers: Buffers, N: number) {
    const { packed, kind, hiddenSize: H, inputSize: I } = layer;
    this.#layer = layer;
    this.#stateRow = H * bytesPer(layer.dtype);
    const take = (name: string, elements: number) => buffers.get(name, elements * bytesPer(layer.dtype));
    const fits = N <= ROWS_AT_ONCE;
    this.input = take("x", N * I);
    let below = this.input;
    for (const l of packed.cells.keys()) {
      const a = take(`a${l}`, (fits ? 2 : 1) * N * H);
      const c = kind.hasCell ? take(`c${l}`, N * H) : 0;
      this.h.push(a);
      if (kind.hasCell) this.c.push(c);
      if (!fits) continue;
      this.#inPlace.push(this.#sequence(buffers, "in place", l, { N, M: N, x: below, a, c, carry: 1 }));
      below = a + N * this.#stateRow;
    }
    this.output = fits ? below : take("output", N * H);
    if (N === 1) return; // it goes a step or it does not
    const some = rowsAtOnce(N);
    this.workInput = take("x at work", some * I);
    for (const l of packed.cells.keys()) {
      const a = take(`a at work ${l % 2}`, 2 * some * H); // what the cell below gave is read meanwhile
      const c = kind.hasCell ? take("c at work", some * H) : 0;
      const sequence = this.#sequence(buffers, "at work", l, { N: some, a, c, carry: 0 });
      const move = (all: number, at: number) => new RowMove(layer.runtime, layer.dtype, all, at, H);
      this.#atWork.push({
        ...{ sequence, a, moveH: move(this.h[l] as number, a), moveC: kind.hasCell ? move(this.c[l] as number, c) : undefined },
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
    const kernels = runtime.kernels(storage);
    for (let l = 0; l < this.#inPlace.length; l++) kind.forward(kernels, this.#inPlace[l] as number);
  }

  /** One step of the rows at work. */
  stepRows(table: number, count: number): void {
    const { kind, runtime, storage, packed } = this.#layer;
    packed.packForward();
    const kernels = runtime.kernels(storage);
    const { offsets } = runtime.sequence;
    let below = this.workInput;
    for (let l = 0; l < this.#atWork.length; l++) {
      const { sequence, fields, a, moveH, moveC } = this.#atWork[l] as CellAtWork;
      const words = fields.get();
      words[offsets.N >> 2] = count;
      words[offsets.M >> 2] = count;
      words[offsets.x >> 2] = below;
      moveH.gather(table, count);
      moveC?.gather(table, count);
      kind.forward(kernels, sequence);
      below = a + count * this.#stateRow;
      moveH.scatter(table, count, below);
      moveC?.scatter(table, count);
    }
    this.workOutput = below;
  }

  /** A cell's descriptor for so many rows, with its scratch. */
  #sequence(buffers: Buffers, way: string, l: number, fields: SequenceFields & { N: number }): number {
    const { packed, kind, hiddenSize: H, runtime, dtype } = this.#layer;
    const { N } = fields;
    const extent = { M: N, chunkRows: N, N, H, Hp: runtime.kernels(dtype).padded(H) };
    const scratch = Object.entries(kind.scratch(extent)).map(([name, n]) => [name, buffers.get(name, n * bytesPer(dtype))]);
    const ptr = buffers.get(`sequence ${way} ${l}`, runtime.sequence.size);
    writeSequence(runtime.memory, runtime.sequence, ptr, {
      ...{ T: 1, I: (packed.cells[l] as Cell).I, H, variant: kind.variant, chunk: 1, tape: 0, rows: 0 },
      ...fields,
      ...Object.fromEntries(scratch),
      ...packed.forward(l),
    });
    return ptr;
  }
}
