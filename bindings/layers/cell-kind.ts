import type { Kernels } from "../kernels.js";

/** @internal What distinguishes one kind of cell from another. */
export interface CellKind {
  readonly name: string;
  /** Stacked gates. */
  readonly gates: number;
  /** Whether there is a cell state c beside h. */
  readonly hasCell: boolean;
  forward(kernels: Kernels, sequence: number): void;
  backward(kernels: Kernels, sequence: number): void;
}
