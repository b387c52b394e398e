/** The packed copies of a recurrent layer's weights: made again when the parameters' version has moved. */
import type { Buffers } from "../../buffers.js";
import type { SequenceFields } from "../../kernels.js";
import type { ParameterBlock } from "../../parameters.js";
import { bytesPer, type FloatArray, type WeightStorage, zerosOf } from "../../tensor.js";
import type { CellKind } from "./cell-kind.js";

/** @internal One cell of a layer: a direction of one of its stacked layers. */
export interface Cell {
  /** Ends its parameters' names: "l0", "l0_reverse". */
  readonly suffix: string;
  /** Input features. */
  readonly I: number;
}

/** The cells in PyTorch's order: each layer's directions beside one another. */
export function cellsOf(I: number, H: number, L: number, directions: 1 | 2): Cell[] {
  return Array.from({ length: L * directions }, (_, k) => {
    const layer = Math.floor(k / directions);
    return { suffix: `l${layer}${k % directions ? "_reverse" : ""}`, I: layer === 0 ? I : directions * H };
  });
}

/** PyTorch's names and shapes, in its order. */
export function recurrentShapes(G: number, cells: readonly Cell[], H: number, bias: boolean): Record<string, number[]> {
  const shapes: Record<string, number[]> = {};
  for (const { suffix, I } of cells) {
    shapes[`weight_ih_${suffix}`] = [G * H, I];
    shapes[`weight_hh_${suffix}`] = [G * H, H];
    if (!bias) continue;
    shapes[`bias_ih_${suffix}`] = [G * H];
    shapes[`bias_hh_${suffix}`] = [G * H];
  }
  return shapes;
}

export class PackedWeights {
  #forwardVersion = 0;
  #backwardVersion = 0;

  constructor(
    readonly block: ParameterBlock,
    readonly buffers: Buffers,
    readonly kind: CellKind,
    readonly cells: readonly Cell[],
    readonly H: number,
    /** How the forward weights are stored. */
    readonly storage: WeightStorage,
  ) {}

  /** Gate columns of the first group, padded. */
  get width(): number {
    return (this.kind.groups[0]?.gates as number) * this.#kernels.padded(this.H);
  }

