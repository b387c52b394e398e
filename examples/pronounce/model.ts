/** Letters → two frames of sounds for each: an embedding, two bidirectional LSTMs, a dense layer. For CTC. Two of these have two opinions. */
import { Dense, Embedding, LSTM, Model, type Runtime, type Tensor } from "wasm-rnn";
import { permute, reshape, sum } from "wasm-rnn/ops";
import { PHONE_OF, PHONES } from "./data.js";
import { FRAMES, LETTERS } from "./letters.js";

export interface Settings {
  /** Letters between their neighbours that it knows, beside the letters alone. */
  readonly trios: readonly string[];
  /** Whether it says the stress, too. */
  readonly stress: boolean;
  readonly embedding: number;
  /** Units of each direction of each LSTM. */
  readonly hidden: number;
}

interface Options {
  readonly lengths?: ArrayLike<number> | undefined;
}

export class Speller extends Model<ReturnType<typeof layersOf>> {
  readonly trios: readonly string[];

  constructor(rt: Runtime, settings: Settings) {
    super(rt, layersOf(rt, settings));
    this.trios = settings.trios;
  }

  /** @param pieces [2T, N]: of each letter what `encoder` gives @returns [2T, N, classes] */
  forward(pieces: Tensor, { lengths }: Options = {}): Tensor {
    const { embedding, first, second, head } = this.layers;
    const [steps, N] = pieces.shape as [number, number];
    const T = steps / FRAMES;
    const letters = { ...(lengths && { lengths: Array.from(lengths, (length) => length / FRAMES) }) };
    const embedded = embedding.forward(pieces);
    const x = sum(reshape(embedded, [T, FRAMES, N, embedded.shape[2] as number]), { axes: 1 });
    const frames = head.forward(second.forward(first.forward(x, letters).output, letters).output);
    const classes = (frames.shape[2] as number) / FRAMES;
    return reshape(permute(reshape(frames, [T, N, FRAMES, classes]), [0, 2, 1, 3]), [steps, N, classes]);
  }
}

/** Two that were taught otherwise, in one file. */
export class Spellers extends Model<{ first: Speller; second: Speller }> {
  static override readonly name = "Spellers";

  constructor(rt: Runtime, { first, second }: { readonly first: Settings; readonly second: Settings }) {
    super(rt, { first: new Speller(rt, first), second: new Speller(rt, second) }, { first, second });
  }

  /** Both, each on the pieces that it knows. @returns [2T, N, classes] of each */
  forward(
    { first, second }: { first: Tensor; second: Tensor },
    { lengths }: { lengths?: { first?: ArrayLike<number>; second?: ArrayLike<number> } } = {},
  ) {
    const { layers } = this;
    return {
      first: layers.first.forward(first, { lengths: lengths?.first }),
      second: layers.second.forward(second, { lengths: lengths?.second }),
    };
  }
}

/** The blank and the phones, or all sounds. */
export function classesOf({ stress }: Pick<Settings, "stress">): number {
  return stress ? PHONE_OF.length : PHONES.length + 1;
}

function layersOf(rt: Runtime, settings: Settings) {
  const { trios, embedding, hidden } = settings;
  const lstm = (inputSize: number) => new LSTM(rt, { inputSize, hiddenSize: hidden, bidirectional: true });
  return {
    embedding: new Embedding(rt, { numEmbeddings: LETTERS.length + trios.length + 1, embeddingDim: embedding }),
    first: lstm(embedding),
    second: lstm(2 * hidden),
    head: new Dense(rt, { inputSize: 2 * hidden, outputSize: FRAMES * classesOf(settings) }),
  };
}
