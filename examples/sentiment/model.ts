/** A word's embeddings and what was counted of it → a bidirectional LSTM → maximum over time → glad or cross. Three of them have one voice. */
import { Dense, Dropout, Embedding, LSTM, MaxPool, Model, type ModelForwardOptionsByName, type Runtime, type Tensor } from "wasm-rnn";
import { add, concat, mul, sum } from "wasm-rnn/ops";
import { type Counts, type Inputs, Known } from "./known.js";
import { VIEWS } from "./words.js";

const WIDTH = 24;
const UNITS = 32;
const DROPPED = 0.5;
/** Embeddings begin smaller than the layer makes them: a rare word's, which is seldom moved, then says little and not something random. */
const SCALE = 0.1;
/** Of the sum of what was counted, beside what the LSTM says. */
const SUM = 0.3;
const MEMBERS = ["first", "second", "third"] as const;

type Given = Readonly<Record<keyof Inputs, Tensor>>;
type Options = ModelForwardOptionsByName<keyof Inputs>;

function partsOf(rt: Runtime, { words, beginnings }: { words: number; beginnings: number }) {
  const embedding = (numEmbeddings: number) => new Embedding(rt, { numEmbeddings, embeddingDim: WIDTH, paddingIdx: 0 });
  const parts = {
    words: embedding(words),
    beginnings: embedding(beginnings),
    input: new Dropout(rt, { p: DROPPED }),
    lstm: new LSTM(rt, { inputSize: 2 * WIDTH + VIEWS, hiddenSize: UNITS, bidirectional: true }),
    pool: new MaxPool(rt),
    output: new Dropout(rt, { p: DROPPED }),
    head: new Dense(rt, { inputSize: 2 * UNITS + VIEWS, outputSize: 2 }),
  };
  for (const parameter of [parts.words, parts.beginnings].flatMap((each) => each.parameters())) {
    parameter.update((values) => {
      for (let i = 0; i < values.length; i++) values[i] = SCALE * (values[i] as number);
    });
  }
  return parts;
}

export class Reader extends Model<ReturnType<typeof partsOf>> {
  constructor(rt: Runtime, sizes: { words: number; beginnings: number }) {
    super(rt, partsOf(rt, sizes));
  }

  /** @returns logits of both classes, [N, 2] */
  override forward({ words, beginnings, ratios }: Given, { lengths }: Options = {}): Tensor {
    const { layers } = this;
    const embedded = layers.input.forward(concat([layers.words.forward(words), layers.beginnings.forward(beginnings)], -1));
    const { output } = layers.lstm.forward(concat([embedded, ratios], -1), { lengths: lengths?.words });
    const understood = layers.output.forward(layers.pool.forward(output, { lengths: lengths?.words }));
    return layers.head.forward(concat([understood, mul(sum(ratios, { axes: 0 }), SUM)], -1)); // padding has ratios of 0
  }
}

/** Readers that have learned the same from other beginnings. */
export class Readers extends Model<Record<(typeof MEMBERS)[number], Reader>> {
  static override readonly name = "Readers";
  readonly counts: Counts;
  readonly known: Known;

  constructor(rt: Runtime, counts: Counts) {
    const known = new Known(counts);
    const member = () => new Reader(rt, known.sizes);
    super(rt, { first: member(), second: member(), third: member() }, counts);
    this.counts = counts;
    this.known = known;
  }

  get members(): Reader[] {
    return MEMBERS.map((name) => this.layers[name]);
  }

  /** @returns the sum of their logits */
  override forward(given: Given, options: Options = {}): Tensor {
    const [first, ...others] = this.members.map((member) => member.forward(given, options)) as [Tensor, ...Tensor[]];
    return others.reduce((sum, logits) => add(sum, logits), first);
  }
}