  /** Brings the forward's copies up to date; costs a comparison when they are. */
  packForward(): void {
    if (this.#forwardVersion === this.block.version) return;
    const { H } = this;
    for (const [k, { I }] of this.cells.entries()) {
      const to = this.forward(k);
      for (const { first, gates, twoBiases, fields } of this.kind.groups) {
        const weights = to[fields.weights] as number;
        this.#kernels.packForward({
          dst: weights,
          w: this.#value(k, "weight_ih", first * H * I),
          G: gates,
          H,
          K: I,
          firstRow: 0,
          rows: I + H,
        });
        this.#kernels.packForward({
          dst: weights,
          w: this.#value(k, "weight_hh", first * H * H),
          G: gates,
          H,
          K: H,
          firstRow: I,
          rows: I + H,
        });
        const [bx, ba] = [this.#value(k, "bias_ih", first * H), this.#value(k, "bias_hh", first * H)];
        this.#kernels.packBias({ dst: to[fields.bias] as number, bx, ba: twoBiases ? 0 : ba, G: gates, H });
        if (twoBiases) this.#kernels.packBias({ dst: to.biasHN as number, bx: 0, ba, G: gates, H });
      }
    }
    this.#forwardVersion = this.block.version;
  }

  /** The same for the backward's. */
  packBackward(): void {
    if (this.#backwardVersion === this.block.version) return;
    const { H } = this;
    for (const [k, { I }] of this.cells.entries()) {
      const to = this.backward(k);
      for (const { first, gates, fields } of this.kind.groups) {
        this.#kernels.packBackward({
          dst: to[fields.weightsHT] as number,
          w: this.#value(k, "weight_hh", first * H * H),
          G: gates,
          H,
          cols: H,
          exact: 0,
        });
        this.#kernels.packBackward({
          dst: to[fields.weightsXT] as number,
          w: this.#value(k, "weight_ih", first * H * I),
          G: gates,
          H,
          cols: I,
          exact: 0,
        });
      }
    }
    this.#backwardVersion = this.block.version;
  }

  /** Addresses of a cell's packed forward weights and biases. */
  forward(k: number): SequenceFields {
    const { I } = this.cells[k] as Cell;
    const to: SequenceFields = {};
    for (const { gates, twoBiases, fields } of this.kind.groups) {
      const width = gates * this.#kernels.padded(this.H);
      to[fields.weights] = this.#get(`${fields.weights}${k}`, width * (I + this.H), this.storage);
      to[fields.bias] = this.#get(`${fields.bias}${k}`, width);
      if (twoBiases) to.biasHN = this.#get(`biasHN${k}`, width);
    }
    return to;
  }

  /** Addresses of a cell's packed backward weights. */
  backward(k: number): SequenceFields {
    const { I } = this.cells[k] as Cell;
    const to: SequenceFields = {};
    for (const { gates, fields } of this.kind.groups) {
      const width = gates * this.#kernels.padded(this.H);
      to[fields.weightsHT] = this.#get(`${fields.weightsHT}${k}`, width * this.#kernels.padded(this.H));
      to[fields.weightsXT] = this.#get(`${fields.weightsXT}${k}`, width * this.#kernels.padded(I));
    }
    return to;
  }

  /** Addresses of a cell's gradients, canonical. */
  gradients(k: number): SequenceFields {
    const { suffix } = this.cells[k] as Cell;
    const at = (name: string) => {
      const offset = this.block.offsetOf(`${name}_${suffix}`);
      return offset === undefined ? 0 : this.block.gradient(offset);
    };
    return { dWx: at("weight_ih"), dWa: at("weight_hh"), dbx: at("bias_ih"), dba: at("bias_hh") };
  }

  /** [rows,W] in gate layout to [rows,G,H]. */
  gatesToCanonical(gates: FloatArray, rows: number): FloatArray {
    const canonical = zerosOf(this.block.dtype, rows * this.kind.gates * this.H) as FloatArray;
    this.#eachGate(rows, (packed, plain) => {
      canonical[plain] = gates[packed];
    });
    return canonical;
  }

  /** [rows,G,H] to [rows,W] in gate layout, zero beyond H. */
  gatesFromCanonical(canonical: FloatArray, rows: number): FloatArray {
    const gates = zerosOf(this.block.dtype, rows * this.width) as FloatArray;
    this.#eachGate(rows, (packed, plain) => {
      gates[packed] = canonical[plain];
    });
    return gates;
  }

  /** Pairs of positions, in gate layout (assembly/layout.ts) and in [rows,G,H]. */
  #eachGate(rows: number, visit: (packed: number, plain: number) => void): void {
    const { H } = this;
    const G = this.kind.gates;
    const P = this.#kernels.padded(1);
    for (let row = 0; row < rows; row++) {
      for (let g = 0; g < G; g++) {
        for (let h = 0; h < H; h++) visit(row * this.width + (h - (h % P)) * G + g * P + (h % P), (row * G + g) * H + h);
      }
    }
  }

  /** Address of a cell's values from an element on; 0 where it has no such parameter. */
  #value(k: number, name: string, element: number): number {
    const offset = this.block.offsetOf(`${name}_${(this.cells[k] as Cell).suffix}`);
    return offset === undefined ? 0 : this.block.pointer(offset + element);
  }

  #get(name: string, elements: number, storage: WeightStorage = this.block.dtype): number {
    return this.buffers.get(name, elements * (storage === "bf16" ? 2 : bytesPer(storage)));
  }

  get #kernels() {
    return this.block.runtime.kernels(this.storage);
  }
}
