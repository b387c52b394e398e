/** The collector: results in the order of the file, each looked up by what it is of. What was given up is set aside with its reason. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Job, Queue } from "bullmq";
import type { Output } from "./output.js";
import { jobOf, readManifest, type Task } from "./produce.js";
import { type DeadLetter, keyOf, type ScoreJob } from "./queues.js";
import type { Results } from "./results.js";
import { type Scored, setAside } from "./score.js";
import type { Span } from "./spans.js";

/** Results that are asked for at once. */
const AT_ONCE = 50;
const WAIT_MS = 100;

export interface Places {
  readonly queue: Queue<ScoreJob, unknown, string>;
  readonly dead: Queue<DeadLetter, unknown, string>;
  readonly results: Results;
}

/** @returns jobs that were given up @throws {Error} when a job is in no state at all, which would be a loss */
export async function collect(task: Task, manifest: string, places: Places, output: Output, signal: AbortSignal): Promise<number> {
  let given = 0;
  let spans: Span[] = [];
  const flush = async () => {
    const found = await places.results.get(spans.map((span) => keyOf(jobOf(task, span))));
    for (const [i, span] of spans.entries()) {
      const result = found[i] ?? (await resultOf(jobOf(task, span), places, signal));
      given += Number(typeof result !== "string");
      await output.add(
        span,
        typeof result === "string" ? (JSON.parse(result) as Scored[]) : setAside(span.lines, result.failedReason ?? "unknown"),
      );
    }
    spans = [];
  };
  for await (const span of readManifest(manifest)) if (spans.push(span) === AT_ONCE) await flush();
  await flush();
  return given;
}

/** As soon as it is there. */
async function resultOf(data: ScoreJob, { queue, dead, results }: Places, signal: AbortSignal): Promise<string | Job<ScoreJob>> {
  const key = keyOf(data);
  for (;;) {
    signal.throwIfAborted();
    const state = await queue.getJobState(key);
    const [result] = await results.get([key]);
    if (result) return result;
    if (state === "unknown" || state === "completed") throw new Error(`lost: ${key}, from line ${data.span.line} on`);
    const job = state === "failed" ? await queue.getJob(key) : undefined;
    if (job) {
      const letter: DeadLetter = { kind: "score", reason: job.failedReason ?? "unknown", attempts: job.attemptsMade, data };
      await dead.add("score", letter, { jobId: key });
      return job;
    }
    await sleep(WAIT_MS, undefined, { signal });
  }
}
