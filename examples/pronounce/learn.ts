/** The training. */
import { AdamW, fit, OneCycleLR, type Runtime } from "wasm-rnn";
import { CTCLoss, ctcGreedy, phoneErrorRate } from "wasm-rnn/sequence";
import { terminalReporter } from "wasm-rnn/terminal";
import type { Checkpoint } from "../shared/saving.js";
import type { Parts, Word } from "./data.js";
import { FRAMES, Speller } from "./model.js";
import type { Options } from "./options.js";
import { encoder, piecesOf } from "./pieces.js";

const EPOCHS = 4;
const BATCH = 64;
const LR = 0.005;
const STEPS_BETWEEN_CHECKPOINTS = 500;

/** A word and the first way it is said, or nothing where that has more phones than there are frames, as of "mph". */
export function sampleOf({ spelling, said: [phones = []] }: Word, encode: (spelling: string) => Int32Array) {
  const frames = phones.length + phones.filter((phone, t) => phone === phones[t - 1]).length; // CTC wants a blank between equal ones
  return frames <= FRAMES * spelling.length ? [{ x: encode(spelling), y: Int32Array.from(phones) }] : [];
}

/** Of two sequences of numbers, one of logits and one of phones, whether they differ: 1 or 0. */
function isWrong(logits: { data: ArrayLike<number>; shape: readonly number[] }, { data }: { data: ArrayLike<number> }): number {
  const said = ctcGreedy(logits);
  return Number(said.length !== data.length || said.some((phone, t) => phone !== data[t]));
}

export interface Learned {
  readonly model: Speller;
  readonly seconds: number;
}

/** The model of the best epoch, and the seconds it took. */
export async function learn(
  rt: Runtime,
  { learned, watched }: Parts,
  { seed, quick, resume }: Options,
  { checkpoint, signal }: { checkpoint: Checkpoint; signal: AbortSignal },
): Promise<Learned> {
  const pieces = piecesOf(learned);
  const encode = encoder(pieces);
  const model = new Speller(rt, { pieces, embedding: 64, hidden: quick ? 16 : 96 });
  const [data, validation] = [learned, watched].map((words) => words.flatMap((word) => sampleOf(word, encode)));
  const epochs = quick ? 1 : EPOCHS;
  const optimizer = new AdamW(model.parameters(), { lr: LR, weightDecay: 0.01 });
  const totalSteps = epochs * Math.ceil(data.length / BATCH);
  const begin = performance.now();
  await fit(model, {
    ...{ data, validation, loss: new CTCLoss(rt), optimizer, epochs, batchSize: BATCH, bucketByLength: true, clipNorm: 5, seed },
    ...{ schedule: new OneCycleLR(optimizer, { maxLr: LR, totalSteps, pctStart: 0.2 }), scheduleEvery: "step" },
    metrics: [{ wer: isWrong, per: phoneErrorRate({ decode: (logits) => ctcGreedy(logits) }) }],
    earlyStopping: { patience: epochs, monitor: "wer", mode: "min" }, // never early, but the best epoch's weights
    callbacks: terminalReporter({ unit: "words" }),
    ...{ checkpoint: { ...checkpoint, every: STEPS_BETWEEN_CHECKPOINTS }, resume, signal },
  });
  return { model, seconds: (performance.now() - begin) / 1000 };
}
