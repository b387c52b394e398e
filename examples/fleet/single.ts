/** The same by one process, without a queue: what the fleet is compared with. */
import { openModel, runtime } from "./model.js";
import { Output } from "./output.js";
import type { Task } from "./produce.js";
import { scoreLines } from "./score.js";
import { cut, readSpan } from "./spans.js";

/** Other than a processor's: a sequence has the same bits in any batch. */
const BATCH = 7;

/** @returns lines read, and those set aside */
export async function scoreAlone(task: Task, scores: string, signal: AbortSignal): Promise<{ lines: number; rejected: number }> {
  using rt = await runtime();
  const model = openModel(rt, task.model, task.modelHash);
  const output = await Output.open(scores);
  for await (const span of cut(task.file, task.lines)) {
    signal.throwIfAborted();
    await output.add(span, await scoreLines(model, await readSpan(span), BATCH));
  }
  await output.close();
  return { lines: output.lines, rejected: output.rejected };
}
