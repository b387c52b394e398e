/** Models of every kind that can be exported. */
import { ActivatedRNN, CoupledLSTM, LSTMP } from "../../bindings/cells.js";
import {
  Dense,
  Dropout,
  Embedding,
  GRU,
  LastStep,
  type Layer,
  LayerNorm,
  LSTM,
  MaxPool,
  MeanPool,
  type Model,
  RNN,
  type Runtime,
  Sequential,
  Softmax,
} from "../../bindings/index.js";
import type { ExportOnnxOptions } from "../../bindings/onnx.js";

/** A model, and what it reads for T steps of N sequences. */
export interface ExportCase {
  readonly model: (rt: Runtime) => Layer | Model;
  readonly shape: (T: number, N: number) => number[];
  readonly tokens?: number;
  readonly options?: ExportOnnxOptions;
}

const sequence = (T: number, N: number) => [T, N, 3];
export const EXPORT_CASES: readonly [string, ExportCase][] = [
  ["Dropout", { model: (rt) => new Dropout(rt, { p: 0.5 }), shape: (_, N) => [N, 3] }],
  ["Dense", { model: (rt) => new Dense(rt, { inputSize: 3, outputSize: 4 }), shape: (_, N) => [N, 3] }],
  ["LayerNorm", { model: (rt) => new LayerNorm(rt, { normalizedShape: 3 }), shape: (_, N) => [N, 3] }],
  ["Softmax", { model: (rt) => new Softmax(rt), shape: (_, N) => [N, 3] }],
  ["Embedding", { model: (rt) => new Embedding(rt, { numEmbeddings: 7, embeddingDim: 3 }), shape: (_, N) => [N], tokens: 7 }],
  ...[LastStep, MeanPool, MaxPool].flatMap((Pool): [string, ExportCase][] => [
    [Pool.name, { model: (rt) => new Pool(rt), shape: sequence }],
    [`${Pool.name} with lengths`, { model: (rt) => new Pool(rt), shape: sequence, options: { lengths: true } }],
  ]),
  ...[LSTM, GRU, RNN].flatMap((Class): [string, ExportCase][] => {
    const made = (options: object) => ({
      model: (rt: Runtime) => new Class(rt, { inputSize: 3, hiddenSize: 4, ...options }),
      shape: sequence,
    });
    return [
      [Class.name, made({})],
      [`${Class.name}, stacked in both directions`, made({ numLayers: 2, bidirectional: true, residual: true, learnedState: true })],
      [`${Class.name} with lengths`, { ...made({ numLayers: 2, bidirectional: true }), options: { lengths: true } }],
      [`${Class.name}, batch first`, { ...made({ batchFirst: true }), shape: (T, N) => [N, T, 3] }],
    ];
  }),
  ["GRU, reset before", { model: (rt) => new GRU(rt, { inputSize: 3, hiddenSize: 4, resetAfter: false }), shape: sequence }],
  ["LSTMP with peepholes", { model: (rt) => new LSTMP(rt, { inputSize: 3, hiddenSize: 4, peepholes: true }), shape: sequence }],
  ["CoupledLSTM", { model: (rt) => new CoupledLSTM(rt, { inputSize: 3, hiddenSize: 4 }), shape: sequence }],
  ["ActivatedRNN", { model: (rt) => new ActivatedRNN(rt, { inputSize: 3, hiddenSize: 4, activations: ["Softsign"] }), shape: sequence }],
  [
    "a Sequential",
    {
      model: (rt) =>
        new Sequential(rt, [
          new Embedding(rt, { numEmbeddings: 7, embeddingDim: 3 }),
          new LSTM(rt, { inputSize: 3, hiddenSize: 4 }),
          new LayerNorm(rt, { normalizedShape: 4 }),
          new MeanPool(rt),
          new Dense(rt, { inputSize: 4, outputSize: 2 }),
        ]),
      shape: (T, N) => [T, N],
      tokens: 7,
      options: { lengths: true },
    },
  ],
];
