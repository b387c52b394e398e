/** The producer: a file becomes jobs, and a list of them in the order of the file. Done again it adds nothing that is there. */
import { createReadStream } from "node:fs";
import { open, rename } from "node:fs/promises";
import { createInterface } from "node:readline";
import type { Queue } from "bullmq";
import { keyOf, type ScoreJob } from "./queues.js";
import type { Results } from "./results.js";
import { cut, type Span } from "./spans.js";

/** Jobs that are handed to Redis at once. */
const BULK = 100;

export interface Task {
  readonly file: string;
  readonly model: string;
  readonly modelHash: string;
  /** Lines of a job. */
  readonly lines: number;
}

export const jobOf = ({ model, modelHash }: Task, span: Span): ScoreJob => ({ span, model, modelHash });

/**
 * @param manifest is written: the spans, a line each
 * @returns how many jobs there are, and how many of them were to be done
 */
export async function produce(
  task: Task,
  manifest: string,
  queue: Queue<ScoreJob, unknown, string>,
  results: Results,
): Promise<{ jobs: number; added: number }> {
  const handle = await open(`${manifest}.tmp`, "w");
  let [jobs, added] = [0, 0];
  const flush = async (spans: readonly Span[]) => {
    const all = spans.map((span) => jobOf(task, span)).map((data) => ({ name: "score", data, opts: { jobId: keyOf(data) } }));
    const done = await Promise.all(all.map(({ opts }) => results.has(opts.jobId)));
    const missing = all.filter((_, i) => !done[i]);
    await queue.addBulk(missing);
    await handle.appendFile(spans.map((span) => `${JSON.stringify(span)}\n`).join(""));
    jobs += all.length;
    added += missing.length;
  };
  let spans: Span[] = [];
  for await (const span of cut(task.file, task.lines)) {
    if (spans.push(span) < BULK) continue;
    await flush(spans);
    spans = [];
  }
  await flush(spans);
  await handle.sync();
  await handle.close();
  await rename(`${manifest}.tmp`, manifest);
  return { jobs, added };
}

export async function* readManifest(manifest: string): AsyncGenerator<Span> {
  for await (const line of createInterface({ input: createReadStream(manifest) })) yield JSON.parse(line);
}
