/** A recurrent layer and a head; for the adding problem only its last step counts. */
import { Dense, GRU, init, LastStep, LSTM, RNN, type Runtime, Sequential } from "wasm-rnn";
import type { Task } from "./data.js";

export const KINDS = ["RNN", "LSTM", "GRU"] as const;
export type Kind = (typeof KINDS)[number];

export interface Network {
  readonly model: Sequential;
  readonly layer: RNN | LSTM | GRU;
  readonly head: Dense;
}

/** The forget gate of the LSTM begins open: a bias of 1. */
export function build(rt: Runtime, kind: Kind, task: Task, hiddenSize: number): Network {
  const sizes = { inputSize: task.features, hiddenSize };
  const layer = kind === "RNN" ? new RNN(rt, sizes) : kind === "LSTM" ? new LSTM(rt, sizes) : new GRU(rt, sizes);
  if (layer instanceof LSTM) init.forgetGateBias(layer, 1);
  const head = new Dense(rt, { inputSize: hiddenSize, outputSize: task.outputs });
  const model = new Sequential(rt, task.name === "adding" ? { layer, last: new LastStep(rt), head } : { layer, head });
  return { model, layer, head };
}
