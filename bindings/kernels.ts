/** Kernel names to argument positions, exactly once. Pointers are bytes, lengths are elements. */

import { FormatError } from "./errors.js";
import type { LinearMemory } from "./memory.js";
import type { FloatType } from "./tensor.js";
import type { RawExports } from "./wasm.js";

/** The kernels of one element type. */
export interface Kernels {
  exp(y: number, x: number, n: number): void;
  sigmoid(y: number, x: number, n: number): void;
  tanh(y: number, x: number, n: number): void;
  log(y: number, x: number, n: number): void;
  /** H rounded up to whole panels. */
  padded(H: number): number;
  packForward(dst: number, w: number, G: number, H: number, K: number, firstRow: number, rows: number): void;
  packBackward(dst: number, w: number, G: number, H: number, cols: number, exact: number): void;
  packBias(dst: number, bx: number, ba: number, G: number, H: number): void;
  gemmTransposedScratch(width: number, K: number, cols: number): number;
  rnnForward(sequence: number): void;
  rnnBackward(sequence: number): void;
  lstmForward(sequence: number): void;
  lstmBackward(sequence: number): void;
  gruForward(sequence: number): void;
  gruBackward(sequence: number): void;
  gatherRows(dst: number, ldd: number, src: number, lds: number, index: number, M: number, width: number): void;
  scatterRows(dst: number, ldd: number, src: number, lds: number, index: number, M: number, width: number): void;
  scatterAddRows(dst: number, ldd: number, src: number, lds: number, index: number, M: number, width: number): void;
  embeddingForward(y: number, tokens: number, w: number, M: number, E: number): void;
  embeddingBackward(dw: number, dy: number, tokens: number, M: number, E: number, padding: number): void;
  lastStepForward(y: number, x: number, lengths: number, T: number, N: number, H: number): void;
  lastStepBackward(dx: number, dy: number, lengths: number, T: number, N: number, H: number): void;
  meanPoolForward(y: number, x: number, lengths: number, T: number, N: number, H: number): void;
  meanPoolBackward(dx: number, dy: number, lengths: number, T: number, N: number, H: number): void;
  maxPoolForward(y: number, places: number, x: number, lengths: number, T: number, N: number, H: number): void;
  maxPoolBackward(dx: number, dy: number, places: number, T: number, N: number, H: number): void;
  layerNormForward(y: number, stats: number, x: number, w: number, b: number, M: number, D: number, epsilon: number): void;
  layerNormBackward(dx: number, dw: number, db: number, dy: number, x: number, stats: number, w: number, M: number, D: number): void;
  denseForward(y: number, x: number, w: number, bias: number, M: number, I: number, O: number): void;
  denseBackward(
    dx: number,
    dw: number,
    db: number,
    scratch: number,
    dy: number,
    x: number,
    wT: number,
    M: number,
    I: number,
    O: number,
  ): void;
  dropout(y: number, x: number, n: number, p: number, seed0: number, seed1: number): void;
  softmaxForward(p: number, z: number, M: number, C: number): void;
  softmaxBackward(dz: number, dp: number, p: number, M: number, C: number): void;
  /** The sum of the weights of the rows that count; −1 − m where row m has a target that is no class. */
  crossEntropyWeight(targets: number, weights: number, lengths: number, M: number, N: number, C: number, ignored: number): number;
  crossEntropy(
    dz: number,
    z: number,
    targets: number,
    weights: number,
    lengths: number,
    M: number,
    N: number,
    C: number,
    scale: number,
    smoothing: number,
    ignored: number,
  ): number;
  /** Index of the first target outside [0, 1], or −1. */
  bceCheck(y: number, lengths: number, rows: number, N: number, D: number): number;
  bce(
    dx: number,
    x: number,
    y: number,
    weights: number,
    lengths: number,
    rows: number,
    N: number,
    D: number,
    C: number,
    weight: number,
    scale: number,
  ): number;
  mse(dx: number, x: number, y: number, lengths: number, rows: number, N: number, D: number, scale: number): number;
  l1(dx: number, x: number, y: number, lengths: number, rows: number, N: number, D: number, scale: number): number;
  huber(dx: number, x: number, y: number, lengths: number, rows: number, N: number, D: number, scale: number, delta: number): number;
  sgd(p: number, v: number, g: number, n: number, lr: number, momentum: number, nesterov: number, decay: number): void;
  adam(
    p: number,
    m: number,
    v: number,
    g: number,
    n: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    stepSize: number,
    root: number,
    decay: number,
    keep: number,
  ): void;
  rmsprop(
    p: number,
    v: number,
    mean: number,
    b: number,
    g: number,
    n: number,
    lr: number,
    alpha: number,
    epsilon: number,
    momentum: number,
    decay: number,
  ): void;
  adagrad(p: number, v: number, g: number, n: number, lr: number, epsilon: number, decay: number): void;
  clamp(x: number, n: number, bound: number): void;
  sumSquares(x: number, n: number): number;
  scale(x: number, n: number, factor: number): void;
}

