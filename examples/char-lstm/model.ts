/** Embedding → LSTM → dense: which character comes next? */
import {
  CrossEntropyLoss,
  Dense,
  Embedding,
  evaluate,
  Generator,
  generate,
  LSTM,
  Model,
  predict,
  type RecurrentOptions,
  type Runtime,
  Sequential,
  type Tensor,
} from "wasm-rnn";

/** Characters that the evaluation reads per call; it changes the memory in use, not the result. */
const EVALUATION_LENGTH = 256;

type Layers = { embedding: Embedding; lstm: LSTM; head: Dense };
type State = { h: Tensor; c: Tensor };

export interface Sizes {
  readonly vocabulary: number;
  readonly embed: number;
  readonly hidden: number;
  readonly layers: number;
  /** Streams that are learned side by side, N. */
  readonly batch: number;
  readonly weights?: RecurrentOptions["weights"];
}

/** It reads on where its last batch ended: in training until a pass is over, in use (one sequence at a time) until the next `eval()`. */
export class CharModel extends Model<Layers> {
  readonly #learning: State;
  readonly #reading: State;

  /** @param generator draws the initial weights */
  constructor(rt: Runtime, { vocabulary, embed, hidden, layers, batch, weights }: Sizes, generator = new Generator()) {
    super(rt, {
      embedding: new Embedding(rt, { numEmbeddings: vocabulary, embeddingDim: embed, generator }),
      lstm: new LSTM(rt, { inputSize: embed, hiddenSize: hidden, numLayers: layers, generator, ...(weights && { weights }) }),
      head: new Dense(rt, { inputSize: hidden, outputSize: vocabulary, generator }),
    });
    const zeros = (N: number) => ({ h: rt.zeros([layers, N, hidden]), c: rt.zeros([layers, N, hidden]) });
    this.#learning = zeros(batch);
    this.#reading = zeros(1);
  }

  /** What a checkpoint keeps beside the parameters. */
  override namedBuffers(): [string, Tensor][] {
    return Object.entries(this.#learning);
  }

  forward(x: Tensor): Tensor {
    const { embedding, lstm, head } = this.layers;
    const state = lstm.training ? this.#learning : this.#reading;
    const result = lstm.forward(embedding.forward(x), { state });
    state.h.set(result.state.h.toArray());
    state.c.set(result.state.c.toArray());
    return head.forward(result.output);
  }

  /** The next pass over the text begins without a past. */
  forget(): void {
    for (const part of Object.values(this.#learning)) part.set(new Float32Array(part.size));
  }

  override eval(): this {
    for (const part of Object.values(this.#reading)) part.set(new Float32Array(part.size));
    return super.eval();
  }

  override dispose(): void {
    super.dispose();
    for (const part of [...Object.values(this.#learning), ...Object.values(this.#reading)]) part.dispose();
  }
}

/** Bits per character of a text, read once from beginning to end with the state carried; its first character is given. */
export async function bitsPerCharacter(model: CharModel, tokens: Int32Array): Promise<number> {
  const starts = Array.from({ length: Math.ceil((tokens.length - 1) / EVALUATION_LENGTH) }, (_, i) => i * EVALUATION_LENGTH);
  const data = starts.map((start) => {
    const end = Math.min(start + EVALUATION_LENGTH, tokens.length - 1);
    return { x: tokens.subarray(start, end), y: tokens.subarray(start + 1, end + 1) };
  });
  using loss = new CrossEntropyLoss(model.runtime);
  return (await evaluate(model, { data, loss, batchSize: 1 })).loss / Math.LN2;
}

/** The same of each character but the first. */
export async function bitsOfEach(model: CharModel, tokens: Int32Array): Promise<Float64Array> {
  const starts = Array.from({ length: Math.ceil((tokens.length - 1) / EVALUATION_LENGTH) }, (_, i) => i * EVALUATION_LENGTH);
  const read = starts.map((start) => tokens.subarray(start, Math.min(start + EVALUATION_LENGTH, tokens.length - 1)));
  const said = await predict(model, read, { batchSize: 1 }); // in their order: the state is carried on
  const bits = new Float64Array(tokens.length - 1);
  for (const [s, { data, shape }] of said.entries()) {
    const [steps, V] = shape as [number, number];
    for (let t = 0; t < steps; t++) {
      const logits = (data as Float32Array).subarray(t * V, (t + 1) * V);
      const most = Math.max(...logits);
      const log = most + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0));
      const at = (starts[s] as number) + t;
      bits[at] = (log - (logits[tokens[at + 1] as number] as number)) / Math.LN2;
    }
  }
  return bits;
}

/** Tokens that the model adds to a prompt. */
export function write(model: CharModel, prompt: Int32Array, length: number, temperature: number, seed: number): number[] {
  return generate(new Sequential(model.runtime, model.layers), prompt, { length, temperature, generator: new Generator(seed) });
}
