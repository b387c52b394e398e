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

/** How the gates begin: with memories of 2 to T steps, or with this bias of the LSTM's forget gate. */
export type Gates = "chrono" | number;

/** @param T steps of a sequence */
export function build(rt: Runtime, kind: Kind, task: Task, T: number, hiddenSize: number, gates: Gates): Network {
  const sizes = { inputSize: task.features, hiddenSize };
  const layer = kind === "RNN" ? new RNN(rt, sizes) : kind === "LSTM" ? new LSTM(rt, sizes) : new GRU(rt, sizes);
  if (gates === "chrono" && !(layer instanceof RNN)) init.chrono(layer, T);
  if (gates !== "chrono" && layer instanceof LSTM) init.forgetGateBias(layer, gates);
  const head = new Dense(rt, { inputSize: hiddenSize, outputSize: task.outputs });
  const model = new Sequential(rt, task.name === "adding" ? { layer, last: new LastStep(rt), head } : { layer, head });
  return { model, layer, head };
}
