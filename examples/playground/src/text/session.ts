/** The training of this page: it outlives the tab, which pauses it when it is left. */
import { batch, signal } from "@preact/signals";
import { said } from "../shared/errors";
import { remembered } from "../shared/remembered";
import { keeper, keptRun } from "./keeper";
import type { Network } from "./network";
import { type Run, withPoint, withSample } from "./run";
import { SAMPLE } from "./sizes";
import { restoreSource, type Source, source } from "./source";
import { type Check, type Progress, train } from "./train";
import { isStyle, STYLE, text } from "./write";

export type Phase = "loading" | "none" | "starting" | "training" | "pausing" | "paused" | "done";

export const phase = signal<Phase>("loading");
export const run = signal<Run | undefined>(undefined);
/** Only while it trains. */
export const progress = signal<Progress | undefined>(undefined);
export const problem = signal<string | undefined>(undefined);
/** Bytes in use in the worker, as far as this tab knows. */
export const memory = signal<number | undefined>(undefined);
/** Whether the browser keeps what is learned. */
export const isKept = signal(true);
/** How samples and texts are written. */
export const style = remembered("text.style", STYLE, isStyle);

/** Milliseconds between two drawings of the progress, and between two samples. */
const DRAWN = 250;
const SAMPLED = 8000;

let controller = new AbortController();

/** The run as it has come out: over, to go on with, or nothing where not a step of it was done. */
function settle(): void {
  const { value } = run;
  if (value?.checkpoint === undefined) run.value = undefined;
  phase.value = value?.checkpoint === undefined ? "none" : value.step >= value.goal ? "done" : "paused";
}

let restored: Promise<void> | undefined;

/** Once a page: what was there at the last visit. */
export function restore(): Promise<void> {
  restored ??= (async () => {
    const [before] = await Promise.all([keptRun(), restoreSource()]);
    run.value = before?.textId === source.value?.id ? before : undefined; // of two pages at once only one is kept
    settle();
  })();
  return restored;
}

export function begin({ cell, units }: Network, goal: number, { id, name, vocabulary }: Source): Promise<void> {
  return learn({ version: 1, cell, units, goal, textId: id, textName: name, vocabulary, step: 0, curve: [], samples: [] });
}

/** @param more steps beyond its goal */
export async function goOn(more = 0): Promise<void> {
  if (run.value) await learn({ ...run.value, goal: run.value.goal + more });
}

export function pause(): void {
  if (phase.value !== "starting" && phase.value !== "training") return;
  phase.value = "pausing";
  controller.abort();
}

export function discard(): void {
  batch(() => {
    run.value = undefined;
    problem.value = undefined;
    phase.value = "none";
  });
  void keeper.forget();
}

async function learn(started: Run): Promise<void> {
  const { value: from } = source;
  if (!from) return;
  controller = new AbortController();
  batch(() => {
    run.value = started;
    phase.value = "starting";
    problem.value = undefined;
  });
  let newest: Progress | undefined;
  const drawing = setInterval(() => {
    progress.value = newest;
  }, DRAWN);
  try {
    await train(started, from.text, {
      signal: controller.signal,
      onBegin(point) {
        run.value = { ...started, curve: [point] };
      },
      onProgress(now) {
        newest = now;
        if (phase.value === "starting") phase.value = "training";
      },
      onCheck: checker(controller.signal),
      onMemory(bytes) {
        memory.value = bytes;
      },
    });
  } catch (error) {
    problem.value = said(error);
  }
  clearInterval(drawing);
  if (run.value) isKept.value = await keeper.keep(run.value, true);
  batch(() => {
    progress.value = undefined;
    settle();
  });
}

/** What is done at each check; a sample at the first and the last, and now and then. */
function checker(signal: AbortSignal): (check: Check) => Promise<void> {
  let sampled = Number.NEGATIVE_INFINITY;
  return async ({ model, checkpoint, file, point }) => {
    const { value: before } = run;
    if (!before) return;
    const { step } = point;
    const isDue = performance.now() - sampled > SAMPLED || step >= before.goal;
    const sample = isDue && !signal.aborted ? await text(model, before.vocabulary, style.value, { length: SAMPLE }) : undefined;
    if (sample !== undefined) sampled = performance.now();
    run.value = {
      ...{ ...before, step, checkpoint, file, curve: withPoint(before, point) },
      ...(sample !== undefined && { samples: withSample(before, { step, text: sample }) }),
    };
    isKept.value = await keeper.keep(run.value, false);
  };
}
