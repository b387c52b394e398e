/** Letters → two frames of phones for each: embeddings, two bidirectional LSTMs, a dense layer. For CTC. */
import { Dense, Embedding, LSTM, Model, type Runtime, type Tensor } from "wasm-rnn";
import { permute, reshape, sum } from "wasm-rnn/ops";
import { PHONES } from "./data.js";

/** A letter gives up to two phones, as x in "box". */
export const FRAMES = 2;
const CLASSES = PHONES.length + 1;

export interface Settings {
  /** Letters, and letters between their neighbours: what has an embedding. */
  readonly pieces: readonly string[];
  readonly embedding: number;
  readonly hidden: number;
}

type Layers = ReturnType<typeof layersOf>;

export class Speller extends Model<Layers> {
  static override readonly name = "Speller";
  readonly pieces: readonly string[];

  constructor(rt: Runtime, settings: Settings) {
    super(rt, layersOf(rt, settings), { ...settings });
    this.pieces = settings.pieces;
  }

  /** @param pieces [2T, N]: each letter twice, alone and between its neighbours @returns [2T, N, 40] */
  forward(pieces: Tensor, { lengths }: { lengths?: ArrayLike<number> | undefined } = {}): Tensor {
    const { embedding, first, second, head } = this.layers;
    const [steps, N] = pieces.shape as [number, number];
    const T = steps / FRAMES;
    const letters = { ...(lengths && { lengths: Array.from(lengths, (length) => length / FRAMES) }) };
    const embedded = embedding.forward(pieces);
    const x = sum(reshape(embedded, [T, FRAMES, N, embedded.shape[2] as number]), { axes: 1 });
    const frames = head.forward(second.forward(first.forward(x, letters).output, letters).output);
    return reshape(permute(reshape(frames, [T, N, FRAMES, CLASSES]), [0, 2, 1, 3]), [steps, N, CLASSES]);
  }
}

function layersOf(rt: Runtime, { pieces, embedding, hidden }: Settings) {
  const lstm = (inputSize: number) => new LSTM(rt, { inputSize, hiddenSize: hidden, bidirectional: true });
  return {
    embedding: new Embedding(rt, { numEmbeddings: pieces.length + 1, embeddingDim: embedding }),
    first: lstm(embedding),
    second: lstm(2 * hidden),
    head: new Dense(rt, { inputSize: 2 * hidden, outputSize: FRAMES * CLASSES }),
  };
}