/** Every name of the interface; the compiler holds that none is missing. */
const NAMES: Record<keyof Kernels, true> = {
  exp: true,
  sigmoid: true,
  tanh: true,
  log: true,
  padded: true,
  packForward: true,
  packBackward: true,
  packBias: true,
  gemmTransposedScratch: true,
  rnnForward: true,
  rnnBackward: true,
  lstmForward: true,
  lstmBackward: true,
  gruForward: true,
  gruBackward: true,
  gatherRows: true,
  scatterRows: true,
  scatterAddRows: true,
  embeddingForward: true,
  embeddingBackward: true,
  lastStepForward: true,
  lastStepBackward: true,
  meanPoolForward: true,
  meanPoolBackward: true,
  maxPoolForward: true,
  maxPoolBackward: true,
  layerNormForward: true,
  layerNormBackward: true,
  denseForward: true,
  denseBackward: true,
  dropout: true,
  softmaxForward: true,
  softmaxBackward: true,
  crossEntropyWeight: true,
  crossEntropy: true,
  bceCheck: true,
  bce: true,
  mse: true,
  l1: true,
  huber: true,
  sgd: true,
  adam: true,
  rmsprop: true,
  adagrad: true,
  clamp: true,
  sumSquares: true,
  scale: true,
};

/** The exports of one element type by their TypeScript names: lstmForward is lstm_forward_f32 or lstm_forward_f64. @throws {FormatError} */
export function kernelsOf(exports: RawExports, dtype: FloatType): Kernels {
  return Object.fromEntries(
    Object.keys(NAMES).map((name) => [name, exported(exports, `${snakeCase(name)}_${dtype}`)]),
  ) as unknown as Kernels;
}

/** @throws {FormatError} when the binary lacks it, as one of another version of the package would */
function exported(exports: RawExports, name: string): RawExports[string] {
  const value = exports[name];
  if (!value) throw new FormatError(`build: expected a binary of this version of the package, got one without ${name}`);
  return value;
}

/** The f32 kernels with weights stored as bf16 where they are read: forward only. */
export function bf16Kernels(exports: RawExports): Kernels {
  const names = ["packForward", "rnnForward", "lstmForward", "gruForward"];
  const own = Object.fromEntries(names.map((name) => [name, exported(exports, `${snakeCase(name)}_bf16`)]));
  return { ...kernelsOf(exports, "f32"), ...own };
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Index of the first token outside 0 … vocabulary − 1, or −1. */
export type CheckTokens = (tokens: number, M: number, vocabulary: number) => number;

/** Fields of the descriptor that the sequence kernels take (assembly/layout.ts says what each means). */
export const SEQUENCE_FIELDS = [
  "T",
  "N",
  "I",
  "H",
  "M",
  "variant",
  "chunk",
  "tape",
  "carry",
  "rows",
  "x",
  "a",
  "c",
  "gates",
  "n",
  "hn",
  "weights",
  "weightsN",
  "bias",
  "biasN",
  "biasHN",
  "dOutput",
  "dLast",
  "dcLast",
  "weightsHT",
  "weightsXT",
  "weightsNHT",
  "weightsNXT",
  "dz",
  "dn",
  "dhn",
  "da",
  "dc",
  "aPrev",
  "scratch",
  "dx",
  "da0",
  "dc0",
  "dWx",
  "dWa",
  "dbx",
  "dba",
] as const;
export type SequenceFields = Partial<Record<(typeof SEQUENCE_FIELDS)[number], number>>;

/** Where the fields lie. */
export interface SequenceLayout {
  readonly size: number;
  readonly offsets: Readonly<Record<(typeof SEQUENCE_FIELDS)[number], number>>;
}

export function sequenceLayout(exports: RawExports): SequenceLayout {
  const offsets = Object.fromEntries(SEQUENCE_FIELDS.map((field) => [field, Number(exported(exports, `Sequence_${field}`).value)]));
  return { size: Number(exported(exports, "Sequence_size").value), offsets: offsets as SequenceLayout["offsets"] };
}

/** Writes some fields of the descriptor at ptr; the others stay. */
export function writeSequence(memory: LinearMemory, layout: SequenceLayout, ptr: number, fields: SequenceFields): void {
  const words = new Uint32Array(memory.memory.buffer, ptr, layout.size / 4);
  for (const [field, value] of Object.entries(fields)) words[layout.offsets[field as keyof SequenceFields] / 4] = value;
}
