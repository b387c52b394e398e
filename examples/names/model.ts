/** Words and their characters → a bidirectional LSTM → a CRF over O, B and I; and a tag for each word, by which it learns what names are not. */
import { Dense, Dropout, Embedding, GRU, LSTM, Model, type ModelForwardOptionsByName, predict, type Runtime, type Tensor } from "wasm-rnn";
import { concat, gather, greater, mul, reshape, split, squeeze, unsqueeze, where } from "wasm-rnn/ops";
import { bioConstraints, CRF } from "wasm-rnn/sequence";
import { LABELS } from "./data.js";
import { HINTS } from "./hints.js";
import { differentWords } from "./spelling.js";
import { CHARACTERS, type Inputs, type Known, UNKNOWN } from "./vocabulary.js";

const WORD = 40;
const HINT = 8;
const CHARACTER = 16;
/** Units of each direction, over the characters and over the words. */
const SPELLING = 24;
const UNITS = 100;
/** Embeddings begin smaller than the layer makes them: a rare word's, which is seldom moved, then says little and not something random. */
const SCALE = 0.1;

type Parts = ReturnType<typeof partsOf>;
type Given = Readonly<Record<keyof Inputs, Tensor>>;
type Said = { readonly names: Tensor; readonly tags: Tensor };

function partsOf(rt: Runtime, { words, tags }: Known) {
  const parts = {
    words: new Embedding(rt, { numEmbeddings: words.length + 1, embeddingDim: WORD, paddingIdx: UNKNOWN }),
    rare: new Dropout(rt, { p: 0.4 }),
    hints: new Embedding(rt, { numEmbeddings: HINTS, embeddingDim: HINT, paddingIdx: 0 }),
    characters: new Embedding(rt, { numEmbeddings: CHARACTERS, embeddingDim: CHARACTER, paddingIdx: 0 }),
    spelling: new GRU(rt, { inputSize: CHARACTER, hiddenSize: SPELLING, bidirectional: true }),
    input: new Dropout(rt, { p: 0.25 }),
    lstm: new LSTM(rt, { inputSize: 2 * WORD + HINT + 2 * SPELLING, hiddenSize: UNITS, bidirectional: true }),
    output: new Dropout(rt, { p: 0.35 }),
    head: new Dense(rt, { inputSize: 2 * UNITS, outputSize: LABELS.length }),
    tags: new Dense(rt, { inputSize: 2 * UNITS, outputSize: tags.length + 1 }),
    crf: crfOf(rt),
  };
  for (const embedding of [parts.words, parts.hints, parts.characters]) scale(embedding);
  return parts;
}

function crfOf(rt: Runtime): CRF {
  return new CRF(rt, { numTags: LABELS.length, constraints: bioConstraints([...LABELS]) });
}

function scale(embedding: Embedding): void {
  for (const parameter of embedding.parameters()) {
    parameter.update((values) => {
      for (let i = 0; i < values.length; i++) values[i] = SCALE * (values[i] as number);
    });
  }
}

export class Tagger extends Model<Parts> {
  readonly known: Known;
  #ofBatch: Tensor[] = [];

  constructor(rt: Runtime, known: Known) {
    super(rt, partsOf(rt, known));
    this.known = known;
  }

  /** @returns emissions of the labels, and logits of the tags: [T, N, …] */
  override forward({ words, folded, hints, characters }: Given, { lengths }: ModelForwardOptionsByName<keyof Inputs> = {}): Said {
    const { layers } = this;
    const remembered = this.#remembered(words);
    const seen = [words, folded].map((numbers) => mul(layers.words.forward(numbers), remembered));
    const x = layers.input.forward(concat([...seen, layers.hints.forward(hints), this.#spelling(characters, words.shape)], -1));
    const { output } = layers.lstm.forward(x, { lengths: lengths?.words });
    const understood = layers.output.forward(output);
    return { names: layers.crf.forward(layers.head.forward(understood)), tags: layers.tags.forward(understood) };
  }

  /** While it learns, some rare words are as if they were unknown, 0; all others 1. Source: Kiperwasser and Goldberg, arXiv:1603.04351. */
  #remembered(words: Tensor): Tensor {
    const isRare = unsqueeze(greater(words, this.known.frequent), -1); // [T, N, 1]
    const kept = this.layers.rare.forward(where(isRare, 1, 0));
    return where(greater(where(isRare, kept, 1), 0), 1, 0);
  }

  /** What the GRU says at both ends of each word. */
  #spelling(characters: Tensor, shape: readonly number[]): Tensor {
    for (const tensor of this.#ofBatch) tensor.dispose(); // a backward pass over the last batch is over
    const different = differentWords(this.runtime, characters, 2 * SPELLING);
    this.#ofBatch = [different.characters, different.places];
    const letters = this.layers.characters.forward(different.characters);
    const { state } = this.layers.spelling.forward(letters, { lengths: different.lengths }); // h [2, U, SPELLING]
    const ends = concat(
      split(state.h, 2).map((end) => squeeze(end, 0)),
      -1,
    );
    return reshape(gather(ends, 0, different.places), [...shape, 2 * SPELLING]);
  }
}

/** Two that have learned the same from other beginnings, and a CRF with the means of what theirs have learned. */
export class Taggers extends Model<{ first: Tagger; second: Tagger; crf: CRF }> {
  static override readonly name = "Taggers";
  readonly known: Known;

  constructor(rt: Runtime, known: Known) {
    super(rt, { first: new Tagger(rt, known), second: new Tagger(rt, known), crf: crfOf(rt) }, known);
    this.known = known;
  }

  /** @param files of both taggers */
  take(files: readonly Uint8Array[]): void {
    const { first, second, crf } = this.layers;
    const members = [first, second].map((member, i) => member.load(files[i] as Uint8Array).layers.crf.parameters());
    for (const [p, parameter] of crf.parameters().entries()) parameter.set(meanOf(members.map((own) => own[p]?.toArray() ?? [])));
  }

  /** @returns emissions of the labels, of each: [T, N, 3] */
  override forward(given: Given, options: ModelForwardOptionsByName<keyof Inputs> = {}): { first: Tensor; second: Tensor } {
    const { first, second } = this.layers;
    return { first: first.forward(given, options).names, second: second.forward(given, options).names };
  }

  /** The labels of each sentence that both together find likeliest. */
  async label(samples: readonly { readonly x: Inputs }[]): Promise<Int32Array[]> {
    const said = await predict(this, samples);
    const emissions = said.map(({ first, second }) => ({ data: Float32Array.from(meanOf([first.data, second.data])), shape: first.shape }));
    return this.layers.crf.decode(emissions).map(({ tags }) => tags);
  }
}

function meanOf(all: readonly ArrayLike<number>[]): number[] {
  return Array.from(all[0] ?? [], (_, i) => all.reduce((sum, values) => sum + (values[i] as number), 0) / all.length);
}
