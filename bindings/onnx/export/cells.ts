/** How ONNX has the cells that it has: its order of the gates, its activations. */
import { LSTMP } from "../../cells/lstmp.js";
import { ActivatedGRU } from "../../cells/scan/activated-gru.js";
import { ActivatedLSTM } from "../../cells/scan/activated-lstm.js";
import { ActivatedRNN } from "../../cells/scan/activated-rnn.js";
import { activationsOf } from "../../cells/scan/activations.js";
import { CoupledLSTM } from "../../cells/scan/coupled-lstm.js";
import type { Layer } from "../../layers/layer.js";
import { GRU } from "../../layers/recurrent/gru.js";
import { LSTM } from "../../layers/recurrent/lstm.js";
import { RNN } from "../../layers/recurrent/rnn.js";
import { type Kind, kindOf } from "./kind.js";
import type { GateSource } from "./numbers.js";
import { addRecurrent, type OnnxCell, type RecurrentLayer } from "./recurrent.js";

const from = (...places: number[]): GateSource[] => places.map((place) => ({ from: place }));

/** i o f c of i f g o. */
const LSTM_GATES = from(0, 3, 1, 2);
/** z r h of r z n. */
const GRU_GATES = from(1, 0, 2);

/** A coupled cell has f, g, o or i, g, o: one of ONNX's i and f is the other's rest, and i is the one that it reads. */
function coupledGates({ gate }: CoupledLSTM): GateSource[] {
  const i: GateSource = gate === "input" ? { from: 0 } : { from: 0, negated: true }; // 1 − σ(f) = σ(−f)
  return [i, { from: 2 }, null, { from: 1 }];
}

const resets = (after: boolean) => ({ linear_before_reset: { i: Number(after) } });

function recurrent<Of extends RecurrentLayer & Layer>(
  Class: { readonly prototype: Of },
  cell: (layer: Of) => OnnxCell,
  fault?: (layer: Of) => string | undefined,
): Kind {
  return kindOf(Class, {
    add: (place, layer) => addRecurrent(place, layer, cell(layer)),
    takes: "sequences",
    hasState: true,
    fault,
  });
}

const LSTM_CELL = { op: "LSTM", gates: LSTM_GATES, activations: ["Sigmoid", "Tanh", "Tanh"] } as const;

/** Made when it is asked for: who exports nothing has none of these classes in a bundle. */
export const recurrentKinds = (): Kind[] => [
  recurrent(LSTM, () => LSTM_CELL),
  recurrent(GRU, ({ resetAfter }) => ({ op: "GRU", gates: GRU_GATES, activations: ["Sigmoid", "Tanh"], others: resets(resetAfter) })),
  recurrent(RNN, ({ nonlinearity }) => ({ op: "RNN", gates: from(0), activations: [nonlinearity === "relu" ? "Relu" : "Tanh"] })),
  recurrent(
    LSTMP,
    ({ peepholes }) => ({ ...LSTM_CELL, peepholes }),
    ({ projSize, cellClip }) => {
      if (projSize !== undefined) return "ONNX's LSTM has no projection";
      return cellClip === undefined ? undefined : "ONNX's LSTM has no bound of c";
    },
  ),
  recurrent(ActivatedLSTM, (layer) => ({ ...LSTM_CELL, ...activationsOf(layer) })),
  recurrent(ActivatedGRU, (layer) => ({ op: "GRU", gates: GRU_GATES, ...activationsOf(layer), others: resets(layer.resetAfter) })),
  recurrent(ActivatedRNN, (layer) => ({ op: "RNN", gates: from(0), ...activationsOf(layer) })),
  recurrent(CoupledLSTM, (layer) => ({ ...LSTM_CELL, gates: coupledGates(layer), others: { input_forget: { i: 1 } } })),
];
