/**
 * What the decoder looks back at: both directions of a GRU, and beside them the embedding of the subword itself. A word is then translated by what it
 * is, without having to come through a state, which is learned from far fewer texts (Nguyen & Chiang, arXiv:1710.01329).
 */
import { Dropout, Embedding, GRU, Model, type ModelForwardOptions, type Runtime, type Tensor } from "wasm-rnn";
import { concat, permute, reshape } from "wasm-rnn/ops";

export interface ReaderSizes {
  readonly vocabularySize: number;
  readonly embeddingDim: number;
  readonly hiddenSize: number;
  readonly dropout: number;
}

export class Reader extends Model<{ embedding: Embedding; dropout: Dropout; gru: GRU }> {
  static override readonly name = "Reader"; // files know it by that, also where names are made short
  readonly outputSize: number;
  readonly stateSize: number;

  constructor(rt: Runtime, { vocabularySize, embeddingDim, hiddenSize, dropout }: ReaderSizes) {
    super(rt, {
      embedding: new Embedding(rt, { numEmbeddings: vocabularySize, embeddingDim }),
      dropout: new Dropout(rt, { p: dropout }),
      gru: new GRU(rt, { inputSize: embeddingDim, hiddenSize, bidirectional: true }),
    });
    this.outputSize = 2 * hiddenSize + embeddingDim;
    this.stateSize = 2 * hiddenSize;
  }

  override forward(tokens: Tensor, { lengths }: ModelForwardOptions = {}): { output: Tensor; state: Tensor } {
    const { embedding, dropout, gru } = this.layers;
    const x = dropout.forward(embedding.forward(tokens));
    const { output, state } = gru.forward(x, { lengths }); // [S, N, 2H], [2, N, H]
    return { output: concat([output, x], -1), state: reshape(permute(state.h, [1, 0, 2]), [-1, this.stateSize]) };
  }
}
