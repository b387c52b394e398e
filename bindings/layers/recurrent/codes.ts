/** A recurrent cell whose weights are int8: its forward needs room for what its products read. */
import type { Int8 } from "../../runtime.js";
import type { CellKind } from "./cell-kind.js";
import type { Cell } from "./packed.js";

/** @internal The same cell with that scratch (assembly/layout.ts). */
export function withCodes(kind: CellKind, cells: readonly Cell[], { codeRow }: Int8): CellKind {
  const { H, P, K } = kind;
  const input = codeRow(Math.max(...cells.map(({ I }) => I)));
  const state = codeRow(Math.max(H, P, K));
  return {
    ...kind,
    scratch: (extent) => ({
      ...kind.scratch(extent),
      scratch: Math.max(extent.chunkRows * input, input + state, extent.N * state) / 4, // elements of f32
    }),
  };
}
