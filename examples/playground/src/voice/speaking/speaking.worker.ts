/** The detector of speech, in a thread of its own. */
import { expose } from "comlink";
import { createRuntime, MemoryError } from "wasm-rnn";
import { type Detector, RATE } from "../../../../vad/detector";
import { hearing } from "../hearing";
import { detectorIn } from "./detector";
import { SpeakingEar } from "./ear";

let detector: Detector | undefined;

async function load(bytes: Uint8Array): Promise<boolean> {
  const rt = await createRuntime();
  try {
    detector = await detectorIn(rt, bytes);
  } catch (problem) {
    if (problem instanceof MemoryError) throw problem; // says nothing of the file
  }
  return detector !== undefined;
}

const api = { load, ...hearing(RATE, (rate) => new SpeakingEar(detector as Detector, rate)) };
export type SpeakingWorker = typeof api;
expose(api);
