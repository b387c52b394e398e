/** What lies in a WAV file: its format by name, and its samples as numbers in [−1, 1]. */
import type wavefile from "wavefile";

/** Of a `fmt ` chunk, as the library reads it. */
export interface Format {
  readonly audioFormat: number;
  readonly numChannels: number;
  readonly sampleRate: number;
  readonly blockAlign: number;
  readonly bitsPerSample: number;
  /** Of an extensible one: the identifier, whose first 16 bits are the format. */
  readonly subformat: readonly number[];
}

const EXTENSIBLE = 0xfffe;
const [PCM, FLOAT, A_LAW, MU_LAW] = [1, 3, 6, 7];
/** That people have, and that are not read here. */
const OTHERS: Readonly<Record<number, string>> = {
  ...{ 2: "Microsoft ADPCM", 17: "IMA ADPCM", 49: "GSM 6.10", 80: "MPEG", 85: "MP3", 255: "AAC", 353: "Windows Media Audio" },
};
/** In a file of more, or fewer, the rate is a slip of the pen. */
const RATES = { least: 1000, most: 400_000 };

type Reader = (view: DataView, at: number, isLittle: boolean) => number;
/** By format, and by the bits that a sample takes. Fewer of them may be valid: those are the upper ones. */
const READERS: Readonly<Record<number, Readonly<Record<number, Reader>>>> = {
  [PCM]: {
    8: (view, at) => view.getUint8(at) / 2 ** 7 - 1, // of 8 bits alone: without a sign
    16: (view, at, isLittle) => view.getInt16(at, isLittle) / 2 ** 15,
    24: (view, at, isLittle) =>
      ((view.getInt8(at + (isLittle ? 2 : 0)) << 16) | lower16(view, at + (isLittle ? 0 : 1), isLittle)) / 2 ** 23,
    32: (view, at, isLittle) => view.getInt32(at, isLittle) / 2 ** 31,
  },
  [FLOAT]: { 32: (view, at, isLittle) => view.getFloat32(at, isLittle), 64: (view, at, isLittle) => view.getFloat64(at, isLittle) },
  [A_LAW]: { 8: (view, at) => ofALaw(view.getUint8(at)) },
  [MU_LAW]: { 8: (view, at) => ofMuLaw(view.getUint8(at)) },
};

function lower16(view: DataView, at: number, isLittle: boolean): number {
  return view.getUint16(at, isLittle);
}

/** Of G.711: a sign, three bits of an exponent, four of a mantissa. */
function ofALaw(code: number): number {
  const bits = code ^ 0x55;
  const exponent = (bits >> 4) & 7;
  const size = ((bits & 15) << 4) + 8;
  const value = exponent === 0 ? size : (size + 256) << (exponent - 1);
  return (bits & 0x80 ? value : -value) / 2 ** 15;
}

function ofMuLaw(code: number): number {
  const bits = ~code;
  const value = ((((bits & 15) << 3) + 132) << ((bits >> 4) & 7)) - 132;
  return (bits & 0x80 ? -value : value) / 2 ** 15;
}

function formatOf({ audioFormat, subformat }: Format): number {
  return audioFormat === EXTENSIBLE ? (subformat[0] ?? 0) & 0xffff : audioFormat;
}

/** Bits that a sample takes. */
function containerOf({ blockAlign, numChannels }: Format): number {
  return (8 * blockAlign) / numChannels;
}

/** @throws {Error} that says what is not read */
export function checkFormat(fmt: Format): void {
  const format = formatOf(fmt);
  const byBits = READERS[format];
  if (!byBits) throw new Error(`its format is ${OTHERS[format] ?? `0x${format.toString(16)}`}; PCM, floats, A-law and µ-law are read`);
  const { numChannels, bitsPerSample, sampleRate } = fmt;
  if (numChannels === 0) throw new Error("it has no channels");
  const container = containerOf(fmt);
  const isWhole = format === PCM ? bitsPerSample >= 8 && bitsPerSample <= container : bitsPerSample === container;
  if (!byBits[container] || !isWhole) throw new Error(`samples of ${bitsPerSample} bits in ${container / 8} bytes`);
  if (sampleRate < RATES.least || sampleRate > RATES.most) throw new Error(`${sampleRate} samples a second`);
}

/** The mean of its channels. @param wave whose format was checked */
export function samplesIn(wave: wavefile.WaveFile): Float32Array {
  const fmt = wave.fmt as Format;
  const { samples } = wave.data as { samples: Uint8Array };
  const read = READERS[formatOf(fmt)]?.[containerOf(fmt)] as Reader;
  const view = new DataView(samples.buffer, samples.byteOffset, samples.byteLength);
  const isLittle = wave.container !== "RIFX";
  const step = fmt.blockAlign / fmt.numChannels;
  const mean = new Float32Array(Math.floor(samples.length / fmt.blockAlign));
  for (let i = 0, at = 0; i < mean.length; i++) {
    let sum = 0;
    for (let c = 0; c < fmt.numChannels; c++, at += step) sum += read(view, at, isLittle);
    mean[i] = sum / fmt.numChannels;
  }
  return mean;
}
