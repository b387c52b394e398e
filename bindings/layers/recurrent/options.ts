/** What the recurrent layers take and give. */
import type { Tensor } from "../../tensor.js";
import type { ChainOptions, LayerOptions } from "../passes.js";

/** Options of RNN, LSTM and GRU, by PyTorch's names. */
export interface RecurrentOptions extends LayerOptions {
  /** Features of a step, I. */
  inputSize: number;
  /** Hidden units, H. */
  hiddenSize: number;
  /** Layers, each fed by the one below. Default 1. */
  numLayers?: number;
  /** Whether there are biases. Default true. */
  bias?: boolean;
  /** Whether a second network reads each sequence from its end; output and the next layer's input hold both, [forward, reverse]. Default false. */
  bidirectional?: boolean;
  /** Whether tensors are [N, T, …] in place of [T, N, …]. Default false. */
  batchFirst?: boolean;
  /** Probability, in [0, 1), with which an element is dropped between stacked layers while training. Default 0. */
  dropout?: number;
  /** Whether each layer but the first gives the sum of what it read and of its h. Default false. */
  residual?: boolean;
  /**
   * Whether the state where none is given is learned, zeros at first, in place of zeros for ever: parameters `h0_l0` and, for an LSTM,
   * `c0_l0`, one of each for every layer and direction, the same for every sequence. Default false.
   */
  learnedState?: boolean;
  /**
   * How the kernels keep the weights. `"bf16"` (with dtype f32) halves what a step reads, for large layers that only run:
   * the sums stay f32, `backward` is refused. `"int8"` quarters it, for a runtime that has its kernels (`loadInt8` of wasm-rnn/int8, which says
   * more). Default: the dtype.
   */
  weights?: "bf16" | "int8";
}

/** h and, for an LSTM, c: each [numLayers · directions, N, H], or without N for an unbatched sequence. */
export interface RecurrentState {
  h: Tensor;
  c?: Tensor;
}

/** Options of a recurrent layer's backward pass. */
export interface RecurrentBackwardOptions extends ChainOptions {
  /** `false` leaves out the gradient of x, which a model's first layer has no use for: up to a quarter of the work. Default true. */
  dX?: boolean | undefined;
}

/** Options of a recurrent layer's forward pass. */
export interface RecurrentForwardOptions<State> {
  /** Where to begin; default zeros, or what is learned. */
  state?: State | undefined;
  /** Steps of each sequence [N], in any order; what lies behind is padding. Default: all steps. */
  lengths?: ArrayLike<number> | undefined;
}
