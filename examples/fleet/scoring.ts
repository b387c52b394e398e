/** The whole of a bulk scoring: jobs out, results in, and what is killed in between. */
import { setTimeout as sleep } from "node:timers/promises";
import { Chaos } from "./chaos.js";
import { collect } from "./collect.js";
import type { Fleet } from "./fleet.js";
import { Output } from "./output.js";
import { produce, type Task } from "./produce.js";
import { Progress } from "./progress.js";

const TICK_MS = 50;

export interface ScoringOptions {
  readonly task: Task;
  readonly manifest: string;
  readonly scores: string;
  readonly kills: number;
  readonly redisKills: number;
}

export interface Summary {
  readonly lines: number;
  readonly rejected: number;
  readonly jobs: number;
  readonly added: number;
  readonly given: number;
  readonly deliveredAgain: number;
  /** Results of which there were two kinds: none, where all workers are of one build. */
  readonly unequal: number;
  readonly killed: Chaos["done"];
}

export async function scoreByFleet(
  { task, manifest, scores, kills, redisKills }: ScoringOptions,
  fleet: Fleet<"score">,
  signal: AbortSignal,
): Promise<Summary> {
  const { queue, dead, results } = fleet;
  await Promise.all([queue.retryJobs({ state: "failed" }), dead.drain()]); // what was given up is tried once more
  const { jobs, added } = await produce(task, manifest, queue, results);
  const before = await results.deliveredAgain();
  const progress = new Progress(jobs, "jobs");
  const chaos = new Chaos({ ...fleet, queue }, kills, redisKills);
  const over = new AbortController();
  const watching = watch(fleet, jobs, progress, chaos, over.signal);
  const output = await Output.open(scores);
  try {
    const given = await collect(task, manifest, fleet, output, signal);
    await output.close();
    const { lines, rejected } = output;
    const deliveredAgain = (await results.deliveredAgain()) - before;
    const unequal = (await results.unequal()).length;
    return { lines, rejected, jobs, added, given, deliveredAgain, unequal, killed: chaos.done };
  } finally {
    over.abort();
    await watching;
    progress.stop();
  }
}

async function watch({ queue }: Fleet<"score">, jobs: number, progress: Progress, chaos: Chaos, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    const left = await queue.getJobCountByTypes("waiting", "active", "delayed", "prioritized");
    progress.update(jobs - left, jobs);
    const killed = await chaos.tick((jobs - left) / jobs);
    if (killed !== undefined) progress.say(killed);
    await sleep(TICK_MS);
  }
}
