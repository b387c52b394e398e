/** The detector in a file, read with distrust. */
import type { Runtime } from "wasm-rnn";
import { CHUNK, Detector } from "../../../../vad/detector";

/** Chunks before the first sound: the engine compiles what it sees often, and the time of a chunk is shown. */
const WARM = 200;

/** @returns nothing, or an error of any kind is thrown, where it is none */
export async function detectorIn(rt: Runtime, bytes: Uint8Array): Promise<Detector | undefined> {
  const detector = await Detector.of(rt, bytes, "state");
  const silence = new Float32Array(CHUNK);
  const probabilities = Array.from({ length: WARM }, () => detector.probability(silence));
  return probabilities.every((probability) => probability >= 0 && probability <= 1) ? detector : undefined;
}
