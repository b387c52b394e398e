/** What learns in a worker: one network, all that it learns from, and how. */
import { AdamW, OneCycleLR } from "wasm-rnn";
import { CTCLoss, ctcGreedy, loadOperators } from "wasm-rnn/sequence";
import type { WorkerModuleFunction } from "wasm-rnn/worker";
import { PHONE_OF, partsOf, type Word, wordsToLearn } from "./data.js";
import { encoder, FRAMES } from "./letters.js";
import { type Settings, Speller } from "./model.js";

const EPOCHS = 4;
const BATCH = 64;
const LR = 0.005;

export interface SpellerOptions {
  readonly settings: Settings;
  readonly seed: number;
  readonly quick: boolean;
}

/** A word with each way it is said, but those that have more sounds than there are frames, as of "mph". */
export function samplesOf({ spelling, said, stressed }: Word, { trios, stress }: Pick<Settings, "trios" | "stress">) {
  const encode = encoder(trios);
  const ways = (stress ? stressed : said).filter((sounds) => {
    const blanks = sounds.filter((sound, t) => sound === sounds[t - 1]).length; // CTC wants one between equal ones
    return sounds.length + blanks <= FRAMES * spelling.length;
  });
  return ways.map((sounds) => ({ x: encode(spelling), y: Int32Array.from(sounds) }));
}

/** Of two sequences of sounds, one as logits, whether they differ in a phone: 1 or 0. */
function isWrong(logits: Parameters<typeof ctcGreedy>[0], { data }: { data: ArrayLike<number> }): number {
  const said = ctcGreedy(logits);
  return Number(said.length !== data.length || said.some((sound, t) => PHONE_OF[sound] !== PHONE_OF[data[t] as number]));
}

const learn: WorkerModuleFunction<SpellerOptions> = async ({ rt }, { settings, seed, quick }) => {
  await loadOperators(rt);
  const { learned, watched } = partsOf(wordsToLearn(quick));
  const model = new Speller(rt, settings);
  const data = learned.flatMap((word) => samplesOf(word, settings));
  const validation = watched.flatMap((word) => samplesOf(word, settings).slice(0, 1));
  const epochs = quick ? 1 : EPOCHS;
  const optimizer = new AdamW(model.parameters(), { lr: LR, weightDecay: 0.01 });
  const totalSteps = epochs * Math.ceil(data.length / BATCH);
  return {
    ...{ model, data, validation, loss: new CTCLoss(rt), optimizer, epochs, batchSize: BATCH, bucketByLength: true, clipNorm: 5, seed },
    ...{ schedule: new OneCycleLR(optimizer, { maxLr: LR, totalSteps, pctStart: 0.2 }), scheduleEvery: "step" },
    metrics: [{ wer: isWrong }],
    earlyStopping: { patience: epochs, monitor: "wer", mode: "min" }, // never early, but the best epoch's weights
  };
};

export default learn;
