/** What learns in a worker: one network, all that it learns from, and how. */
import { AdamW, CrossEntropyLoss, OneCycleLR } from "wasm-rnn";
import { CRFLoss, loadOperators, spanF1 } from "wasm-rnn/sequence";
import type { WorkerModuleFunction } from "wasm-rnn/worker";
import { LABELS, type Sentence, sidesOf } from "./data.js";
import { Tagger } from "./model.js";
import { knownOf, Vocabulary } from "./vocabulary.js";

const EPOCHS = 4;
const BATCH = 32;
const RATE = 0.005;

export interface TaggerOptions {
  readonly seed: number;
  readonly quick: boolean;
}

const learn: WorkerModuleFunction<TaggerOptions> = async ({ rt }, { seed, quick }) => {
  await loadOperators(rt);
  const { learned, watched } = sidesOf(quick);
  const known = knownOf(learned);
  const vocabulary = new Vocabulary(known);
  const samples = (side: readonly Sentence[]) => side.map((sentence) => vocabulary.sample(sentence));
  const model = new Tagger(rt, known);
  const { crf } = model.layers;
  const [epochs, batchSize] = quick ? [1, 8] : [EPOCHS, BATCH];
  const optimizer = new AdamW(model.parameters(), { lr: RATE, weightDecay: 0.01 });
  const totalSteps = epochs * Math.ceil(learned.length / batchSize);
  return {
    ...{
      model,
      data: samples(learned),
      validation: samples(watched),
      optimizer,
      epochs,
      batchSize,
      seed,
      bucketByLength: true,
      clipNorm: 5,
    },
    loss: { names: new CRFLoss(crf), tags: new CrossEntropyLoss(rt) },
    metrics: { names: [{ spans: spanF1({ labels: LABELS, decode: (emissions) => crf.decode(emissions)[0].tags }) }], tags: ["accuracy"] },
    ...{ schedule: new OneCycleLR(optimizer, { maxLr: RATE, totalSteps, pctStart: 0.2 }), scheduleEvery: "step" },
    earlyStopping: { patience: epochs, monitor: "names.spans", mode: "max" }, // none stops early: the best epoch's weights are taken
  };
};

export default learn;
