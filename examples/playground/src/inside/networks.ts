/** The four networks: the same but for the cell. */
import {
  type Adam,
  CrossEntropyLoss,
  Dense,
  Embedding,
  evaluate,
  fit,
  Generator,
  GRU,
  LastStep,
  LSTM,
  RNN,
  type Runtime,
  Sequential,
} from "wasm-rnn";
import { MinGRU } from "wasm-rnn/cells";
import { CLASSES, type Drawn, FEATURES, type LessonName, TOKENS } from "./lessons.js";
import { type CellName, UNITS } from "./sizes.js";

const LAYERS = { RNN, LSTM, GRU, minGRU: MinGRU } as const;

export interface Network {
  readonly cell: CellName;
  readonly lesson: LessonName;
  readonly model: Sequential;
  /** undefined where the input is numbers. */
  readonly embedding: Embedding | undefined;
  readonly layer: RNN | LSTM | GRU | MinGRU;
  readonly head: Dense;
}

/** A network with random weights, the same ones for the same seed. The runtime has its operators loaded. */
export function makeNetwork(rt: Runtime, cell: CellName, lesson: LessonName, seed: number): Network {
  const [inputSize, generator] = [FEATURES[lesson], new Generator(seed)];
  const embedding = lesson === "letters" ? new Embedding(rt, { numEmbeddings: TOKENS, embeddingDim: inputSize, generator }) : undefined;
  const layer = new LAYERS[cell](rt, { inputSize, hiddenSize: UNITS, generator });
  const head = new Dense(rt, { inputSize: UNITS, outputSize: CLASSES[lesson].length, generator });
  const model = new Sequential(rt, { ...(embedding && { embedding }), cell: layer, last: new LastStep(rt), head });
  return { cell, lesson, model, embedding, layer, head };
}

const CLIP_NORM = 1;
const BATCH = 32;

interface Teaching {
  readonly optimizer: Adam;
  /** Of the order of the samples. */
  readonly seed: number;
}

/** Once through the samples. */
export async function learn({ model, lesson }: Network, data: readonly Drawn[], how: Teaching): Promise<void> {
  const loss = new CrossEntropyLoss(model.runtime);
  await fit(model, { ...how, data, loss, features: FEATURES[lesson], batchSize: BATCH, bucketByLength: true, clipNorm: CLIP_NORM });
  loss.dispose();
}

/** The share of right answers. */
export async function accuracyOf({ model, lesson }: Network, data: readonly Drawn[]): Promise<number> {
  const loss = new CrossEntropyLoss(model.runtime);
  const { accuracy } = await evaluate(model, { data, loss, metrics: ["accuracy"], features: FEATURES[lesson], batchSize: data.length });
  loss.dispose();
  return accuracy;
}
