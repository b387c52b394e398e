/** Cells of operators over whole sequences: layer by layer upwards, in one direction or both. */
import type { Dims } from "../../layers/recurrent/core.js";
import type { Layout } from "../../layout.js";
import { mul } from "../../ops/binary.js";
import { concat, slice, stack } from "../../ops/move.js";
import { checkState, scan } from "../../ops/scan.js";
import type { Tensor } from "../../tensor.js";
import { type CellState, type CellSteps, checkSteps } from "./cell.js";
import { rowsOf } from "./operators.js";
import type { CellPass } from "./pass.js";
import { rowsInBatch, rowsInTime, rowsReversed } from "./rows.js";

/** @internal What a pass needs of its layer. */
export interface Stack {
  readonly L: number;
  readonly D: 1 | 2;
  readonly states: readonly string[];
  readonly batchFirst: boolean;
  /** Of what goes from layer to layer, while training. */
  readonly dropout: number;
  /** The k-th cell, for N sequences. */
  pass(k: number, N: number): CellPass;
  cell(pass: CellPass, x: Tensor): CellSteps;
}

/** @internal One pass. */
export interface StackRun {
  readonly x: Tensor;
  readonly dims: Dims;
  readonly lengths: readonly number[] | undefined;
  /** [L·D, N, H] each. */
  readonly start: CellState;
}

/** @internal @returns the output, laid out as x, and the final states as the start's */
export function runStack(layer: Stack, { x, dims, lengths, start }: StackRun): { output: Tensor; state: CellState } {
  const { L, D, states, dropout } = layer;
  const { T, N, batched } = dims;
  const layout: Layout = { T, N, batchFirst: batched && layer.batchFirst };
  const reverse = D === 2 ? rowsReversed(layout, lengths) : undefined;
  const turned = (x: Tensor) => rowsOf(x, { shape: x.shape, index: reverse });
  const ends: CellState[] = [];
  let below = rowsOf(x, { shape: [T, N, x.shape.at(-1) as number], index: rowsInTime(layout, lengths) });
  for (let l = 0; l < L; l++) {
    const outs: Tensor[] = [];
    for (let k = l * D; k < (l + 1) * D; k++) {
      const pass = layer.pass(k, N);
      if (l > 0 && k % D === 0 && pass.training && dropout > 0) below = mul(below, pass.dropped(below.shape, dropout));
      const isReversed = k % D === 1;
      const own = isReversed ? turned(below) : below;
      const steps = checkSteps(layer.cell(pass, own), own);
      const body = (x: Tensor, state: CellState) => {
        const next = steps.step(x, state);
        return { output: next.h, state: next };
      };
      const begin = named(states, (name) => startOf(start[name] as Tensor, k, N));
      const { output, state } = scan(body, steps.x, begin, { lengths });
      outs.push(isReversed ? turned(output) : output);
      ends.push(state);
    }
    below = D === 2 ? concat(outs, -1) : (outs[0] as Tensor);
  }
  return { output: laidOut(below, dims, layer.batchFirst), state: named(states, (name) => stacked(ends, name, start)) };
}

/** @internal One step of all cells. @param before states of all cells, cell by cell, [N, H] each @returns the output, and the states after it */
export function stepStack(layer: Stack, x: Tensor, before: readonly Tensor[]): { output: Tensor; state: Tensor[] } {
  const { L, states } = layer;
  const after: Tensor[] = [];
  let below = x;
  for (let l = 0; l < L; l++) {
    const state = named(states, (_, s) => before[l * states.length + s] as Tensor);
    const steps = checkSteps(layer.cell(layer.pass(l, x.shape[0] as number), below), below);
    const next = checkState("state of the step", steps.step(steps.x, state), state);
    for (const name of states) after.push(next[name] as Tensor);
    below = next.h;
  }
  return { output: below, state: after };
}

/** @internal */
export function named(names: readonly string[], of: (name: string, i: number) => Tensor): CellState {
  return Object.fromEntries(names.map((name, i) => [name, of(name, i)])) as unknown as CellState;
}

/** [N, H] of the k-th cell. */
function startOf(all: Tensor, k: number, N: number): Tensor {
  return rowsOf(slice(all, [[k, k + 1]]), { shape: [N, all.shape.at(-1) as number] });
}

/** Of the shape of the start: without N where the sequence has no batch. */
function stacked(ends: readonly CellState[], name: string, start: CellState): Tensor {
  const all = stack(
    ends.map((end) => end[name] as Tensor),
    0,
  );
  return rowsOf(all, { shape: (start[name] as Tensor).shape });
}

function laidOut(output: Tensor, { T, N, batched }: Dims, batchFirst: boolean): Tensor {
  const width = output.shape.at(-1) as number;
  if (!batched) return rowsOf(output, { shape: [T, width] });
  if (!batchFirst) return rowsOf(output, { shape: [T, N, width], batchFirst });
  return rowsOf(output, { shape: [N, T, width], index: rowsInBatch({ T, N, batchFirst }), batchFirst });
}
