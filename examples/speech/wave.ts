/** Sound files, as mono samples in [−1, 1] at 8 kHz. */
import { OggVorbisDecoder } from "@wasm-audio-decoders/ogg-vorbis";
import wavefile from "wavefile";
import { readBytes, UserError } from "../shared/program.js";
import { resample } from "./resample.js";

/** Samples a second: what a telephone carries. */
export const RATE = 8000;
/** In a file of more, or fewer, the rate is a slip of the pen. */
const RATES = { least: 1000, most: 400_000 };

/**
 * Of a WAV file: PCM of 8 to 32 bits, floats, A-law, µ-law, IMA ADPCM; of several channels, their mean.
 *
 * @throws {UserError} when it cannot be read, or is no such file
 */
export function readWave(file: string): Float32Array {
  return parseWave(readBytes(file, "sound"), file);
}

/** @param name of where the bytes come from @throws {UserError} when they are no WAV file */
export function parseWave(bytes: Uint8Array, name: string): Float32Array {
  try {
    const wave = new wavefile.WaveFile(bytes);
    const { sampleRate } = wave.fmt as { sampleRate: number };
    const codes: Record<string, () => void> = { "4": () => wave.fromIMAADPCM(), "8a": () => wave.fromALaw(), "8m": () => wave.fromMuLaw() };
    codes[wave.bitDepth]?.();
    if (sampleRate < RATES.least || sampleRate > RATES.most) throw new Error(`${sampleRate} samples a second`);
    const { numChannels } = wave.fmt as { numChannels: number };
    return resample(meanOf(samplesOf(wave, numChannels)), sampleRate, RATE);
  } catch (error) {
    throw new UserError(`${name} is no WAV file that can be read: ${(error as Error).message.replace(/\.$/, "")}`);
  }
}

/** Each channel, in [−1, 1]: 8 bits have no sign, floats have no bits to scale by. */
function samplesOf(wave: wavefile.WaveFile, channels: number): Float32Array[] {
  const depth = wave.bitDepth;
  const scale = /^(32f|64)$/.test(depth) ? 1 : 2 ** (1 - Number.parseInt(depth, 10));
  const offset = depth === "8" ? -1 : 0;
  const interleaved = wave.getSamples(true, Float64Array);
  const length = Math.floor(interleaved.length / channels);
  return Array.from({ length: channels }, (_, c) =>
    Float32Array.from({ length }, (_, i) => (interleaved[i * channels + c] as number) * scale + offset),
  );
}

function meanOf(channels: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array()] = channels;
  if (channels.length === 1) return first;
  return first.map((_, i) => channels.reduce((sum, channel) => sum + (channel[i] as number), 0) / channels.length);
}

/** Ogg Vorbis files, one decoder for all of them. */
export class OggReader {
  readonly #decoder = new OggVorbisDecoder();

  /** @throws {UserError} when it cannot be read, or is no such file */
  async read(file: string): Promise<Float32Array> {
    const bytes = readBytes(file, "sound");
    await this.#decoder.ready;
    const { channelData, sampleRate, samplesDecoded, errors } = await this.#decoder.decodeFile(bytes);
    await this.#decoder.reset();
    if (samplesDecoded === 0) throw new UserError(`${file} is no Ogg Vorbis file: ${errors[0]?.message ?? "it has no samples"}`);
    return resample(meanOf(channelData), sampleRate, RATE);
  }

  free(): void {
    this.#decoder.free();
  }
}
