/** Bulk scoring and a sweep by many processes or machines, over BullMQ and Redis. README.md says more. */
import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, rmSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import pc from "picocolors";
import { abortOnCtrlC, INTERRUPTED, run, UserError } from "../shared/program.js";
import { grouped } from "../shared/text.js";
import { writeSequences } from "./data.js";
import { withFleet } from "./fleet.js";
import { ensureModel } from "./model.js";
import { parseOptions, type ScoreOptions, type SweepOptions } from "./options.js";
import { rejectedBeside } from "./output.js";
import type { Task } from "./produce.js";
import type { Kind } from "./queues.js";
import { type Summary, scoreByFleet } from "./scoring.js";
import { scoreAlone } from "./single.js";
import { grid, halve, judgeByFleet, tableOf } from "./sweep.js";
import { Workers } from "./workers.js";

async function taskOf({ folder, sequences, poison, span, input }: ScoreOptions): Promise<Task> {
  mkdirSync(folder, { recursive: true });
  const file = resolve(input ?? join(folder, `sequences-${sequences}-${poison}.jsonl`));
  if (!existsSync(file)) {
    if (input !== undefined) throw new UserError(`--input: there is no file ${input}`);
    await writeSequences(file, sequences, poison);
  }
  const model = resolve(folder, "model.safetensors");
  if (!existsSync(model)) console.log(pc.dim("  a detector of faulty readings learns"));
  return { file, model, modelHash: await ensureModel(model), lines: span };
}

/** Of a quick run, of which nothing is there yet. */
function emptied(folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  return folder;
}

async function score(given: ScoreOptions, signal: AbortSignal): Promise<number> {
  const options = given.quick ? { ...given, folder: emptied(join(given.folder, "quick")) } : given;
  if (process.env.REDIS_URL && options.redisKills > 0) throw new UserError("--redis-kills: not of your Redis; unset REDIS_URL");
  const task = await taskOf(options);
  const { kills, redisKills, workers, dashboard } = options;
  const folder = resolve(options.folder);
  const scores = join(folder, "scores.jsonl");
  const begin = performance.now();
  const summary = await withFleet(
    "score",
    { workers, folder: join(folder, "redis"), ...(dashboard === undefined ? {} : { dashboard }) },
    signal,
    async (fleet) => {
      const done = await scoreByFleet({ task, manifest: join(folder, "spans.jsonl"), scores, kills, redisKills }, fleet, signal);
      report(done, scores, performance.now() - begin);
      return done;
    },
  );
  const isEqualToAlone = !options.check || (await isEqual(task, scores, folder, signal));
  return isEqualToAlone && summary.given + summary.unequal === 0 ? 0 : 1;
}

const shown = (file: string) => pc.cyan(relative("", file));

function report({ lines, rejected, jobs, added, given, deliveredAgain, unequal, killed }: Summary, scores: string, ms: number): void {
  const found = jobs - added;
  const { worker, processor, Redis } = killed;
  const seconds = `${(ms / 1000).toFixed(1)} s, ${grouped(Math.round((1000 * lines) / ms))} a second`;
  console.log(
    `  ${grouped(lines)} lines in ${grouped(jobs)} jobs${found > 0 ? `, ${grouped(found)} of them done before` : ""}: ${seconds}`,
  );
  if (worker + processor + Redis > 0)
    console.log(
      `  killed: ${worker} workers, ${processor} processors, Redis ${Redis} times; ${deliveredAgain} jobs came again when their results were there`,
    );
  console.log(`  ${shown(scores)}`);
  if (rejected > 0) console.log(`  ${grouped(rejected)} lines set aside, each with its reason: ${shown(rejectedBeside(scores))}`);
  if (unequal > 0)
    console.log(pc.red(`  ${unequal} jobs gave something else when they came again: workers of several builds or versions?`));
  if (given > 0) console.log(pc.yellow(`  ${given} jobs were given up: their lines are among those; the next run tries them again`));
}

/** Byte by byte, both files. */
async function isEqual(task: Task, scores: string, folder: string, signal: AbortSignal): Promise<boolean> {
  const alone = join(folder, "alone.jsonl");
  const begin = performance.now();
  await scoreAlone(task, alone, signal);
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  const pairs = [scores, alone].map((file) => Promise.all([hashOf(file), hashOf(rejectedBeside(file))]));
  const [ours, theirs] = await Promise.all(pairs);
  const same = String(ours) === String(theirs);
  console.log(
    `  ${same ? pc.green("byte for byte") : pc.red("NOT")} what one process gives (${seconds} s): SHA-256 ${ours?.[0]?.slice(0, 16)}…`,
  );
  return same;
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

async function single(options: ScoreOptions, signal: AbortSignal): Promise<number> {
  const scores = resolve(options.folder, "alone.jsonl");
  const begin = performance.now();
  const { lines, rejected } = await scoreAlone(await taskOf(options), scores, signal);
  console.log(`  ${grouped(lines)} lines, ${rejected} set aside, ${((performance.now() - begin) / 1000).toFixed(1)} s: ${shown(scores)}`);
  return 0;
}

async function sweep({ workers, folder, dashboard, quick }: SweepOptions, signal: AbortSignal): Promise<number> {
  const how = { workers, folder: resolve(folder, "redis"), ...(dashboard === undefined ? {} : { dashboard }) };
  const begin = performance.now();
  await withFleet("sweep", how, signal, async (fleet) => {
    const rungs = await halve(grid(quick === true), (rung) => judgeByFleet(rung, fleet, signal));
    console.log(`${tableOf(rungs)}\n  ${rungs.flat().length} trials, ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  });
  return 0;
}

async function work(kind: Kind, count: number, signal: AbortSignal): Promise<number> {
  const url = process.env.REDIS_URL;
  if (!url) throw new UserError("work: set REDIS_URL to the Redis that the jobs are in");
  const workers = new Workers(kind, url, count);
  console.log(`  ${count} workers; Ctrl-C ends them when they have finished what they do`);
  await new Promise((done) => signal.addEventListener("abort", done, { once: true }));
  await workers.stop();
  return 0;
}

await run(async () => {
  const chosen = parseOptions();
  const stop = new AbortController();
  abortOnCtrlC(stop);
  process.on("SIGTERM", () => stop.abort());
  try {
    if (chosen.command === "sweep") return await sweep(chosen.options, stop.signal);
    if (chosen.command === "work") return await work(chosen.options.kind, chosen.options.workers, stop.signal);
    return await (chosen.command === "single" ? single : score)(chosen.options, stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    console.log("  stopped; the same command goes on from here");
    return INTERRUPTED;
  }
});
