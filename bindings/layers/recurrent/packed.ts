/** The packed copies of a recurrent layer's weights: made again when the parameters' version has moved. */
import type { Buffers } from "../../buffers.js";
import type { SequenceFields } from "../../kernels.js";
import type { ParameterBlock } from "../../parameters.js";
import { storedBytes, storedRows, type WeightStorage } from "../../tensor.js";
import type { CellKind, GateGroup, StatePart } from "./cell-kind.js";

/** @internal One cell of a layer: a direction of one of its stacked layers. */
export interface Cell {
  /** Ends its parameters' names: "_l0", "_l0_reverse"; nothing, of a cell alone. */
  readonly suffix: string;
  /** Input features. */
  readonly I: number;
  /** Of its parameters, by their names without the suffix. */
  readonly shapes: ReturnType<CellKind["parameters"]>;
}

/** The cells in PyTorch's order: each layer's directions beside one another. */
export function cellsOf(
  I: number,
  kind: Pick<CellKind, "P" | "parameters" | "states">,
  L: number,
  directions: 1 | 2,
  learnedState: boolean,
): Cell[] {
  const initial = learnedState ? kind.states.map(({ name, size }) => [`${name}0`, [size]] as const) : [];
  return Array.from({ length: L * directions }, (_, k) => {
    const layer = Math.floor(k / directions);
    const features = layer === 0 ? I : directions * kind.P;
    return {
      suffix: `_l${layer}${k % directions ? "_reverse" : ""}`,
      I: features,
      shapes: { ...kind.parameters(features), ...Object.fromEntries(initial) },
    };
  });
}

/** All parameters of a layer, by their full names. */
export function recurrentShapes(cells: readonly Cell[], bias: boolean): Record<string, readonly number[]> {
  const named = cells.flatMap(({ suffix, shapes }) => Object.entries(shapes).map(([name, shape]) => [`${name}${suffix}`, shape] as const));
  return Object.fromEntries(named.filter(([name]) => bias || !name.startsWith("bias")));
}

export class PackedWeights {
  #forwardVersion = 0;
  #backwardVersion = 0;

  constructor(
    readonly block: ParameterBlock,
    readonly buffers: Buffers,
    readonly kind: CellKind,
    readonly cells: readonly Cell[],
    /** How the forward weights are stored. */
    readonly storage: WeightStorage,
  ) {}

  /** Gate columns of the first group, padded. */
  get width(): number {
    return this.#width(this.kind.groups[0] as GateGroup);
  }

  /** Brings the forward's copies up to date; costs a comparison when they are, and no closure, which would be garbage at every step of a stream. */
  packForward(): void {
    if (this.#forwardVersion === this.block.version) return;
    for (const k of this.cells.keys()) {
      const to = this.forward(k);
      for (const group of this.kind.groups) {
        const { first, gates: G, units: H } = group;
        const { parts, rows } = this.#parts(k, group);
        let firstRow = 0;
        for (const { name, K } of parts) {
          this.#kernels.packForward({ dst: to[group.weights] as number, w: this.#value(k, name, first * H * K), G, H, K, firstRow, rows });
          firstRow += storedRows(this.storage, K);
        }
        for (const [field, names] of Object.entries(group.biases)) {
          const dst = to[field as keyof SequenceFields] as number;
          this.#kernels.packBias({ dst, bx: this.#value(k, names[0], first * H), ba: this.#value(k, names[1], first * H), G, H });
        }
      }
    }
    this.#forwardVersion = this.block.version;
  }

  /** The same for the backward's. */
  packBackward(): void {
    if (this.#backwardVersion === this.block.version) return;
    for (const k of this.cells.keys()) {
      const to = this.backward(k);
      for (const group of this.kind.groups) {
        const { first, gates: G, units: H } = group;
        for (const { name, field, K } of this.#parts(k, group).parts) {
          this.#kernels.packBackward({ dst: to[field] as number, w: this.#value(k, name, first * H * K), G, H, cols: K, exact: 0 });
        }
      }
    }
    this.#backwardVersion = this.block.version;
  }

  /** Addresses of what a cell's forward reads: packed weights and biases, and parameters as they are. */
  forward(k: number): SequenceFields {
    const to: SequenceFields = {};
    for (const group of this.kind.groups) {
      to[group.weights] = this.#get(`${this.storage} ${group.weights}${k}`, this.#width(group) * this.#parts(k, group).rows, this.storage);
      for (const field of Object.keys(group.biases)) to[field as keyof SequenceFields] = this.#get(`${field}${k}`, this.#width(group));
    }
    for (const [name, field] of Object.entries(this.kind.read ?? {})) to[field] = this.#value(k, name, 0);
    return to;
  }

  /** Addresses of a cell's packed backward weights. */
  backward(k: number): SequenceFields {
    const to: SequenceFields = {};
    for (const group of this.kind.groups) {
      for (const { field, K } of this.#parts(k, group).parts) {
        to[field] = this.#get(`${field}${k}`, this.#width(group) * this.#kernels.padded(K));
      }
    }
    return to;
  }

  /** Addresses of a cell's gradients, canonical; 0 where they are not wanted. */
  gradients(k: number, learns: boolean): SequenceFields {
    const named = Object.entries(this.kind.gradients);
    return Object.fromEntries(named.map(([name, field]) => [field, learns ? this.gradient(k, name) : 0]));
  }

  /** Address of a parameter's gradient; 0 where the cell has no such parameter. */
  gradient(k: number, name: string): number {
    const offset = this.#offset(k, name);
    return offset === undefined ? 0 : this.block.gradient(offset);
  }

  /** Address of what is learned as a part of a cell's initial state; 0: nothing is. */
  initial(k: number, { name }: StatePart): number {
    return this.#value(k, `${name}0`, 0);
  }

  /** A group's parameters, each with its columns, and those of all. */
  #parts(k: number, { transposed }: GateGroup) {
    const { shapes } = this.cells[k] as Cell;
    const parts = Object.entries(transposed).map(([name, field]) => ({ name, field, K: shapes[name]?.[1] as number }));
    return { parts, rows: parts.reduce((sum, { K }) => sum + storedRows(this.storage, K), 0) };
  }

  /** Gate columns of a group, padded. */
  #width({ gates, units }: GateGroup): number {
    return gates * this.#kernels.padded(units);
  }

  #offset(k: number, name: string | undefined): number | undefined {
    return this.block.offsetOf(`${name}${(this.cells[k] as Cell).suffix}`);
  }

  /** Address of a cell's values from an element on; 0 where it has no such parameter. */
  #value(k: number, name: string | undefined, element: number): number {
    const offset = this.#offset(k, name);
    return offset === undefined ? 0 : this.block.pointer(offset + element);
  }

  #get(name: string, elements: number, storage: WeightStorage = this.block.dtype): number {
    return this.buffers.get(name, storedBytes(storage, elements));
  }

  get #kernels() {
    return this.block.runtime.kernels(this.storage);
  }
}
