import { readFileSync } from "node:fs";

/*
 * The golden files, typed. Arrays are flat and row-major, sequences time-major; README.md says where they come from.
 * Names beginning with `d` are gradients of the loss with respect to the rest of the name, except dOutput, dHn, dCn, dy and dp,
 * which are given: the loss is Σ output·dOutput + Σ hn·dHn + Σ cn·dCn (Σ y·dy, Σ p·dp in the heads).
 */

/** The first draws of `np.random.seed(1)`, consecutive calls of `np.random.randn` being consecutive slices. */
export interface NotebookGolden {
  readonly randn: number[];
}

interface SequenceGolden {
  readonly T: number;
  readonly N: number;
  readonly I: number;
  readonly H: number;
  /** [T,N,I] */
  readonly x: number[];
  /** [layers,N,H] */
  readonly h0: number[];
  /** [T,N,H] */
  readonly dOutput: number[];
  /** [layers,N,H] */
  readonly dHn: number[];
  /** [T,N,H] */
  readonly output: number[];
  /** [layers,N,H] */
  readonly hn: number[];
  readonly dx: number[];
  readonly dh0: number[];
}

interface CellStateGolden {
  /** [layers,N,H] */
  readonly c0: number[];
  readonly dCn: number[];
  readonly cn: number[];
  readonly dc0: number[];
}

interface SingleLayerWeights {
  /** [G·H,I], G = 1 for the RNN, 4 for the LSTM (i f g o) */
  readonly weight_ih: number[];
  /** [G·H,H] */
  readonly weight_hh: number[];
  /** [G·H] */
  readonly bias_ih: number[];
  readonly bias_hh: number[];
  readonly dweight_ih: number[];
  readonly dweight_hh: number[];
  readonly dbias_ih: number[];
  readonly dbias_hh: number[];
}

/** Parameters and gradients by PyTorch's names: weight_ih_l0, …, bias_hh_l1. */
interface StackedWeights {
  readonly parameters: Record<string, number[]>;
  readonly gradients: Record<string, number[]>;
}

export interface RnnGolden extends SequenceGolden, SingleLayerWeights {}

export interface LstmGolden extends SequenceGolden, CellStateGolden, SingleLayerWeights {}

/** Two layers each. */
export interface StackedGolden {
  readonly lstm: SequenceGolden & CellStateGolden & StackedWeights;
  readonly rnn: SequenceGolden & StackedWeights;
}

/** x [M,I], weight [O,I], bias [O] or null, y and dy [M,O] */
export interface DenseGolden {
  readonly M: number;
  readonly I: number;
  readonly O: number;
  readonly x: number[];
  readonly weight: number[];
  readonly bias: number[] | null;
  readonly y: number[];
  readonly dy: number[];
  readonly dx: number[];
  readonly dweight: number[];
  readonly dbias: number[] | null;
}

/** logits and dLogits [M,O], targets [M]; the loss is the mean over rows. */
export interface CrossEntropyGolden {
  readonly name: string;
  readonly M: number;
  readonly O: number;
  readonly logits: number[];
  readonly targets: number[];
  readonly loss: number;
  readonly dLogits: number[];
}

/** z, p, dp, dz [M,O], softmax by rows */
export interface SoftmaxGolden {
  readonly name: string;
  readonly M: number;
  readonly O: number;
  readonly z: number[];
  readonly p: number[];
  readonly dp: number[];
  readonly dz: number[];
}

/** table and dTable [V,E], tokens [M], y and dy [M,E] */
export interface EmbeddingGolden {
  readonly V: number;
  readonly E: number;
  readonly tokens: number[];
  readonly table: number[];
  readonly y: number[];
  readonly dy: number[];
  readonly dTable: number[];
}

export interface HeadsGolden {
  readonly dense: DenseGolden[];
  readonly crossEntropy: CrossEntropyGolden[];
  readonly softmax: SoftmaxGolden[];
  readonly embedding: EmbeddingGolden[];
}

