/** The same by one process, without a queue: what the fleet is compared with. */
import type { Sequential } from "wasm-rnn";
import { openModel, runtime } from "./model.js";
import { Output } from "./output.js";
import type { Task } from "./produce.js";
import { type Scored, scoreLines, setAside } from "./score.js";
import { cut, readSpan, type Span, UnreadableSpanError } from "./spans.js";

/** Other than a processor's: a sequence has the same bits in any batch. */
const BATCH = 7;

/** @returns lines read, and those set aside */
export async function scoreAlone(task: Task, scores: string, signal: AbortSignal): Promise<{ lines: number; rejected: number }> {
  using rt = await runtime();
  const model = openModel(rt, task.model, task.modelHash);
  const output = await Output.open(scores);
  for await (const span of cut(task.file, task.lines)) {
    signal.throwIfAborted();
    await output.add(span, await scored(model, span));
  }
  await output.close();
  return { lines: output.lines, rejected: output.rejected };
}

async function scored(model: Sequential, span: Span): Promise<Scored[]> {
  try {
    return await scoreLines(model, await readSpan(span), BATCH);
  } catch (error) {
    if (error instanceof UnreadableSpanError) return setAside(span.lines, error.message);
    throw error;
  }
}
