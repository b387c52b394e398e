/** The event before, and what is seen of the piece's past → an LSTM → which event comes next? Guesses that it trusts are said louder. */
import { Dense, Dropout, Embedding, LSTM, Model, type Runtime, type Tensor } from "wasm-rnn";
import { add, concat, equal, log, mul, pad, permute, reshape, scatterAdd, slice, softmax, sub, sum, where } from "wasm-rnn/ops";
import { GUESSES, HEARD, SEEN, SIGNS } from "./echoes.js";
import { BEGIN, EVENTS } from "./events.js";

export interface Sizes {
  readonly embedding: number;
  readonly hidden: number;
  /** Pieces that are learned side by side, N. */
  readonly streams: number;
}

/** Events [T, N]; and what is seen beside each of them: signs [T · SEEN, N], what was heard [T · HEARD, N] and its chances [T · HEARD, N, 1]. */
export type Given = Readonly<Record<"event" | "signs" | "heard" | "chances", Tensor>>;

type State = { readonly h: Tensor; readonly c: Tensor };

function layersOf(rt: Runtime, { embedding, hidden }: Sizes) {
  return {
    signs: new Embedding(rt, { numEmbeddings: SIGNS, embeddingDim: embedding }),
    input: new Dropout(rt, { p: 0.3 }),
    lstm: new LSTM(rt, { inputSize: (3 + GUESSES) * embedding, hiddenSize: hidden }),
    output: new Dropout(rt, { p: 0.5 }),
    head: new Dense(rt, { inputSize: hidden, outputSize: EVENTS }),
    trust: new Dense(rt, { inputSize: hidden, outputSize: 2 + GUESSES }),
  };
}

/** While it learns it reads on where its last batch ended; in use each batch begins without a past, or with the one that is given. */
export class Composer extends Model<ReturnType<typeof layersOf>> {
  static override readonly name = "Composer";
  readonly #learning: State;

  constructor(rt: Runtime, sizes: Sizes) {
    super(rt, layersOf(rt, sizes), sizes);
    const zeros = () => rt.zeros([1, sizes.streams, sizes.hidden]);
    this.#learning = { h: zeros(), c: zeros() };
  }

  /** What a checkpoint keeps beside the parameters. */
  override namedBuffers(): [string, Tensor][] {
    return Object.entries(this.#learning);
  }

  /** @returns logits [T, N, EVENTS] */
  override forward(given: Given): Tensor {
    if (!this.layers.lstm.training) return this.read(given).logits;
    const { logits, state } = this.read(given, this.#learning);
    this.#learning.h.set(state.h.toArray());
    this.#learning.c.set(state.c.toArray());
    return logits;
  }

  read({ event, signs, heard, chances }: Given, past?: State): { logits: Tensor; state: State } {
    const { layers } = this;
    const [T, N] = event.shape as [number, number];
    const beside = (x: Tensor, each: number) => permute(reshape(x, [T, each, N]), [0, 2, 1]); // [T, N, each]
    const seen = beside(signs, SEEN); // the place, the guesses, how sure they are
    const embedded = layers.signs.forward(seen);
    const width = embedded.shape[3] as number;
    const guessed = reshape(slice(embedded, [null, null, [0, 1 + GUESSES]]), [T, N, (1 + GUESSES) * width]);
    const sure = sum(slice(embedded, [null, null, [1 + GUESSES, SEEN]]), { axes: 2 });
    const x = layers.input.forward(concat([layers.signs.forward(event), guessed, sure], -1));
    const { output, state } = past ? layers.lstm.forward(x, { state: past }) : layers.lstm.forward(x);
    const thought = layers.output.forward(output);
    const guesses = slice(seen, [null, null, [1, 1 + GUESSES]]);
    const shares = this.#shares(thought, guesses);
    const remembered = mul(beside(chances, HEARD), shares.memory);
    const forgotten = sub(shares.memory, sum(remembered, { axes: -1, keepDims: true }));
    const own = mul(softmax(layers.head.forward(thought)), add(shares.own, forgotten));
    const said = scatterAdd(own, -1, concat([guesses, beside(heard, HEARD)], -1), concat([shares.guesses, remembered], -1));
    return { logits: log(said), state };
  }

  /** How far it goes by its own thoughts, by the piece's memory, and by each guess: 1 in sum; what is no guess has no share. */
  #shares(thought: Tensor, guesses: Tensor): Readonly<Record<"own" | "memory" | "guesses", Tensor>> {
    const none = pad(equal(guesses, BEGIN), [
      [0, 0],
      [0, 0],
      [2, 0],
    ]);
    const shares = softmax(where(none, -Infinity, this.layers.trust.forward(thought)));
    const part = (from: number, to: number | null) => slice(shares, [null, null, [from, to]]);
    return { own: part(0, 1), memory: part(1, 2), guesses: part(2, null) };
  }

  /** The next pass over the pieces begins without a past. */
  forget(): void {
    for (const part of Object.values(this.#learning)) part.set(new Float32Array(part.size));
  }

  override dispose(): void {
    super.dispose();
    for (const part of Object.values(this.#learning)) part.dispose();
  }
}
