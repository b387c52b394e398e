/** The packed copies of a recurrent layer's weights: made again when the parameters' version has moved. */
import type { Buffers } from "../buffers.js";
import type { ParameterBlock } from "../parameters.js";
import { bytesPer, type FloatArray, type WeightStorage, zerosOf } from "../tensor.js";

/** PyTorch's names and shapes, in its order. */
export function recurrentShapes(G: number, I: number, H: number, L: number, bias: boolean): Record<string, number[]> {
  const shapes: Record<string, number[]> = {};
  for (let layer = 0; layer < L; layer++) {
    shapes[`weight_ih_l${layer}`] = [G * H, layer === 0 ? I : H];
    shapes[`weight_hh_l${layer}`] = [G * H, H];
    if (!bias) continue;
    shapes[`bias_ih_l${layer}`] = [G * H];
    shapes[`bias_hh_l${layer}`] = [G * H];
  }
  return shapes;
}

export class PackedWeights {
  /** Gate columns, G·Hp. */
  readonly width: number;
  #forwardVersion = 0;
  #backwardVersion = 0;

  constructor(
    private readonly block: ParameterBlock,
    private readonly buffers: Buffers,
    private readonly G: number,
    private readonly I: number,
    private readonly H: number,
    private readonly L: number,
    private readonly bias: boolean,
    /** How the forward weights are stored. */
    private readonly storage: WeightStorage,
  ) {
    this.width = G * this.#kernels.padded(H);
  }

  /** Input features of a layer. */
  inputOf(layer: number): number {
    return layer === 0 ? this.I : this.H;
  }

  /** Brings the forward's copies up to date; costs a comparison when they are. */
  packForward(): void {
    if (this.#forwardVersion === this.block.version) return;
    const { G, H } = this;
    for (let layer = 0; layer < this.L; layer++) {
      const I = this.inputOf(layer);
      const { weights, bias } = this.forward(layer);
      const at = this.#offsets(layer);
      this.#kernels.packForward(weights, this.block.pointer(at.ih), G, H, I, 0, I + H);
      this.#kernels.packForward(weights, this.block.pointer(at.hh), G, H, H, I, I + H);
      this.#kernels.packBias(bias, this.bias ? this.block.pointer(at.bih) : 0, this.bias ? this.block.pointer(at.bhh) : 0, G, H);
    }
    this.#forwardVersion = this.block.version;
  }

  /** The same for the backward's. */
  packBackward(): void {
    if (this.#backwardVersion === this.block.version) return;
    const { G, H } = this;
    for (let layer = 0; layer < this.L; layer++) {
      const { weightsHT, weightsXT } = this.backward(layer);
      const at = this.#offsets(layer);
      this.#kernels.packBackward(weightsHT, this.block.pointer(at.hh), G, H, H, 0);
      this.#kernels.packBackward(weightsXT, this.block.pointer(at.ih), G, H, this.inputOf(layer), 0);
    }
    this.#backwardVersion = this.block.version;
  }

  /** Addresses of a layer's packed forward weights and fused bias. */
  forward(layer: number): { weights: number; bias: number } {
    return {
      weights: this.#get(`weights${layer}`, this.width * (this.inputOf(layer) + this.H), this.storage),
      bias: this.#get(`bias${layer}`, this.width),
    };
  }

  /** Addresses of a layer's packed backward weights. */
  backward(layer: number): { weightsHT: number; weightsXT: number } {
    return {
      weightsHT: this.#get(`weightsHT${layer}`, this.width * this.#kernels.padded(this.H)),
      weightsXT: this.#get(`weightsXT${layer}`, this.width * this.#kernels.padded(this.inputOf(layer))),
    };
  }

  /** Addresses of a layer's gradients, canonical. */
  gradients(layer: number): { dWx: number; dWa: number; dbx: number; dba: number } {
    const at = this.#offsets(layer);
    return {
      dWx: this.block.gradient(at.ih),
      dWa: this.block.gradient(at.hh),
      dbx: this.bias ? this.block.gradient(at.bih) : 0,
      dba: this.bias ? this.block.gradient(at.bhh) : 0,
    };
  }

  /** [rows,W] in gate layout to [rows,G,H]. */
  gatesToCanonical(gates: FloatArray, rows: number): FloatArray {
    const canonical = zerosOf(this.block.dtype, rows * this.G * this.H) as FloatArray;
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
    const { G, H } = this;
    const P = this.#kernels.padded(1);
    for (let row = 0; row < rows; row++) {
      for (let g = 0; g < G; g++) {
        for (let h = 0; h < H; h++) visit(row * this.width + (h - (h % P)) * G + g * P + (h % P), (row * G + g) * H + h);
      }
    }
  }

  /** First elements of a layer's arrays in the block. */
  #offsets(layer: number): { ih: number; hh: number; bih: number; bhh: number } {
    const { G, I, H } = this;
    const rest = G * H * H + (this.bias ? 2 * G * H : 0);
    const ih = layer === 0 ? 0 : G * H * I + rest + (layer - 1) * (G * H * H + rest);
    const hh = ih + G * H * this.inputOf(layer);
    const bih = hh + G * H * H;
    return { ih, hh, bih, bhh: bih + G * H };
  }

  #get(name: string, elements: number, storage: WeightStorage = this.block.dtype): number {
    return this.buffers.get(name, elements * (storage === "bf16" ? 2 : bytesPer(storage)));
  }

  get #kernels() {
    return this.block.runtime.kernels(this.storage);
  }
}
