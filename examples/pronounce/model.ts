/** Letters → two frames of sounds for each: an embedding, two bidirectional LSTMs, a dense layer. For CTC. Two of these have two opinions. */
import { Dense, Embedding, LSTM, Model, type Runtime, type Tensor } from "wasm-rnn";
import { permute, reshape, sum } from "wasm-rnn/ops";
import { PHONE_OF } from "./data.js";
import { FRAMES, LETTERS } from "./letters.js";

const EMBEDDING = 32;
/** The blank and all sounds. */
const CLASSES = PHONE_OF.length;

export interface Settings {
  /** Units of each direction of each LSTM. */
  readonly hidden: number;
}

interface Options {
  readonly lengths?: ArrayLike<number> | undefined;
}

export class Speller extends Model<ReturnType<typeof layersOf>> {
  constructor(rt: Runtime, { hidden }: Settings) {
    super(rt, layersOf(rt, hidden));
  }

  /** @param letters [2T, N]: each letter twice @returns [2T, N, 70] */
  forward(letters: Tensor, { lengths }: Options = {}): Tensor {
    const { embedding, first, second, head } = this.layers;
    const [steps, N] = letters.shape as [number, number];
    const T = steps / FRAMES;
    const options = { ...(lengths && { lengths: Array.from(lengths, (length) => length / FRAMES) }) };
    const x = sum(reshape(embedding.forward(letters), [T, FRAMES, N, EMBEDDING]), { axes: 1 });
    const frames = head.forward(second.forward(first.forward(x, options).output, options).output);
    return reshape(permute(reshape(frames, [T, N, FRAMES, CLASSES]), [0, 2, 1, 3]), [steps, N, CLASSES]);
  }
}

/** Two that have learned the same from other beginnings, in one file. */
export class Spellers extends Model<{ first: Speller; second: Speller }> {
  static override readonly name = "Spellers";

  constructor(rt: Runtime, settings: Settings) {
    super(rt, { first: new Speller(rt, settings), second: new Speller(rt, settings) }, { ...settings });
  }

  forward(letters: Tensor, options: Options = {}): { first: Tensor; second: Tensor } {
    const { first, second } = this.layers;
    return { first: first.forward(letters, options), second: second.forward(letters, options) };
  }
}

function layersOf(rt: Runtime, hidden: number) {
  const lstm = (inputSize: number) => new LSTM(rt, { inputSize, hiddenSize: hidden, bidirectional: true });
  return {
    embedding: new Embedding(rt, { numEmbeddings: LETTERS.length, embeddingDim: EMBEDDING }),
    first: lstm(EMBEDDING),
    second: lstm(2 * hidden),
    head: new Dense(rt, { inputSize: 2 * hidden, outputSize: FRAMES * CLASSES }),
  };
}
