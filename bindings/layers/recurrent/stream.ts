/** A recurrent layer one step at a time: the state stays in linear memory, a step makes no garbage. */

import { Buffers } from "../../buffers.js";
import { checkData, checkIndex, checkOptions, show } from "../../checks.js";
import { Owner } from "../../dispose.js";
import { ArgumentError } from "../../errors.js";
import { writeSequence } from "../../kernels.js";
import type { ParameterBlock } from "../../parameters.js";
import type { Runtime } from "../../runtime.js";
import { bytesPer, type FloatArray, type FloatType, type WeightStorage, zerosOf } from "../../tensor.js";
import { LiveView } from "../live-view.js";
import type { CellKind } from "./cell-kind.js";
import type { PackedWeights } from "./packed.js";

/** Flat copies of h and, for an LSTM, c: [numLayers, N, H]. */
export interface StreamState {
  h: ArrayLike<number>;
  c?: ArrayLike<number>;
}

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

/** Made by `layer.stream()`. Follows changes of the layer's parameters. */
export class RecurrentStream<S extends StreamState> extends Owner {
  readonly #layer: StreamedLayer;
  readonly #buffers: Buffers;
  readonly #sequences: number[] = [];
  /** Per layer: slot 0 of h, the state that the next step begins with. */
  readonly #h: number[] = [];
  readonly #c: number[] = [];
  readonly #rows: number;
  readonly #stateSize: number;
  readonly #input: LiveView;
  readonly #output: LiveView;

  /** @internal Use `layer.stream()`. */
  constructor(layer: StreamedLayer, N: number) {
    const { runtime, packed, kind, hiddenSize: H } = layer;
    super("stream", layer.block);
    this.#layer = layer;
    this.#buffers = new Buffers(runtime.memory);
    this.#rows = N;
    this.#stateSize = N * H;
    const size = (elements: number) => elements * bytesPer(layer.dtype);
    try {
      const x = this.#buffers.get("x", size(N * layer.inputSize));
      let below = x;
      const extent = { M: N, chunkRows: N, N, H, Hp: runtime.kernels(layer.dtype).padded(H) };
      for (const [l, { I }] of packed.cells.entries()) {
        const scratch = Object.entries(kind.scratch(extent)).map(([name, elements]) => [name, this.#buffers.get(name, size(elements))]);
        const a = this.#buffers.get(`a${l}`, size(2 * N * H));
        const c = kind.hasCell ? this.#buffers.get(`c${l}`, size(N * H)) : 0;
        const ptr = this.#buffers.get(`sequence${l}`, runtime.sequence.size);
        writeSequence(runtime.memory, runtime.sequence, ptr, {
          ...{ T: 1, N, I, H, M: N, variant: kind.variant, chunk: 1, tape: 0, carry: 1, rows: 0, x: below, a, c },
          ...Object.fromEntries(scratch),
          ...packed.forward(l),
        });
        this.#sequences.push(ptr);
        this.#h.push(a);
        if (kind.hasCell) this.#c.push(c);
        below = a + size(N * H);
      }
      this.#input = new LiveView(runtime, layer.dtype, x, N * layer.inputSize);
      this.#output = new LiveView(runtime, layer.dtype, below, N * H);
    } catch (error) {
      this.#buffers.dispose();
      throw error;
    }
  }

  /** What the next step reads, [N, I] flat. Live: write into it. Read the property anew after anything that may allocate. */
  get input(): FloatArray {
    return this.#input.get();
  }

  /** What the last step gave, the top layer's h, [N, H] flat. Live: the next step overwrites it. */
  get output(): FloatArray {
    return this.#output.get();
  }

  /** One time step. @throws {DisposedError} after `dispose()` of the stream, its layer or the runtime */
  step(): void {
    this.assertAlive();
    const layer = this.#layer;
    layer.packed.packForward();
    const kernels = layer.runtime.kernels(layer.storage);
    for (let l = 0; l < this.#sequences.length; l++) layer.kind.forward(kernels, this.#sequences[l] as number);
  }

  /** Back to the zero state: all rows, or one. @throws {ArgumentError} when there is no such row @throws {DisposedError} */
  reset(row?: number): void {
    const [from, to] = row === undefined ? [0, this.#rows] : [checkIndex("row", row, this.#rows), row + 1];
    const H = this.#layer.hiddenSize;
    this.#each((view) => view.fill(0, from * H, to * H));
  }

  /** A copy of the state, as the next step will find it. */
  get state(): S {
    const parts: Record<string, FloatArray> = {};
    this.#each((view, name, l) => {
      parts[name] ??= zerosOf(this.#layer.dtype, this.#sequences.length * this.#stateSize) as FloatArray;
      parts[name].set(view, l * this.#stateSize);
    });
    return parts as unknown as S;
  }

  /** Takes a copy: all of it, or where it does not fit nothing. @throws {ShapeError} @throws {ArgumentError} @throws {DisposedError} */
  set state(state: StreamState) {
    this.accept(state, "state")();
  }

  /** @internal Checks a state and copies it; what is returned takes it, and does not fail. */
  accept(given: unknown, argument: string): () => void {
    this.assertAlive();
    if (typeof given !== "object" || given === null)
      throw new ArgumentError(argument, this.#c.length > 0 ? "{ h, c }" : "{ h }", show(given));
    const state = checkOptions(given as Partial<StreamState>, ["h", "c"], argument);
    const size = this.#stateSize;
    const read = (name: "h" | "c") => Float64Array.from(checkData(`${argument}.${name}`, state[name], this.#sequences.length * size));
    const parts = { h: read("h"), c: this.#c.length > 0 ? read("c") : undefined };
    return () => this.#each((view, name, l) => view.set((parts[name] as Float64Array).subarray(l * size, (l + 1) * size)));
  }

  /** @internal Row n of the state becomes what row rows[n] was; rows that are not named stay. */
  select(rows: readonly number[]): void {
    const H = this.#layer.hiddenSize;
    this.#each((view) => {
      const old = view.slice();
      for (const [n, row] of rows.entries()) view.set(old.subarray(row * H, (row + 1) * H), n * H);
    });
  }

  /** @internal */
  protected override release(): void {
    this.#buffers.dispose();
    this.#input.end();
    this.#output.end();
  }

  #each(visit: (view: FloatArray, name: "h" | "c", layer: number) => void): void {
    this.assertAlive();
    const { runtime, dtype } = this.#layer;
    for (const [l, ptr] of this.#h.entries()) visit(runtime.view(dtype, ptr, this.#stateSize) as FloatArray, "h", l);
    for (const [l, ptr] of this.#c.entries()) visit(runtime.view(dtype, ptr, this.#stateSize) as FloatArray, "c", l);
  }
}
