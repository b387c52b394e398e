/** Sound to listen to: a person's file, and real speech that a Debian package carries. */
import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import wavefile from "wavefile";
import { debianFolders } from "../shared/debian.js";
import { readBytes, UserError } from "../shared/program.js";
import { checkFormat, type Format, samplesIn } from "../speech/formats.js";
import { resample } from "../speech/resample.js";
import { RATE } from "./detector.js";

/** Of a person's file: all of it is in memory at once. */
const MOST_MEGABYTES = 200;

/** @returns samples at 16 kHz, in [−1, 1]; of several channels, their mean @throws {UserError} when it is no WAV file */
export function readWave(file: string): Float32Array {
  const { size = 0 } = statSync(file, { throwIfNoEntry: false }) ?? {};
  if (size > MOST_MEGABYTES * 1e6) throw new UserError(`${file} has ${Math.ceil(size / 1e6)} MB: ${MOST_MEGABYTES} at most are read`);
  const wave = new wavefile.WaveFile();
  try {
    wave.fromBuffer(readBytes(file, "sound"));
    checkFormat(wave.fmt as Format);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${file} is no WAV file that can be read: ${(error as Error).message.replace(/\.$/, "")}`);
  }
  const samples = samplesIn(wave);
  if (samples.length === 0) throw new UserError(`${file} holds no sound`);
  if (!samples.every(Number.isFinite)) throw new UserError(`${file} holds samples that are no numbers`);
  return resample(samples, (wave.fmt as Format).sampleRate, RATE);
}

const PACKAGE = "asterisk-core-sounds-en-wav";

/** What one person says, recording after recording. @param seconds at least, where there is so much @param data of debianFolders */
export function prompts(seconds: number, data?: string): Float32Array {
  const [folder = ""] = debianFolders([PACKAGE], data);
  const sounds = join(folder, "usr/share/asterisk/sounds/en_US_f_Allison");
  const files = readdirSync(sounds, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".wav") && !isSilence(file));
  const all: Float32Array[] = [];
  let length = 0;
  for (const file of files.sort()) {
    if (length >= seconds * RATE) break;
    const samples = readWave(join(sounds, file));
    all.push(samples);
    length += samples.length;
  }
  const joined = new Float32Array(length);
  let at = 0;
  for (const samples of all) {
    joined.set(samples, at);
    at += samples.length;
  }
  return joined;
}

function isSilence(file: string): boolean {
  return file.startsWith("silence/") || basename(file).startsWith("silence");
}