/** PyTorch's option names; what is missing has PyTorch's default. */
export interface OptimizerOptionsGolden {
  readonly lr: number;
  readonly momentum?: number;
  readonly betas?: [number, number];
  readonly eps?: number;
  readonly weight_decay?: number;
}

export interface OptimGolden {
  readonly shapes: number[][];
  /** One flat array per tensor. */
  readonly initial: number[][];
  /** [step][tensor], the same for every optimizer. */
  readonly gradients: number[][][];
  readonly cases: {
    readonly optimizer: "sgd" | "adam" | "adamw";
    readonly options: OptimizerOptionsGolden;
    /** The parameters after 1, 2, 10 and 50 steps, by tensor. */
    readonly after: Record<"1" | "2" | "10" | "50", number[][]>;
  }[];
  readonly clip: {
    readonly name: string;
    readonly maxNorm: number;
    readonly grads: number[][];
    /** The norm before clipping. */
    readonly norm: number;
    readonly clipped: number[][];
  }[];
}

/** embedding.weight [V,E], the LSTM's [4H,E], [4H,H], [4H] and [4H], linear.weight [V,H], linear.bias [V] */
export type TrainingParameters = Record<
  "embedding.weight" | "lstm.weight_ih_l0" | "lstm.weight_hh_l0" | "lstm.bias_ih_l0" | "lstm.bias_hh_l0" | "linear.weight" | "linear.bias",
  number[]
>;

export interface TrainingGolden {
  readonly V: number;
  readonly E: number;
  readonly H: number;
  readonly T: number;
  readonly N: number;
  readonly steps: number;
  readonly maxNorm: number;
  /** [step][T·N], time-major; the state is zero at the start of every step. */
  readonly tokens: number[][];
  readonly targets: number[][];
  readonly initial: TrainingParameters;
  readonly runs: {
    readonly optimizer: "sgd" | "adam";
    readonly options: OptimizerOptionsGolden;
    /** The loss of each step, before its update. */
    readonly losses: number[];
    /** The gradient norm of each step, before clipping. */
    readonly gradNorms: number[];
    readonly final: TrainingParameters;
  }[];
}

/** One comparison; prediction, target and gradient are of the shape, but for the classes that targets of cross-entropy lack. */
interface LossGolden {
  readonly shape: number[];
  readonly lengths: number[] | null;
  readonly reduction: "mean" | "sum";
  readonly prediction: number[];
  readonly target: number[];
  /** null for NaN */
  readonly loss: number | null;
  readonly gradient: number[];
}

/** By PyTorch's option names. */
export interface LossesGolden {
  readonly crossEntropy: (LossGolden & {
    readonly weight: number[] | null;
    readonly label_smoothing: number;
    readonly ignore_index: number;
  })[];
  readonly bceWithLogits: (LossGolden & { readonly pos_weight: number[] | null })[];
  readonly regression: (LossGolden & { readonly name: "mse" | "l1" | "huber"; readonly delta?: number })[];
}

/** Options by PyTorch's names; what the parameters [4,3] and [4] are after some of the 50 steps. */
export interface EveryOptimizerGolden {
  readonly initial: number[][];
  readonly gradients: number[][][];
  readonly cases: { optimizer: string; options: Record<string, number | boolean | number[]>; after: Record<string, number[][]> }[];
  readonly lr: number;
  /** What ReduceLROnPlateau is given, step by step. */
  readonly metrics: number[];
  /** The rate before each of 50 steps. */
  readonly schedules: { name: string; rates: number[] }[];
  /** Runs under a OneCycleLR over all 50 steps, peak 0.02, that turns the momentum: its value in each step. */
  readonly cycles: {
    optimizer: string;
    options: Record<string, number | boolean | number[]>;
    cycle: Record<string, number | string>;
    momenta: number[];
    after: Record<string, number[][]>;
  }[];
  readonly clipValue: { value: number; before: number[]; after: number[] };
}

