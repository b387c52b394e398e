/** Doors: attention, encoders and decoders. */
import { Frame, type Tensor } from "../../bindings/index.js";
import { Attention, MultiHeadAttention, RecurrentEncoder, Seq2Seq } from "../../bindings/sequence.js";
import type { Door } from "./misuse-judge.js";
import type { World } from "./misuse-world.js";

const CLASSES = { Attention, MultiHeadAttention, RecurrentEncoder, Seq2Seq };
// biome-ignore lint/suspicious/noExplicitAny: called with what does not fit
type Loose = any;

const SIZES = { sourceVocabularySize: 2, targetVocabularySize: 3, embeddingDim: 2, hiddenSize: 3, bos: 1, eos: 2 };
const scheduledSampling = { from: 0, to: 0.5, steps: 3, seed: 1 };
const attention = (w: World) => w.own(new Attention(w.rt, { querySize: 3, keySize: 4, score: "additive", hiddenSize: 2 }));
const heads = (w: World) => w.own(new MultiHeadAttention(w.rt, { embedDim: 4, numHeads: 2 }));
const encoder = (w: World) => w.own(new RecurrentEncoder(w.rt, { vocabularySize: 2, embeddingDim: 2, hiddenSize: 3 }));
/** One that soon says that it is at an end, however long it may go on. */
const seq2seq = (w: World) => {
  const model = w.own(new Seq2Seq(w.rt, SIZES));
  model.parameters().at(-1)?.set([0, 0, 9]);
  return model;
};

const making = (name: keyof typeof CLASSES, options: object): Door => ({
  name: `new ${name}`,
  open: (w) => ({ args: [w.rt, options], call: (...args) => w.own(new (CLASSES[name] as Loose)(...args)) }),
});

/** A method in a frame of its own; of a decoder outside of frames. */
function method(name: string, make: (w: World) => Loose, args: (w: World, self: Loose) => unknown[], isFramed = true): Door {
  return {
    name,
    open(w) {
      const self = make(w);
      const called = name.slice(name.lastIndexOf(".") + 1);
      const frame = w.own(new Frame(w.rt));
      const call = (...given: unknown[]) => (isFramed ? frame.record(() => self[called](...given)) : self[called](...given));
      return { args: args(w, self), call, self };
    },
    lazy: true,
  };
}

/** A decoder's step reads what another call has made. */
const stepDoor: Door = {
  name: "Attention.step",
  open(w) {
    const self = attention(w);
    const [query, key] = [w.tensor([2, 3]), w.tensor([5, 2, 4])];
    const frame = w.own(new Frame(w.rt));
    const call = (query: Tensor, options: object) => frame.record(() => self.step(query, self.memory(key), options));
    return { args: [query, { rows: [1, 0] }], call, self };
  },
  lazy: true,
};

const streamDoor: Door = {
  name: "Seq2Seq.stream",
  open(w) {
    const self = seq2seq(w);
    const call = async (...given: unknown[]) => {
      let count = 0;
      for await (const _ of (self.stream as Loose)(...given)) if (++count === 3) break;
    };
    return { args: [[0, 1], { length: 3, temperature: 0.7, topK: 3, topP: 0.9, seed: 1 }], call, self };
  },
  lazy: true,
};

const tokens = (w: World, shape: readonly number[]) => w.tensor(shape, "i32");

export const attentionDoors: readonly Door[] = [
  making("Attention", { querySize: 3, keySize: 4, valueSize: 5, score: "additive", hiddenSize: 2, batchFirst: false, dtype: "f32" }),
  making("MultiHeadAttention", { embedDim: 4, numHeads: 2, bias: true, batchFirst: false }),
  making("RecurrentEncoder", {
    vocabularySize: 2,
    embeddingDim: 2,
    hiddenSize: 3,
    cell: "lstm",
    numLayers: 2,
    bidirectional: false,
    dropout: 0.1,
  }),
  making("Seq2Seq", {
    ...SIZES,
    cell: "gru",
    numLayers: 1,
    decoderLayers: 1,
    attention: "general",
    style: "luong",
    dropout: 0,
    scheduledSampling,
  }),
  method("Attention.forward", attention, (w) => [
    { query: w.tensor([3, 2, 3]), key: w.tensor([5, 2, 4]) },
    { lengths: { key: [5, 2] }, causal: false },
  ]),
  method("Attention.memory", attention, (w) => [w.tensor([5, 2, 4]), { lengths: [5, 1] }]),
  stepDoor,
  method("MultiHeadAttention.forward", heads, (w) => [w.tensor([3, 2, 4]), { lengths: [3, 1], causal: true }]),
  method("RecurrentEncoder.forward", encoder, (w) => [tokens(w, [4, 2]), { lengths: [4, 2] }]),
  method("Seq2Seq.forward", seq2seq, (w) => [
    { source: tokens(w, [4, 2]), target: tokens(w, [3, 2]) },
    { lengths: { source: [4, 2], target: [3, 1] } },
  ]),
  method("Seq2Seq.samples", seq2seq, () => [[{ source: [0, 1], target: [1] }]], false),
  method("Seq2Seq.greedy", seq2seq, () => [[[0, 1], [1]], { length: 3 }], false),
  method("Seq2Seq.sample", seq2seq, () => [[[0, 1], [1]], { length: 3, temperature: 0.7, topK: 3, topP: 0.9, seed: 1 }], false),
  // Without a length penalty, beside which a length of a billion would be searched to its end.
  method("Seq2Seq.beam", seq2seq, () => [[[0, 1], [1]], { length: 3, beams: 2, coveragePenalty: 0.1, noRepeatNgramSize: 2 }], false),
  streamDoor,
];
