/** The recogniser of letters and digits, in a thread of its own. */
import { expose } from "comlink";
import { createRuntime, MemoryError } from "wasm-rnn";
import type { Recogniser } from "../../../../speech/listen";
import { RATE } from "../../../../speech/rate";
import { hearing } from "../hearing";
import { LettersEar } from "./ear";
import { recogniserIn } from "./recogniser";

let recogniser: Recogniser | undefined;

async function load(bytes: Uint8Array): Promise<boolean> {
  const rt = await createRuntime({ seed: 1 });
  try {
    recogniser = recogniserIn(rt, bytes);
  } catch (problem) {
    if (problem instanceof MemoryError) throw problem; // says nothing of the file
  }
  return recogniser !== undefined;
}

const api = { load, ...hearing(RATE, (rate) => new LettersEar(recogniser as Recogniser, rate)) };
export type LettersWorker = typeof api;
expose(api);
