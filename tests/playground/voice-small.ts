/** A recogniser of two tones that nobody has trained: its weights are chosen by hand. And the sound of tones, as a WAV file. */

import { createRuntime, Dense, Sequential } from "wasm-rnn";
import wavefile from "wavefile";
import { BANDS, FEATURES } from "../../examples/speech/features.js";
import { saved } from "../../examples/speech/saved.js";

const TONES = { low: 500, high: 2500 };
const SYMBOLS = ["low", "high"];
/** Of a silent line, as the front end has it: log(1e-5). */
const SILENCE = -11.5;
/** Logit of the blank, and how much more a tone's has for each unit of its half of the bands. */
const [BLANK, SHARPNESS] = [5, 12];

export async function toneRecogniser(): Promise<Uint8Array> {
  using rt = await createRuntime({ seed: 1 });
  const head = new Dense(rt, { inputSize: FEATURES, outputSize: 1 + SYMBOLS.length });
  const model = new Sequential(rt, { head });
  const half = (feature: number) => (feature % BANDS < BANDS / 2 ? 1 : -1) * (SHARPNESS / (FEATURES / 2));
  const low = Float32Array.from({ length: FEATURES }, (_, feature) => half(feature));
  const weights = [...new Float32Array(FEATURES), ...low, ...low.map((weight) => -weight)];
  for (const [name, parameter] of model.namedParameters()) parameter.set(name.endsWith("bias") ? [BLANK, 0, 0] : weights);
  return saved({ model, symbols: SYMBOLS, statistics: { mean: Array(BANDS).fill(SILENCE), deviation: 4 } });
}

/** Each tone 0.3 s long, with half a second of silence around it. */
export function toneWave(tones: readonly (keyof typeof TONES)[], rate: number): Uint8Array {
  const quiet = Array<number>(rate / 2).fill(0);
  const tone = (hertz: number) => Array.from({ length: 0.3 * rate }, (_, i) => 16_000 * Math.sin((2 * Math.PI * hertz * i) / rate));
  const wave = new wavefile.WaveFile();
  wave.fromScratch(1, rate, "16", [...quiet, ...tones.flatMap((name) => [...tone(TONES[name]), ...quiet])]);
  return wave.toBuffer();
}
