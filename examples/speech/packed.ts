/** Many short sounds in one file: 16-bit samples, behind how many sounds there are and how long each is. */

/** Of the loudest, 46 dB below it: what is before and behind is silence. */
const QUIET = 0.005;
/** Samples that are left around, 10 ms. */
const MARGIN = 80;
/** As loud as the loudest sample becomes. */
const PEAK = 0.9;

/** Without the silence around it, and as loud as all others. */
export function trimmed(samples: Float32Array): Float32Array {
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  const isLoud = (sample: number) => Math.abs(sample) > QUIET * peak;
  const [first, last] = [samples.findIndex(isLoud), samples.findLastIndex(isLoud)];
  if (first < 0) return new Float32Array();
  return samples.slice(Math.max(0, first - MARGIN), last + 1 + MARGIN).map((sample) => (sample * PEAK) / peak);
}

export function pack(sounds: readonly Float32Array[]): Uint8Array {
  const head = Int32Array.of(sounds.length, ...sounds.map(({ length }) => length));
  const bytes = new Uint8Array(head.byteLength + 2 * sounds.reduce((sum, { length }) => sum + length, 0));
  bytes.set(new Uint8Array(head.buffer));
  const samples = new Int16Array(bytes.buffer, head.byteLength);
  let at = 0;
  for (const sound of sounds) for (const sample of sound) samples[at++] = Math.round(sample * 32767);
  return bytes;
}

/** @returns nothing when the bytes are not those of `pack` */
export function unpack(bytes: Uint8Array): Float32Array[] | undefined {
  const { buffer } = bytes.slice(); // from the beginning of a buffer of its own: aligned
  if (buffer.byteLength < 4 || buffer.byteLength % 2 !== 0) return undefined;
  const count = new Int32Array(buffer, 0, 1)[0] as number;
  if (count < 0 || 4 + 4 * count > buffer.byteLength) return undefined;
  const lengths = new Int32Array(buffer, 4, count);
  const samples = new Int16Array(buffer, 4 + 4 * count);
  if (lengths.some((length) => length < 0) || lengths.reduce((a, b) => a + b, 0) !== samples.length) return undefined;
  let end = 0;
  return Array.from(lengths, (length) => {
    end += length;
    return Float32Array.from(samples.subarray(end - length, end), (sample) => sample / 32767);
  });
}
