/** One stretch of a training, from where it is to its goal or until it is paused, in the page's worker. */
import { evaluate, fit, type WorkerData, type WorkerModel, type WorkerRuntime } from "wasm-rnn/worker";
import { engine } from "../shared/engine";
import { apart } from "./apart";
import { metadataOf, stepOf } from "./model-file";
import { layersOf, stepsPerCheck } from "./network";
import type { Point, Run } from "./run";
import { BATCH, LENGTH } from "./sizes";
import { passesFor, sequencesOf } from "./windows";

export interface Progress {
  readonly step: number;
  /** Characters a second. */
  readonly speed: number;
}

/** What is known every few steps, while the training waits. */
export interface Check {
  readonly point: Point;
  readonly checkpoint: Uint8Array<ArrayBuffer>;
  readonly file: Uint8Array<ArrayBuffer>;
  readonly model: WorkerModel;
}

export interface Listener {
  /** Pauses it after the step under way and a last check. */
  readonly signal: AbortSignal;
  /** Before the first step. */
  onBegin(point: Point): void;
  onProgress(progress: Progress): void;
  onCheck(check: Check): Promise<void>;
  /** Of the worker, in bytes: in the beginning, at each check, and when it has let go of everything. */
  onMemory(inUse: number): void;
}

const RATE = 0.005;
const [loss, optimizer] = [["CrossEntropyLoss"], ["AdamW", { lr: RATE, weightDecay: 0.01 }]] as const;

export async function train(run: Run, text: string, listener: Listener): Promise<void> {
  const tokens = await apart((api) => api.tokens(text, run.vocabulary));
  const rt = await engine();
  const model = await rt.sequential(layersOf(run, run.vocabulary.length));
  const { learned, held } = sequencesOf(tokens);
  const validation = await rt.data(held);
  try {
    if (!listener.signal.aborted) await trainOn({ rt, run, model, learned, validation, listener });
  } catch (error) {
    if (!listener.signal.aborted) throw error;
  } finally {
    validation.dispose();
    model.dispose();
  }
  listener.onMemory(await rt.bytesInUse);
}

interface Training {
  readonly rt: WorkerRuntime;
  readonly run: Run;
  readonly model: WorkerModel;
  readonly learned: ReturnType<typeof sequencesOf>["learned"];
  readonly validation: WorkerData;
  readonly listener: Listener;
}

async function trainOn({ rt, run, model, learned, validation, listener }: Training): Promise<void> {
  let recent: number[] = []; // losses since the last check
  let last = run.step;
  let stop = () => {};
  const heldOut = async () => (await evaluate(model, { data: validation, loss })).loss / Math.LN2;
  const save = async (checkpoint: Uint8Array<ArrayBuffer>) => {
    const step = stepOf(checkpoint);
    if (step === last) return; // it ends where there was a check
    last = step;
    const validated = await heldOut();
    const file = await model.save(metadataOf(run, run.vocabulary, run.textName));
    const mean = recent.reduce((a, b) => a + b, 0) / recent.length;
    recent = [];
    const point = { step, training: mean / Math.LN2, validation: validated };
    await listener.onCheck({ point, checkpoint, file, model });
    listener.onMemory(await rt.bytesInUse);
    if (step >= run.goal) stop();
  };
  listener.onMemory(await rt.bytesInUse);
  if (run.step === 0) listener.onBegin({ step: 0, training: null, validation: await heldOut() });
  await fit(model, {
    ...{ data: learned, loss, optimizer, batchSize: BATCH, clipNorm: 1, epochs: passesFor(run.goal, learned.length) + 1 },
    ...{ signal: listener.signal, checkpoint: { every: stepsPerCheck(run), save } },
    ...(run.checkpoint && { resume: run.checkpoint.slice() }), // its bytes are moved
    callbacks: {
      onProgress({ step, loss: now, rate }, training) {
        stop = () => training.stop();
        recent.push(now);
        listener.onProgress({ step, speed: rate * LENGTH });
      },
    },
  });
}
