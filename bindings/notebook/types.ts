/** The notebook's dictionaries and tuples. Shapes as in its docstrings: m samples, n_x inputs, n_a units, n_y outputs. */
import type { NdArray } from "./arrays.js";

/** Parameters of the plain recurrent cell. */
export interface RnnParameters {
  /** (n_a, n_x) */
  Wax: NdArray;
  /** (n_a, n_a) */
  Waa: NdArray;
  /** (n_y, n_a) */
  Wya: NdArray;
  /** (n_a, 1) */
  ba: NdArray;
  /** (n_y, 1) */
  by: NdArray;
}

/** Parameters of the LSTM cell; Wf, Wi, Wc, Wo act on [a_prev; x_t]. */
export interface LstmParameters {
  /** (n_a, n_a + n_x) */
  Wf: NdArray;
  /** (n_a, 1) */
  bf: NdArray;
  Wi: NdArray;
  bi: NdArray;
  Wc: NdArray;
  bc: NdArray;
  Wo: NdArray;
  bo: NdArray;
  /** (n_y, n_a) */
  Wy: NdArray;
  /** (n_y, 1) */
  by: NdArray;
}

/** What one step of an RNN keeps for its backward pass. */
export type RnnCache = [aNext: NdArray, aPrev: NdArray, xt: NdArray, parameters: RnnParameters];
/** What a whole RNN keeps for its backward pass. */
export type RnnCaches = [caches: RnnCache[], x: NdArray];

/** What one step of an LSTM keeps for its backward pass. */
export type LstmCache = [
  aNext: NdArray,
  cNext: NdArray,
  aPrev: NdArray,
  cPrev: NdArray,
  ft: NdArray,
  it: NdArray,
  cct: NdArray,
  ot: NdArray,
  xt: NdArray,
  parameters: LstmParameters,
];
/** What a whole LSTM keeps for its backward pass. */
export type LstmCaches = [caches: LstmCache[], x: NdArray];

interface RnnWeightGradients {
  dWax: NdArray;
  dWaa: NdArray;
  dba: NdArray;
}
/** Gradients of one step of an RNN, by the notebook's names. */
export interface RnnCellGradients extends RnnWeightGradients {
  dxt: NdArray;
  daPrev: NdArray;
}
/** Gradients of a whole RNN. */
export interface RnnGradients extends RnnWeightGradients {
  dx: NdArray;
  da0: NdArray;
}

interface LstmWeightGradients {
  dWf: NdArray;
  dbf: NdArray;
  dWi: NdArray;
  dbi: NdArray;
  dWc: NdArray;
  dbc: NdArray;
  dWo: NdArray;
  dbo: NdArray;
}
/** Gradients of one step of an LSTM. */
export interface LstmCellGradients extends LstmWeightGradients {
  dxt: NdArray;
  daPrev: NdArray;
  dcPrev: NdArray;
}
/** Gradients of a whole LSTM. */
export interface LstmGradients extends LstmWeightGradients {
  dx: NdArray;
  da0: NdArray;
}
