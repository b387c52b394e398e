/** Kernel names to argument positions, exactly once. Pointers are bytes, lengths are elements. */

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
  embeddingForward(y: number, tokens: number, w: number, M: number, E: number): void;
  embeddingBackward(dw: number, dy: number, tokens: number, M: number, E: number): void;
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
  softmaxForward(p: number, z: number, M: number, C: number): void;
  softmaxBackward(dz: number, dp: number, p: number, M: number, C: number): void;
  crossEntropy(dz: number, z: number, targets: number, M: number, C: number, scale: number): number;
  sgd(p: number, v: number, g: number, n: number, lr: number, momentum: number): void;
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
  ): void;
  sumSquares(x: number, n: number): number;
  scale(x: number, n: number, factor: number): void;
}

/** The exports of one element type by their TypeScript names: lstmForward is lstm_forward_f32 or lstm_forward_f64. */
export function kernelsOf(exports: RawExports, dtype: FloatType): Kernels {
  const names: (keyof Kernels)[] = [
    "exp",
    "sigmoid",
    "tanh",
    "log",
    "padded",
    "packForward",
    "packBackward",
    "packBias",
    "gemmTransposedScratch",
    "rnnForward",
    "rnnBackward",
    "lstmForward",
    "lstmBackward",
    "embeddingForward",
    "embeddingBackward",
    "denseForward",
    "denseBackward",
    "softmaxForward",
    "softmaxBackward",
    "crossEntropy",
    "sgd",
    "adam",
    "sumSquares",
    "scale",
  ];
  return Object.fromEntries(names.map((name) => [name, exports[`${snakeCase(name)}_${dtype}`]])) as unknown as Kernels;
}

/** The f32 kernels with weights stored as bf16 where they are read: forward only. */
export function bf16Kernels(exports: RawExports): Kernels {
  const { pack_forward_bf16: packForward, rnn_forward_bf16: rnnForward, lstm_forward_bf16: lstmForward } = exports;
  return { ...kernelsOf(exports, "f32"), packForward, rnnForward, lstmForward } as unknown as Kernels;
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
  "chunk",
  "tape",
  "carry",
  "x",
  "a",
  "c",
  "gates",
  "weights",
  "bias",
  "dOutput",
  "dLast",
  "dcLast",
  "weightsHT",
  "weightsXT",
  "dz",
  "da",
  "dc",
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
  const offsets = Object.fromEntries(SEQUENCE_FIELDS.map((field) => [field, Number(exports[`Sequence_${field}`]?.value)]));
  return { size: Number(exports.Sequence_size?.value), offsets: offsets as SequenceLayout["offsets"] };
}

/** Writes some fields of the descriptor at ptr; the others stay. */
export function writeSequence(memory: LinearMemory, layout: SequenceLayout, ptr: number, fields: SequenceFields): void {
  const words = new Uint32Array(memory.memory.buffer, ptr, layout.size / 4);
  for (const [field, value] of Object.entries(fields)) words[layout.offsets[field as keyof SequenceFields] / 4] = value;
}
