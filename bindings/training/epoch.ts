/** One epoch: its batches, its end, what is told of it. */

import { ArgumentError } from "../errors.js";
import { performance, structuredClone } from "../host.js";
import { batchesOf } from "./data.js";
import { explainingSource, sourceOf } from "./explain.js";
import type { EpochReport } from "./fit-options.js";
import { evaluateIn } from "./measure.js";
import { rewinderOf } from "./rewind.js";
import { beginCounting, type RunState } from "./run.js";
import { keepBest, save } from "./save.js";
import { monitored } from "./saved-run.js";
import { takeStep } from "./step.js";

/** An epoch, or the rest of one that was resumed; less where a callback stops it. */
export async function runEpoch(run: RunState): Promise<void> {
  const { model, signal } = run.settings;
  model.train();
  if (run.at.batch === 0) beginCounting(run);
  try {
    await runBatches(run);
  } catch (error) {
    if (signal?.aborted && error === signal.reason) await stop(run); // a source may throw it too, under the same signal
    throw error;
  }
  if (!run.stopping) await endEpoch(run);
}

async function runBatches(run: RunState): Promise<void> {
  const { data, fixed, signal } = run.settings;
  const { at } = run;
  const source = sourceOf("data", data, at.epoch);
  for await (const picked of batchesOf("data", data, fixed, run.order, { epoch: at.epoch, skip: at.batch, signal, pauses: run.pauses })) {
    if (run.pending.batches === 0 && signal && fixed.accumulate > 1) run.rewind = rewinderOf(run);
    await explainingSource(source, () => run.learn(run, picked));
    if (run.pending.batches === fixed.accumulate) await finishStep(run);
    await reportProgress(run);
    await run.pauses.due();
    if (run.pending.batches > 0) continue;
    signal?.throwIfAborted();
    if (run.stopping) return;
  }
  if (run.pending.batches === 0) return;
  await finishStep(run);
  signal?.throwIfAborted();
}

async function finishStep(run: RunState): Promise<void> {
  const { every } = run.settings.checkpoint ?? {};
  if (takeStep(run) && every !== undefined && run.at.step % every === 0) await save(run);
}

/** Between two steps: so that what is saved has no part of a step in it. */
async function stop(run: RunState): Promise<void> {
  const { at, pending, settings } = run;
  if (pending.batches > 0) run.rewind?.();
  if (settings.checkpoint && at.epoch + at.batch > 0) await save(run);
  settings.signal?.throwIfAborted();
}

async function reportProgress(run: RunState): Promise<void> {
  const { settings, at, started, lastLoss } = run;
  if (settings.callbacks.length === 0) return;
  const done = at.before + at.seen;
  const rate = (done - started.seen) / Math.max((performance.now() - started.at) / 1000, 1e-6);
  const total = at.perEpoch === undefined ? undefined : at.perEpoch * settings.epochs;
  const timeLeft = total === undefined ? undefined : (total - done) / rate;
  const progress = { epoch: at.epoch + 1, epochs: settings.epochs, step: at.step, done, total, rate, timeLeft, loss: lastLoss };
  for (const callback of settings.callbacks) await callback.onProgress?.(progress, run.training);
}

async function endEpoch(run: RunState): Promise<void> {
  const { validation, validated, schedule, scheduleEvery, optimizer, callbacks, signal } = run.settings;
  const { at } = run;
  if (run.scores.weight === 0) {
    const got = `none in epoch ${at.epoch + 1}: all are ignored or of weight 0`;
    throw new ArgumentError("data", "at least one target that counts", got);
  }
  const report: EpochReport = {
    ...{ epoch: at.epoch + 1, loss: run.scores.loss, lr: optimizer.lr },
    ...run.scores.values(),
  };
  if (validation !== undefined) {
    const argument = validated.batching.from ? "data" : "validation"; // what was split off is named by its place in the data
    const measured = await evaluateIn(at.epoch, argument, validation, validated, run.pauses, signal);
    if (measured === undefined) return stop(run); // whoever resumes measures again
    report.validation = measured;
  }
  watch(run, report);
  if (schedule && scheduleEvery === "epoch") schedule.step(report.validation?.loss ?? report.loss);
  at.reports.push(report);
  at.epoch++;
  at.batch = 0;
  at.perEpoch = at.seen;
  at.before += at.seen;
  at.seen = 0;
  beginCounting(run);
  for (const callback of callbacks) await callback.onEpoch?.(structuredClone(report), run.training);
}

/** Keeps the weights where they are the best so far. NaN, of a validation in which nothing counts, says neither better nor worse. */
function watch(run: RunState, report: EpochReport): void {
  const { stopping } = run.settings;
  const { at } = run;
  if (stopping === undefined) return;
  const { monitor, mode, minDelta } = stopping;
  const value = monitored(report, monitor);
  if (Number.isNaN(value)) return;
  const sign = mode === "max" ? -1 : 1;
  if (Number.isFinite(value) && (at.best === undefined || sign * value < sign * at.best.loss - minDelta)) {
    at.best = { loss: value, epoch: at.epoch + 1, monitor };
    at.worse = 0;
    keepBest(run);
  } else {
    at.worse++;
  }
}
