/** What is compared: cases, what they are given, and who takes part. */

export type Kind = "lstm" | "gru" | "rnn";

/** Dimensions: steps, rows, inputs, units. */
export interface Size {
  readonly T: number;
  readonly N: number;
  readonly I: number;
  readonly H: number;
}

export interface Comparison extends Size {
  /** Such as "lstm-train/T100-N32-I128-H128". */
  readonly id: string;
  readonly kind: Kind;
  readonly mode: "step" | "forward" | "train";
}

/** By PyTorch's order. */
export type Weights = Record<"wih" | "whh" | "bih" | "bhh", Float32Array>;

export interface Data {
  readonly weights: Weights;
  /** [T, N, I] */
  readonly x: Float32Array;
  /** [T, N, H] */
  readonly dY: Float32Array;
}

/** A case, ready to run. */
export interface Prepared {
  /** The first elements of a forward pass; absent where the network is another one. */
  output?(): Promise<ArrayLike<number>>;
  /** Milliseconds of a call, the mean over some. */
  time(calls: number): Promise<number>;
  dispose(): unknown;
}

export interface Contender {
  readonly name: string;
  supports(one: Comparison): boolean;
  prepare(one: Comparison, data: Data): Promise<Prepared>;
  close?(): void;
}

export interface Timed {
  readonly minMs: number;
  readonly medianMs: number;
  readonly gflops?: number;
  readonly roofline?: number;
}

export interface Result {
  readonly id: string;
  readonly contenders: Readonly<Record<string, Timed>>;
  readonly ratios: Readonly<Record<string, number>>;
}
