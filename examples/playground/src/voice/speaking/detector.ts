/** The detector in a file, read with distrust. */
import type { Runtime } from "wasm-rnn";
import { CHUNK, Detector } from "../../../../vad/detector";

/** @returns nothing, or an error of any kind is thrown, where it is none */
export async function detectorIn(rt: Runtime, bytes: Uint8Array): Promise<Detector | undefined> {
  const detector = await Detector.of(rt, bytes, "state");
  const ofSilence = detector.probability(new Float32Array(CHUNK)); // the first chunk takes longer: all is laid out for it
  return ofSilence >= 0 && ofSilence <= 1 ? detector : undefined;
}
