/** The training of this page, its losses as they come, and what came of it: it outlives the tab, which leaves it when it is left. */
import { signal } from "@preact/signals";
import { said } from "../shared/errors";
import { naiveLoss } from "./baselines";
import { forgetLesson, type Lesson, rememberedLesson, rememberLesson } from "./remembered";
import { type Result, resultOf } from "./result";
import type { Series } from "./series";
import type { Table } from "./table";
import { type Listener, type Losses, train } from "./train";

export interface Training {
  /** `"paused"`: it was left in the middle. */
  readonly state: "none" | "running" | "stopping" | "paused" | "done" | "failed";
  /** Of the passes that may be gone through, from 0 to 1. */
  readonly share: number;
  readonly passes: readonly Losses[];
  /** The loss of the naive forecast on the part that is watched. */
  readonly naive: number;
  /** To go on with, where there is more to learn. */
  readonly lesson?: Lesson;
  readonly result?: Result;
  readonly problem?: string;
}

const NONE: Training = { state: "none", share: 0, passes: [], naive: Number.NaN };
/** Milliseconds between two drawings. */
const PAUSE = 150;

export const training = signal(NONE);

interface Run {
  readonly controller: AbortController;
  stopped: boolean;
}

let newest: Run | undefined;
/** The end of all runs, and of what they keep. */
let ended: Promise<void> = Promise.resolve();

/** Ends it, and takes what it has learned until then. */
export function stop(): void {
  if (newest) newest.stopped = true;
  training.value = { ...training.value, state: "stopping" };
}

/** As far as it has come it is kept. */
export function leave(): void {
  newest?.controller.abort();
}

/** To another table: what is here does not matter any more, but it may be that of the last visit. */
export async function change(table: Table | undefined): Promise<void> {
  leave();
  newest = undefined;
  training.value = NONE;
  await ended; // a run that was left is kept at its end
  const lesson = table && (await rememberedLesson(table));
  if (!lesson || training.value !== NONE) return;
  try {
    training.value = trainingOf(lesson);
  } catch {
    await forgetLesson(); // of another version of the page
  }
}

/** @param before as far as it had come, to go on */
export function start(series: Series, before?: Lesson): void {
  leave();
  const own: Run = { controller: new AbortController(), stopped: false };
  newest = own;
  const end = learn(own, series, before);
  ended = ended.then(() => end);
}

function trainingOf(lesson: Lesson): Training {
  const { series, passes, learned, checkpoint } = lesson;
  const known = { share: 1, passes, naive: naiveLoss(series), ...(checkpoint && { lesson }) };
  return learned ? { ...known, state: "done", result: resultOf(series, learned) } : { ...known, state: "paused" };
}

async function learn(own: Run, series: Series, before?: Lesson): Promise<void> {
  const passes = [...(before?.passes ?? [])];
  let [share, checkpoint] = [0, before?.checkpoint];
  const lesson = () => ({ series, passes: [...passes], ...(checkpoint && { checkpoint }) });
  const { signal } = own.controller;
  const show = (change: Partial<Training> = {}) => {
    if (newest === own) training.value = { ...training.value, share, passes: [...passes], ...change };
  };
  training.value = { ...NONE, state: "running", naive: naiveLoss(series), passes };
  const drawing = setInterval(show, PAUSE);
  const listener: Listener = {
    ...{ signal, stopped: () => own.stopped },
    onProgress(now) {
      share = now;
    },
    onPass: (losses) => void passes.push(losses),
    onCheckpoint(bytes) {
      checkpoint = bytes;
      if (newest === own) void rememberLesson(lesson(), signal.aborted);
    },
  };
  try {
    const learned = await train(series, listener, checkpoint);
    if (learned.stopped !== "callback") checkpoint = undefined;
    const done = { ...lesson(), learned };
    if (newest === own) training.value = trainingOf(done);
    await rememberLesson(done, true);
  } catch (error) {
    if (!signal.aborted) show({ state: "failed", problem: said(error) });
  } finally {
    clearInterval(drawing);
  }
}
