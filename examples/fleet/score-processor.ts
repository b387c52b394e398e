/** In a process of its own: one runtime, one model, job after job. The result is kept before the job counts as done. */
import type { SandboxedJob } from "bullmq";
import type { Sequential } from "wasm-rnn";
import { UserError } from "../shared/program.js";
import { openModel, runtime } from "./model.js";
import { keptResults, unrecoverable } from "./processor.js";
import { keyOf, type ScoreJob } from "./queues.js";
import { scoreLines } from "./score.js";
import { readSpan, UnreadableSpanError } from "./spans.js";

const BATCH = 32;
const results = keptResults();
const rt = runtime();
let opened: { readonly hash: string; readonly model: Sequential } | undefined;

export default async function process({ data }: SandboxedJob<ScoreJob>): Promise<void> {
  await results.once(keyOf(data), async () => {
    try {
      const lines = await readSpan(data.span);
      return JSON.stringify(await scoreLines(await modelOf(data), lines, BATCH));
    } catch (error) {
      // Another file than the one that was cut: no wait will bring it back.
      if (error instanceof UnreadableSpanError || error instanceof UserError) throw unrecoverable(error);
      throw error;
    }
  });
}

async function modelOf({ model, modelHash }: ScoreJob): Promise<Sequential> {
  if (opened?.hash !== modelHash) {
    opened?.model.dispose();
    opened = undefined;
    opened = { hash: modelHash, model: openModel(await rt, model, modelHash) };
  }
  return opened.model;
}
