/** Successive halving: many trials of few passes, then the better third of them with three times as many. Source: Jamieson and Talwalkar, 2016. */
import { setTimeout as sleep } from "node:timers/promises";
import Table from "cli-table3";
import type { Fleet } from "./fleet.js";
import { Progress } from "./progress.js";
import { keyOfTrial, type Outcome, type Trial } from "./trial.js";

const HIDDEN = [4, 8, 16];
const RATES = [0.005, 0.01, 0.02, 0.04];
const DECAYS = [0, 0.01];
const FACTOR = 3;
const WAIT_MS = 100;
/** Of a rung. */
const SHOWN = 3;

export interface Judged extends Trial, Outcome {}

/** What is tried first. */
export function grid(quick: boolean): Trial[] {
  const [hidden, rates, decays] = quick ? [HIDDEN.slice(0, 2), RATES.slice(1), [0]] : [HIDDEN, RATES, DECAYS];
  return hidden.flatMap((hidden) => rates.flatMap((lr) => decays.map((weightDecay) => ({ hidden, lr, weightDecay, epochs: 1, seed: 1 }))));
}

/** @param judge the trials of a rung @returns every rung, the best first in each */
export async function halve(trials: readonly Trial[], judge: (rung: readonly Trial[]) => Promise<Outcome[]>): Promise<Judged[][]> {
  const rungs: Judged[][] = [];
  for (let rung = [...trials]; ; ) {
    const outcomes = await judge(rung);
    const judged = rung.map((trial, i) => ({ ...trial, loss: outcomes[i]?.loss ?? Number.NaN })).sort((a, b) => a.loss - b.loss);
    rungs.push(judged);
    if (judged.length === 1) return rungs;
    rung = judged
      .slice(0, Math.max(1, Math.floor(judged.length / FACTOR)))
      .map(({ loss: _, ...trial }) => ({ ...trial, epochs: trial.epochs * FACTOR }));
  }
}

/** Jobs by the hash of their settings: what was tried before, in this sweep or in another one, is not tried again. */
export async function judgeByFleet(rung: readonly Trial[], { queue, results }: Fleet<"sweep">, signal: AbortSignal): Promise<Outcome[]> {
  const keys = rung.map(keyOfTrial);
  const before = await results.get(keys);
  const jobs = rung.map((data, i) => ({ name: `${data.hidden} units, lr ${data.lr}`, data, opts: { jobId: keys[i] as string } }));
  await queue.retryJobs({ state: "failed" });
  await queue.addBulk(jobs.filter((_, i) => before[i] === null));
  const progress = new Progress(rung.length, `trials of ${rung[0]?.epochs} passes`);
  try {
    for (;;) {
      signal.throwIfAborted();
      const found = await results.get(keys);
      const done = found.filter((each) => each !== null);
      progress.update(done.length, keys.length);
      if (done.length === keys.length) return done.map((each) => JSON.parse(each) as Outcome);
      const [failed] = await queue.getFailed(0, 0);
      if (failed) throw new Error(`trial ${failed.id} was given up: ${failed.failedReason}`);
      await sleep(WAIT_MS, undefined, { signal });
    }
  } finally {
    progress.stop();
  }
}

/** The best of each rung. */
export function tableOf(rungs: readonly (readonly Judged[])[]): string {
  const table = new Table({ head: ["trials", "passes", "units", "rate", "decay", "loss"], style: { head: [], border: [], compact: true } });
  for (const rung of rungs)
    for (const [i, { epochs, hidden, lr, weightDecay, loss }] of rung.slice(0, SHOWN).entries())
      table.push([i === 0 ? rung.length : "", epochs, hidden, lr, weightDecay, loss.toFixed(5)]);
  return table.toString();
}
