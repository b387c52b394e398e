/** A sound file as samples. */

/** Of a file: all of it is in memory at once. */
const MOST = { megabytes: 200, minutes: 10 };

/** For people: `message` says it. */
export class SoundError extends Error {}

/** @param rate samples a second @returns its channels at that rate @throws {SoundError} */
export async function channelsOf(file: File, rate: number): Promise<Float32Array<ArrayBuffer>[]> {
  if (file.size > 1e6 * MOST.megabytes) throw new SoundError(`${file.name} is too large: at most ${MOST.megabytes} MB are read.`);
  const bytes = await file.arrayBuffer();
  const sound = await new OfflineAudioContext(1, 1, rate).decodeAudioData(bytes).catch(() => {
    throw new SoundError(`${file.name} is no sound that this browser can read. WAV files are, mostly.`);
  });
  if (sound.duration > 60 * MOST.minutes) throw new SoundError(`${file.name} is too long: at most ${MOST.minutes} minutes are read.`);
  return Array.from({ length: sound.numberOfChannels }, (_, c) => {
    const samples = new Float32Array(sound.length);
    sound.copyFromChannel(samples, c);
    if (!samples.every(Number.isFinite)) throw new SoundError(`${file.name} is damaged: it has samples that are no numbers.`);
    return samples;
  });
}
