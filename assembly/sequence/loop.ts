/**
 * A whole sequence through a recurrent layer: the one loop over time, forward and backward. What a step does: rnn.ts, lstm.ts,
 * lstmp.ts and gru.ts; the products around the loop: shared.ts.
 */
import { Sequence } from "../layout";
import { bytes } from "../vec";
import { gruInputs, gruProductsAfter, gruStep, gruStepBack } from "./gru";
import { lstmInputs, lstmOneRow, lstmStep, lstmStepBack } from "./lstm";
import { lstmpOneRow, lstmpProductsAfter, lstmpStep, lstmpStepBack } from "./lstmp";
import { rnnInputs, rnnOneRow, rnnStep, rnnStepBack } from "./rnn";
import { padRows, productsAfterLoop, rowsAt, rowsIn, unpadRows } from "./shared";

// The layer, known at compile time: what is chosen by it dissolves.
// @ts-ignore: decorator
@inline const RNN = 0;
// @ts-ignore: decorator
@inline const LSTM = 1;
// @ts-ignore: decorator
@inline const GRU = 2;
// @ts-ignore: decorator
@inline const LSTMP = 3;

/** A chunk's input product is taken at once, then its steps run. `kept`: a row's place in the buffers that a tape keeps whole. */
// @ts-ignore: decorator
@inline function forward<T extends number, W extends number>(layer: i32, s: Sequence): void {
  const stateRow = bytes<T>(s.P);
  const tape = layer != RNN && s.tape != 0; // a is the RNN's own
  let a = s.a, next = s.a + stateRow * s.N;
  let row = 0;
  for (let t = 0; t < s.T; ) {
    const end = min(t + s.chunk, s.T);
    const count = rowsIn(s, t, end - t);
    let kept = tape ? row : 0;
    if (layer == RNN) rnnInputs<T, W>(s, kept, row, count);
    else if (layer == LSTM || layer == LSTMP) lstmInputs<T, W>(s, kept, row, count);
    else gruInputs<T, W>(s, kept, row, count);
    for (; t < end; ++t) {
      const rows = rowsAt(s, t);
      if (layer == RNN) rnnStep<T, W>(s, next, a, kept, rows);
      else if (layer == LSTM) lstmStep<T, W>(s, next, a, kept, rows);
      else if (layer == LSTMP) lstmpStep<T, W>(s, next, a, kept, rows);
      else gruStep<T, W>(s, next, a, kept, rows);
      a = next;
      next += stateRow * rows;
      kept += rows;
    }
    row += count;
  }
  if (s.carry) memory.copy(s.a, a, stateRow * s.N);
}

/** `row`: a step's first in [M,*]; `before`: that of the step before in [N+M,*]. */
// @ts-ignore: decorator
@inline function backward<T extends number>(layer: i32, s: Sequence): void {
  padRows<T>(s.da, s.dLast, s.N, s.P);
  if (layer == LSTM || layer == LSTMP) padRows<T>(s.dc, s.dcLast, s.N, s.H);
  let row = s.M;
  for (let t = s.T - 1; t >= 0; --t) {
    const rows = rowsAt(s, t);
    row -= rows;
    const before = s.N + row - (t > 0 ? rowsAt(s, t - 1) : s.N);
    if (layer == RNN) rnnStepBack<T>(s, row, rows);
    else if (layer == LSTM) lstmStepBack<T>(s, row, before, rows);
    else if (layer == LSTMP) lstmpStepBack<T>(s, row, before, rows);
    else gruStepBack<T>(s, row, before, rows);
  }
  unpadRows<T>(s.da0, s.da, s.N, s.P);
  if (layer == LSTM || layer == LSTMP) unpadRows<T>(s.dc0, s.dc, s.N, s.H);
}

/** A single step of a single row has a way of its own, with the same bits: its weights are read in one pass. */
export function rnnForward<T extends number, W extends number>(s: Sequence): void {
  if (s.T == 1 && s.N == 1) rnnOneRow<T, W>(s);
  else forward<T, W>(RNN, s);
}

/** As rnnForward. */
export function lstmForward<T extends number, W extends number>(s: Sequence): void {
  if (s.T == 1 && s.N == 1) lstmOneRow<T, W>(s);
  else forward<T, W>(LSTM, s);
}

/** As rnnForward. */
export function lstmpForward<T extends number, W extends number>(s: Sequence): void {
  if (s.T == 1 && s.N == 1) lstmpOneRow<T, W>(s);
  else forward<T, W>(LSTMP, s);
}

export function gruForward<T extends number, W extends number>(s: Sequence): void {
  forward<T, W>(GRU, s);
}

export function rnnBackward<T extends number>(s: Sequence): void {
  backward<T>(RNN, s);
  productsAfterLoop<T>(s, 1);
}

export function lstmBackward<T extends number>(s: Sequence): void {
  backward<T>(LSTM, s);
  productsAfterLoop<T>(s, 4);
}

export function lstmpBackward<T extends number>(s: Sequence): void {
  backward<T>(LSTMP, s);
  productsAfterLoop<T>(s, 4);
  lstmpProductsAfter<T>(s);
}

export function gruBackward<T extends number>(s: Sequence): void {
  backward<T>(GRU, s);
  gruProductsAfter<T>(s);
}
