/** Real speech with silence around it, for the detector of speech. */
import wavefile from "wavefile";
import { CHUNK, RATE } from "../../examples/vad/detector.js";
import { prompts } from "../../examples/vad/sound.js";

/** Seconds of the speech, and where they are put. */
const SPEECH = 2;
export const [FIRST, SECOND] = [1, 4];
/** Of all of it: whole chunks. */
const SAMPLES = 220 * CHUNK;

/** Samples of 16 bits: what a WAV file holds of them has no other values. */
export function spokenTwice(): Float32Array {
  const speech = prompts(2 * SPEECH).map((sample) => Math.round(32_767 * sample) / 32_768);
  const samples = new Float32Array(SAMPLES);
  samples.set(speech.subarray(0, SPEECH * RATE), FIRST * RATE);
  samples.set(speech.subarray(SPEECH * RATE, 2 * SPEECH * RATE), SECOND * RATE);
  return samples;
}

/** @param samples at RATE */
export function waveOf(samples: Float32Array): Uint8Array {
  const wave = new wavefile.WaveFile();
  wave.fromScratch(
    1,
    RATE,
    "16",
    [...samples].map((sample) => 32_768 * sample),
  );
  return wave.toBuffer();
}
