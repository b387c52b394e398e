/** The networks that can be chosen. */
import type { ModelData } from "wasm-rnn/worker";

export const CELLS = ["LSTM", "GRU"] as const;
export const UNITS = [64, 128, 256] as const;
/** Steps of a training, to choose from. */
export const GOALS = [500, 2000, 8000] as const;

export interface Network {
  readonly cell: (typeof CELLS)[number];
  readonly units: number;
}

const EMBEDDING = 32;

export function layersOf({ cell, units }: Network, characters: number): ModelData {
  const options = { inputSize: EMBEDDING, hiddenSize: units };
  return {
    embedding: ["Embedding", { numEmbeddings: characters, embeddingDim: EMBEDDING }],
    recurrent: cell === "LSTM" ? ["LSTM", options] : ["GRU", options],
    head: ["Dense", { inputSize: units, outputSize: characters }],
  };
}

/** Steps from one check of the network to the next: a second or two on most machines. All goals are multiples of them. */
export function stepsPerCheck({ units }: Network): number {
  if (units <= 64) return 100;
  return units <= 128 ? 50 : 20;
}

export function nameOf({ cell, units }: Network): string {
  return `${cell} of ${units} units`;
}
