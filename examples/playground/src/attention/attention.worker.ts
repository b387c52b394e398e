/** The translator, in a thread of its own: a search takes longer than a frame. */
import { expose, type ProxyMarked, type Remote, releaseProxy } from "comlink";
import { createRuntime, MemoryError } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/sequence";
import { type Translator, translatorIn } from "../../../translate/translator";
import { type Outcome, type Said, translated } from "./translating";

let translator: Translator | undefined;
let running = new AbortController();

async function load(bytes: Uint8Array): Promise<boolean> {
  const rt = await createRuntime({ seed: 1 });
  await loadOperators(rt);
  try {
    translator = translatorIn(rt, bytes);
  } catch (problem) {
    if (problem instanceof MemoryError) throw problem; // says nothing of the file
  }
  return translator?.model.parameters().every((parameter) => parameter.toArray().every(Number.isFinite)) ?? false;
}

/** The text before it, if it is still being translated, is left. */
async function translate(text: string, onDraft: Remote<((draft: Said) => void) & ProxyMarked>): Promise<Outcome> {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  try {
    return await translated(translator as Translator, text, (draft) => void onDraft(draft), signal);
  } finally {
    onDraft[releaseProxy]();
  }
}

const api = { load, translate };
export type AttentionWorker = typeof api;
expose(api);
