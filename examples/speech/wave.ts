/** Sound files, as mono samples in [−1, 1] at 8 kHz. */
import { statSync } from "node:fs";
import { OggVorbisDecoder } from "@wasm-audio-decoders/ogg-vorbis";
import wavefile from "wavefile";
import { readBytes, UserError } from "../shared/program.js";
import { checkFormat, type Format, samplesIn } from "./formats.js";
import { RATE } from "./rate.js";
import { resample } from "./resample.js";

/** Of a person's file: all of it is in memory at once, and longer ones can be cut. */
export const MOST = { megabytes: 200, minutes: 10 };

/**
 * Of a WAV file: PCM of 8 to 32 bits, floats, A-law, µ-law; of several channels, their mean.
 *
 * @throws {UserError} when it cannot be read, is no such file, or is too long
 */
export function readWave(file: string): Float32Array {
  const { size = 0 } = statSync(file, { throwIfNoEntry: false }) ?? {};
  if (size > MOST.megabytes * 1e6) throw new UserError(`${file} has ${Math.ceil(size / 1e6)} MB: ${MOST.megabytes} at most are read`);
  return parseWave(readBytes(file, "sound"), file, MOST.minutes);
}

/** @param name of where the bytes come from @param minutes at most @throws {UserError} when they are no WAV file, or a longer one */
export function parseWave(bytes: Uint8Array, name: string, minutes = Number.POSITIVE_INFINITY): Float32Array {
  const wave = waveOf(bytes, name);
  const { sampleRate, blockAlign } = wave.fmt as Format;
  const lasts = (wave.data as { samples: Uint8Array }).samples.length / blockAlign / sampleRate / 60;
  if (lasts > minutes) throw new UserError(`${name} lasts ${lasts.toFixed(1)} minutes: ${minutes} at most are read`);
  const samples = samplesIn(wave);
  if (!samples.every(Number.isFinite)) throw new UserError(`${name} holds samples that are no numbers`);
  return resample(samples, sampleRate, RATE);
}

function waveOf(bytes: Uint8Array, name: string): wavefile.WaveFile {
  const wave = new wavefile.WaveFile();
  try {
    wave.fromBuffer(bytes);
    checkFormat(wave.fmt as Format);
    return wave;
  } catch (error) {
    throw new UserError(`${name} is no WAV file that can be read: ${(error as Error).message.replace(/\.$/, "")}`);
  }
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