/** Layer normalisation of rows, ε 1e-3; pooling over time. */
export interface NormPoolGolden {
  readonly norms: {
    M: number;
    D: number;
    /** null: neither weight nor bias */
    bias: boolean | null;
    x: number[];
    dy: number[];
    y: number[];
    dX: number[];
    parameters: Record<string, number[]>;
    gradients: Record<string, number[]>;
  }[];
  readonly pools: {
    name: "LastStep" | "MeanPool" | "MaxPool";
    T: number;
    N: number;
    H: number;
    lengths: number[];
    x: number[];
    dy: number[];
    y: number[];
    dX: number[];
  }[];
}

/** Two layers over T steps, cut every `cut` steps. */
export interface TruncatedGolden {
  readonly T: number;
  readonly N: number;
  readonly I: number;
  readonly H: number;
  readonly cut: number;
  readonly cases: {
    name: "RNN" | "LSTM" | "GRU";
    x: number[];
    dOutput: number[];
    output: number[];
    parameters: Record<string, number[]>;
    gradients: Record<string, number[]>;
  }[];
}

/** options.json keeps 12 digits, of the inputs too: a small sum is off by half a unit of its summands' last digit, relative to their size. */
export const OPTIONS_DIGITS = 5e-12;

/** Every option of the recurrent layers against PyTorch (a reset-before GRU: its autograd over the papers' formulas). */
export interface OptionsGolden {
  readonly kind: "gru" | "gru_before" | "rnn" | "lstm";
  readonly options: { num_layers?: number; bias?: boolean; bidirectional?: boolean; batch_first?: boolean; nonlinearity?: "relu" };
  readonly lengths: number[] | null;
  readonly T: number;
  readonly N: number;
  readonly I: number;
  readonly H: number;
  readonly x: number[];
  readonly dOutput: number[];
  /** h and, for an LSTM, c: before, and the gradients of those after. */
  readonly states: number[][];
  readonly dEnds: number[][];
  readonly output: number[];
  readonly ends: number[][];
  readonly dx: number[];
  readonly dStates: number[][];
  readonly parameters: Record<string, number[]>;
  readonly gradients: Record<string, number[]>;
}

/** MinGRU and MinLSTM, to 12 digits likewise. */
export interface MinCellGolden extends Omit<OptionsGolden, "kind"> {
  readonly kind: "gru" | "lstm";
  readonly activation: "linear" | "positive";
}

/** LSTMP, and `residual` and `learnedState` of the recurrent layers: options by our names; no states where none are given. */
export interface LstmpGolden extends Omit<OptionsGolden, "kind" | "options"> {
  readonly kind: "LSTMP" | "LSTM" | "GRU" | "RNN";
  readonly options: {
    readonly projSize?: number;
    readonly numLayers?: number;
    readonly bidirectional?: boolean;
    readonly batchFirst?: boolean;
    readonly residual?: boolean;
    readonly learnedState?: boolean;
  };
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`./${name}.json`, import.meta.url), "utf8"));
}

export const loadNotebook = () => read("notebook") as NotebookGolden;
export const loadRnn = () => read("rnn") as RnnGolden[];
export const loadLstm = () => read("lstm") as LstmGolden[];
export const loadStacked = () => read("lstm2") as StackedGolden;
export const loadHeads = () => read("heads") as HeadsGolden;
export const loadOptim = () => read("optim") as OptimGolden;
export const loadTraining = () => read("training") as TrainingGolden;
export const loadLosses = () => read("losses") as LossesGolden;
export const loadEveryOptimizer = () => read("optim-all") as EveryOptimizerGolden;
export const loadNormPool = () => read("norm-pool") as NormPoolGolden;
export const loadOptions = () => read("options") as OptionsGolden[];
export const loadLstmp = () => read("lstmp") as LstmpGolden[];
export const loadTruncated = () => read("tbptt") as TruncatedGolden;
export const loadMinCells = () => read("min-cells") as MinCellGolden[];
