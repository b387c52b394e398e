/** The training, and what is said of sentences. */
import { AdamW, type Callbacks, CrossEntropyLoss, fit, OneCycleLR, predict, type Runtime } from "wasm-rnn";
import { countsOf, type Learnable } from "./known.js";
import { Readers } from "./model.js";
import { logitOf, weighed } from "./regression.js";

const BATCH = 32;
const RATE = 0.006;

export interface Settings {
  readonly epochs: number;
  readonly signal: AbortSignal;
  readonly callbacks?: Callbacks;
}

/** All three, one after another. */
export async function learn(rt: Runtime, sentences: readonly Learnable[], { epochs, signal, callbacks = {} }: Settings): Promise<Readers> {
  const model = new Readers(rt, weighed(countsOf(sentences), sentences));
  const data = sentences.map(({ text, class: y }) => ({ x: model.known.inputs(text, y), y }));
  for (const member of model.members) {
    const optimizer = new AdamW(member.parameters(), { lr: RATE, weightDecay: 0.05 });
    const totalSteps = epochs * Math.ceil(data.length / BATCH);
    await fit(member, {
      ...{
        data,
        loss: new CrossEntropyLoss(rt),
        optimizer,
        epochs,
        batchSize: BATCH,
        bucketByLength: true,
        clipNorm: 1,
        signal,
        callbacks,
      },
      ...{ schedule: new OneCycleLR(optimizer, { maxLr: RATE, totalSteps }), scheduleEvery: "step" },
    });
  }
  return model;
}

/** Of one text: above 0 where it is glad. */
export interface Logits {
  /** The mean of the three networks. */
  readonly networks: number;
  readonly regression: number;
  readonly together: number;
}

export async function logitsOf(model: Readers, texts: readonly string[]): Promise<Logits[]> {
  const said = await predict(
    model,
    texts.map((text) => ({ x: model.known.inputs(text) })),
  );
  return said.map(({ data: [cross = 0, glad = 0] }, i) => {
    const networks = (glad - cross) / model.members.length;
    const regression = logitOf(model.counts, model.known, texts[i] as string);
    return { networks, regression, together: networks + regression };
  });
}
