import type { Kernels } from "../../kernels.js";

/** @internal Gates that are packed, multiplied and stored together. The GRU's n stands apart from r and z (assembly/layout.ts). */
export interface GateGroup {
  /** Place of its first gate in PyTorch's order. */
  readonly first: number;
  readonly gates: number;
  /** Whether the biases of x and of h are added at different places. */
  readonly twoBiases: boolean;
  /** Names of its fields in the descriptor. */
  readonly fields: {
    readonly weights: "weights" | "weightsN";
    readonly bias: "bias" | "biasN";
    readonly weightsHT: "weightsHT" | "weightsNHT";
    readonly weightsXT: "weightsXT" | "weightsNXT";
  };
}

/** @internal How much a pass works on. */
export interface Extent {
  /** Rows of all steps, of the steps whose input product is taken at once, and of one step. */
  readonly M: number;
  readonly chunkRows: number;
  readonly N: number;
  readonly H: number;
  /** H rounded up to whole panels. */
  readonly Hp: number;
}

/** @internal What distinguishes one kind of cell from another. */
export interface CellKind {
  readonly name: string;
  /** Stacked gates. */
  readonly gates: number;
  /** Whether there is a cell state c beside h. */
  readonly hasCell: boolean;
  /** The descriptor's field of that name. */
  readonly variant: 0 | 1;
  readonly groups: readonly GateGroup[];
  /** Elements of the buffers that a forward fills for its backward. */
  tape(extent: Extent): Partial<Record<"gates" | "n" | "m", number>>;
  /** Elements of what a forward needs beside its tape, or in its place. */
  scratch(extent: Extent): Partial<Record<"gates" | "n" | "m", number>>;
  /** Elements of the scratch of a backward. */
  backwardScratch(extent: Extent): Partial<Record<"dz" | "dn" | "dm" | "da" | "dc", number>>;
  forward(kernels: Kernels, sequence: number): void;
  backward(kernels: Kernels, sequence: number): void;
}

/** @internal The group of all gates of a cell that sums both products in one chain. */
export function mainGroup(gates: number): GateGroup {
  const fields = { weights: "weights", bias: "bias", weightsHT: "weightsHT", weightsXT: "weightsXT" } as const;
  return { first: 0, gates, twoBiases: false, fields };
}
