/** Reads a source for a decoder. */
import { checkBoolean, checkNumber, checkOneOf, checkOptions, checkPositive, show } from "../checks.js";
import { ArgumentError, ShapeError } from "../errors.js";
import { checkConstruction, dtypeOf } from "../layers/doors.js";
import { Dropout } from "../layers/dropout.js";
import { Embedding } from "../layers/embedding.js";
import type { LayerOptions } from "../layers/passes.js";
import { GRU } from "../layers/recurrent/gru.js";
import { LSTM } from "../layers/recurrent/lstm.js";
import { Model, type ModelForwardOptions } from "../model.js";
import { concat, permute, reshape } from "../ops/move.js";
import type { Runtime } from "../runtime.js";
import { Tensor } from "../tensor.js";
import { together } from "./parts.js";

/** What a decoder needs of an encoder: a model with these. */
export interface SourceEncoder extends Model {
  /** Features of a step of what it gives. */
  readonly outputSize: number;
  /** Features of the state that it ends in. */
  readonly stateSize: number;
  /** @param source tokens [S, N] @returns output [S, N, outputSize]; state [N, stateSize], each sequence's after its own last step */
  forward(source: Tensor, options?: ModelForwardOptions): { output: Tensor; state: Tensor };
}

/** @internal What an encoder gave for N sources. @throws {ArgumentError} @throws {ShapeError} when it is of other rows or features */
export function checkEncoded(given: unknown, N: number, { outputSize, stateSize }: SourceEncoder): { output: Tensor; state: Tensor } {
  const { output, state } = Object(given) as { output?: unknown; state?: unknown };
  for (const [name, tensor] of Object.entries({ output, state }))
    if (!(tensor instanceof Tensor)) throw new ArgumentError(`${name} of the encoder`, "a Tensor", show(tensor));
  const [all, last] = [output as Tensor, state as Tensor];
  if (all.shape.length !== 3 || all.shape[1] !== N || all.shape[2] !== outputSize)
    throw new ShapeError("output of the encoder", `[S, ${N}, ${outputSize}]`, show([...all.shape]));
  if (last.shape.length !== 2 || last.shape[0] !== N || last.shape[1] !== stateSize)
    throw new ShapeError("state of the encoder", `[${N}, ${stateSize}]`, show([...last.shape]));
  return { output: all, state: last };
}

/** Options of RecurrentEncoder. */
export interface RecurrentEncoderOptions extends LayerOptions {
  /** Tokens of the source language. */
  vocabularySize: number;
  /** Features of a token. */
  embeddingDim: number;
  /** Hidden units of a layer and direction. */
  hiddenSize: number;
  /** Default `"gru"`. */
  cell?: "gru" | "lstm";
  /** Default 1. */
  numLayers?: number;
  /** Default true. */
  bidirectional?: boolean;
  /** Of the embedded tokens and between layers, while training. Default 0. */
  dropout?: number;
}

const OPTIONS = ["vocabularySize", "embeddingDim", "hiddenSize", "cell", "numLayers", "bidirectional", "dropout", "generator"];

/** @internal Of every cell by its name. */
export const CELLS = { gru: GRU, lstm: LSTM } as const;

/**
 * An embedding and a GRU or LSTM over a source. The state that it ends in is what all layers and directions end in, side by side.
 *
 * @example
 * const encoder = new RecurrentEncoder(rt, { vocabularySize: 1000, embeddingDim: 64, hiddenSize: 128 });
 * const { output, state } = frame.run(() => encoder.forward(tokens, { lengths })); // [S, N, 256], [N, 256]
 * @throws {ArgumentError} on options it cannot take, @throws {MemoryError}
 */
export class RecurrentEncoder extends Model<{ embedding: Embedding; dropout: Dropout; rnn: GRU | LSTM }> implements SourceEncoder {
  /** Known by it in files, where a bundler shortens names, too. */
  static override readonly name: string = "RecurrentEncoder";
  /** Tokens of the source language. */
  readonly vocabularySize: number;

  constructor(runtime: Runtime, options: RecurrentEncoderOptions) {
    const given = checkConstruction(runtime, options, OPTIONS);
    const { vocabularySize, embeddingDim, hiddenSize, cell = "gru", numLayers = 1, bidirectional = true, dropout = 0, generator } = given;
    checkPositive("vocabularySize", vocabularySize);
    checkOneOf("cell", cell, ["gru", "lstm"]);
    checkBoolean("bidirectional", bidirectional);
    checkNumber("dropout", dropout, 0, 1);
    const drawn = { dtype: dtypeOf(runtime, given), ...(generator && { generator }) };
    const sizes = { inputSize: embeddingDim, hiddenSize, numLayers, bidirectional, dropout };
    const parts = together((own) => ({
      embedding: own(new Embedding(runtime, { ...drawn, numEmbeddings: vocabularySize, embeddingDim })),
      dropout: own(new Dropout(runtime, { ...drawn, p: dropout })),
      rnn: new CELLS[cell](runtime, { ...drawn, ...sizes }),
    }));
    super(runtime, parts, { vocabularySize, embeddingDim, hiddenSize, cell, numLayers, bidirectional, dropout, dtype: drawn.dtype });
    this.vocabularySize = vocabularySize;
  }

  /** Features of a step of what it gives: hiddenSize, twice where it is bidirectional. */
  get outputSize(): number {
    return this.layers.rnn.outputSize;
  }

  /** Features of the state that it ends in. */
  get stateSize(): number {
    const { rnn } = this.layers;
    return rnn.numLayers * rnn.outputSize * (rnn instanceof LSTM ? 2 : 1);
  }

  /**
   * @param source tokens [S, N]
   * @returns output [S, N, outputSize]; state [N, stateSize]
   * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} outside of a frame @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  override forward(source: Tensor, options: ModelForwardOptions = {}): { output: Tensor; state: Tensor } {
    const { lengths } = checkOptions(options, ["lengths"]);
    const { embedding, dropout, rnn } = this.layers;
    const { output, state } = rnn.forward(dropped(dropout, embedding.forward(source)), { lengths });
    const { h, c } = state as { h: Tensor; c?: Tensor };
    const ends = c ? concat([h, c]) : h; // [layers · directions, N, H]
    return { output, state: reshape(permute(ends, [1, 0, 2]), [ends.shape[1] as number, -1]) };
  }
}

/** @internal x as it is where nothing is dropped: no copy. */
export function dropped(dropout: Dropout, x: Tensor): Tensor {
  return dropout.training && dropout.p > 0 ? dropout.forward(x) : x;
}
