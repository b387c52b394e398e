/** Of examples/speech, what sound goes through: files, rates, frames, noises, and the baseline that compares them. */
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { createRuntime, Dense, Generator, GRU, predict, Sequential } from "wasm-rnn";
import { ctcGreedy } from "wasm-rnn/sequence";
import wavefile from "wavefile";
import { debianFolders } from "../../examples/shared/debian.js";
import { samplesOf } from "../../examples/shared/pcm.js";
import { UserError } from "../../examples/shared/program.js";
import {
  augmented,
  babble,
  coloured,
  loud,
  masked,
  muLaw,
  noisy,
  rated,
  reverberant,
  rootMeanSquare,
  telephone,
} from "../../examples/speech/augment.js";
import { filtered } from "../../examples/speech/biquad.js";
import { CEPSTRA, cepstra, speechOf } from "../../examples/speech/cepstra.js";
import { connected, distance, nearest } from "../../examples/speech/dtw.js";
import { BANDS, FEATURES, framesIn, HOP, LogMel, logMel, STACK, WINDOW } from "../../examples/speech/features.js";
import { FrontEnd, features, statisticsOf } from "../../examples/speech/front-end.js";
import { Listener, listen } from "../../examples/speech/listen.js";
import { RATE } from "../../examples/speech/rate.js";
import { Resampler, resample } from "../../examples/speech/resample.js";
import { recogniserIn, saved } from "../../examples/speech/saved.js";
import { transcribe, transcribeLive } from "../../examples/speech/use.js";
import { MOST, OggReader, parseWave, readWave } from "../../examples/speech/wave.js";

function tone(hertz: number, seconds: number, rate = RATE, amplitude = 0.5): Float32Array {
  return Float32Array.from({ length: seconds * rate }, (_, i) => amplitude * Math.sin((2 * Math.PI * hertz * i) / rate));
}

function noise(length: number, seed = 1): Float32Array {
  return coloured(length, new Generator(seed), 0);
}

/** The same samples in pieces of random sizes, some of them empty. */
function pieces(samples: Float32Array, seed: number): Float32Array[] {
  const random = new Generator(seed);
  const out: Float32Array[] = [];
  for (let at = 0; at < samples.length; ) {
    const length = random.integer(400);
    out.push(samples.subarray(at, at + length));
    at += length;
  }
  return out;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

function decibels(ratio: number): number {
  return 20 * Math.log10(ratio);
}

/** Without the ends, where a filter has not heard everything yet. */
function inner(samples: Float32Array): Float32Array {
  return samples.slice(400, -400);
}

const folder = mkdtempSync(join(tmpdir(), "speech-audio-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FORMATS: Readonly<Record<string, number>> = { PCM: 1, float: 3, "A-law": 6, "µ-law": 7 };

interface Kind {
  format: number;
  bits: number;
  /** Bits that a sample takes. */
  container?: number;
  valid?: number;
  channels?: number;
  rate?: number;
  extensible?: boolean;
}

/** A WAV file with a header of whatever is asked for. */
function riff(
  { format, bits, container = 8 * Math.ceil(bits / 8), valid = bits, channels = 1, rate = RATE, extensible }: Kind,
  data: Uint8Array,
) {
  const size = extensible ? 40 : 16;
  const bytes = new Uint8Array(28 + size + data.length);
  const view = new DataView(bytes.buffer);
  const text = (at: number, word: string) => bytes.set(new TextEncoder().encode(word), at);
  const block = (channels * container) / 8;
  text(0, "RIFF");
  view.setUint32(4, bytes.length - 8, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, size, true);
  for (const [i, value] of [extensible ? 0xfffe : format, channels].entries()) view.setUint16(20 + 2 * i, value, true);
  for (const [i, value] of [rate, rate * block].entries()) view.setUint32(24 + 4 * i, value, true);
  for (const [i, value] of [block, bits].entries()) view.setUint16(32 + 2 * i, value, true);
  if (extensible) {
    for (const [i, value] of [22, valid].entries()) view.setUint16(36 + 2 * i, value, true);
    for (const [i, value] of [0, format, 0x00100000, 0xaa000080, 0x719b3800].entries()) view.setUint32(40 + 4 * i, value, true);
  }
  text(20 + size, "data");
  view.setUint32(24 + size, data.length, true);
  bytes.set(data, 28 + size);
  return bytes;
}

function encoded(samples: Float32Array, name: string, bits: number): Uint8Array {
  const bytes = new Uint8Array((samples.length * bits) / 8);
  const view = new DataView(bytes.buffer);
  if (name.endsWith("law")) {
    const file = new wavefile.WaveFile();
    file.fromScratch(
      1,
      RATE,
      "16",
      Array.from(samples, (value) => Math.round(32767 * value)),
    );
    if (name === "A-law") file.toALaw();
    else file.toMuLaw();
    return (file.data as { samples: Uint8Array }).samples.slice(0, samples.length);
  }
  for (const [i, value] of samples.entries()) {
    if (name === "float") bits === 32 ? view.setFloat32(4 * i, value, true) : view.setFloat64(8 * i, value, true);
    else {
      const whole = Math.round(value * 2 ** (bits - 1)) + (bits === 8 ? 128 : 0);
      for (let byte = 0; byte < bits / 8; byte++) bytes[(i * bits) / 8 + byte] = whole >> (8 * byte);
    }
  }
  return bytes;
}

/** Decibels. */
function signalToNoise(read: Float32Array, expected: Float32Array): number {
  expect(read).toHaveLength(expected.length);
  return decibels(rootMeanSquare(expected) / rootMeanSquare(read.map((value, i) => value - (expected[i] as number))));
}

describe("resampling", () => {
  it("keeps a tone below half the lower rate, and lets none above it through", () => {
    for (const from of [11025, 16000, 22050, 44100, 48000]) {
      const low = inner(resample(tone(1000, 1, from), from, RATE));
      const expected = inner(tone(1000, 1));
      expect(Math.max(...low.map((value, i) => Math.abs(value - (expected[i] as number))))).toBeLessThan(2e-3);
      const high = inner(resample(tone(4200, 1, from), from, RATE));
      expect(decibels(rootMeanSquare(high) / rootMeanSquare(expected))).toBeLessThan(-55);
    }
  });

  it("keeps 3.4 kHz, goes up as well as down, and gives as many samples as the time has", () => {
    expect(decibels(rootMeanSquare(inner(resample(tone(3400, 1, 16000), 16000, RATE))) / (0.5 * Math.SQRT1_2))).toBeGreaterThan(-0.5);
    const up = inner(resample(tone(1000, 1, 4000), 4000, RATE));
    const expected = inner(tone(1000, 1));
    expect(Math.max(...up.map((value, i) => Math.abs(value - (expected[i] as number))))).toBeLessThan(2e-3);
    expect(resample(new Float32Array(44100), 44100, RATE)).toHaveLength(8000);
    expect(resample(new Float32Array(5), 16000, RATE)).toHaveLength(3);
    expect(resample(new Float32Array(), 16000, RATE)).toHaveLength(0);
  });

  it("gives the same bits in pieces", () => {
    for (const [from, to] of [
      [16000, RATE],
      [44100, RATE],
      [6000, RATE],
      [93, 100],
    ] as const) {
      const samples = noise(5000);
      const resampler = new Resampler(from, to);
      const parts = pieces(samples, from).map((piece) => resampler.push(piece));
      expect(joined([...parts, resampler.end()])).toEqual(resample(samples, from, to));
    }
  });
});

describe("sound files", () => {
  const wave = (channels: readonly Float32Array[], rate: number, depth: string) => {
    const file = new wavefile.WaveFile();
    const scale = depth === "32f" ? 1 : 2 ** (Number.parseInt(depth, 10) - 1) - 1;
    const offset = depth === "8" ? 128 : 0;
    const values = channels.map((channel) =>
      Array.from(channel, (value) => (depth === "32f" ? value : Math.round(value * scale + offset))),
    );
    file.fromScratch(channels.length, rate, depth, (channels.length === 1 ? values[0] : values) as number[]);
    return file;
  };
  const samples = tone(440, 0.1);

  it("reads every usual depth to its precision", () => {
    for (const [depth, error] of [
      ["8", 1 / 100],
      ["16", 1e-4],
      ["24", 1e-6],
      ["32", 1e-6],
      ["32f", 1e-7],
    ] as const) {
      const read = parseWave(wave([samples], RATE, depth).toBuffer(), "a.wav");
      expect(read).toHaveLength(samples.length);
      expect(Math.max(...read.map((value, i) => Math.abs(value - (samples[i] as number)))), depth).toBeLessThan(error);
    }
  });

  const kinds = ["PCM", "float", "A-law", "µ-law"].flatMap((name) =>
    (({ PCM: [8, 16, 24, 32], float: [32, 64] })[name] ?? [8]).map((bits) => ({ name, bits, least: name.endsWith("law") ? 30 : 40 })),
  );

  it.each(kinds)("reads $name of $bits bits, plain and extensible, one channel and two", ({ name, bits, least }) => {
    for (const extensible of [false, true]) {
      const one = parseWave(riff({ format: FORMATS[name] as number, bits, extensible }, encoded(samples, name, bits)), "a.wav");
      expect(signalToNoise(one, samples), `${extensible}`).toBeGreaterThan(least);
      const both = Float32Array.from({ length: 2 * samples.length }, (_, i) => (samples[i >> 1] as number) * (i % 2 ? 0.5 : 1));
      const two = { format: FORMATS[name] as number, bits, extensible, channels: 2 };
      const mean = samples.map((value) => 0.75 * value);
      expect(signalToNoise(parseWave(riff(two, encoded(both, name, bits)), "a.wav"), mean), `${extensible}`).toBeGreaterThan(least);
    }
  });

  it("scales by what a sample takes, whatever of it is valid", () => {
    const upper = encoded(
      samples.map((value) => Math.round(value * 2048) / 2048),
      "PCM",
      16,
    );
    for (const kind of [
      { bits: 16, valid: 12, extensible: true },
      { bits: 12, container: 16 },
    ])
      expect(signalToNoise(parseWave(riff({ format: 1, ...kind }, upper), "a.wav"), samples)).toBeGreaterThan(40);
  });

  it.each([
    [{ format: 2, bits: 4 }, "its format is Microsoft ADPCM"],
    [{ format: 17, bits: 4 }, "its format is IMA ADPCM"],
    [{ format: 0x55, bits: 0 }, "its format is MP3"],
    [{ format: 0x55, bits: 16, extensible: true }, "its format is MP3"],
    [{ format: 0x1234, bits: 16 }, "its format is 0x1234"],
    [{ format: 1, bits: 16, channels: 0 }, "it has no channels"],
    [{ format: 1, bits: 0 }, "samples of 0 bits in 0 bytes"],
    [{ format: 1, bits: 1 }, "samples of 1 bits in 1 bytes"],
    [{ format: 1, bits: 7 }, "samples of 7 bits in 1 bytes"],
    [{ format: 1, bits: 128 }, "samples of 128 bits in 16 bytes"],
    [{ format: 3, bits: 16 }, "samples of 16 bits in 2 bytes"],
    [{ format: 6, bits: 16 }, "samples of 16 bits in 2 bytes"],
    [{ format: 1, bits: 16, rate: 3 }, "3 samples a second"],
  ])("does not read %j", (kind, message) => {
    const read = () => parseWave(riff(kind, new Uint8Array(512)), "a.wav");
    expect(read).toThrow(UserError);
    expect(read).toThrow(`a.wav is no WAV file that can be read: ${message}`);
  });

  it("refuses samples that are no numbers", () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
      for (const bits of [32, 64]) {
        const bytes = riff({ format: 3, bits }, encoded(Float32Array.of(0.1, value, 0.1), "float", bits));
        expect(() => parseWave(bytes, "a.wav")).toThrow(new UserError("a.wav holds samples that are no numbers"));
      }
  });

  it("refuses a file that is too large, or lasts too long, before it is decoded", () => {
    const file = join(folder, "long.wav");
    writeFileSync(file, riff({ format: 1, bits: 8, rate: 1000 }, new Uint8Array(1000 * 60 * (MOST.minutes + 1))));
    expect(() => readWave(file)).toThrow(new UserError(`${file} lasts 11.0 minutes: 10 at most are read`));
    truncateSync(file, MOST.megabytes * 1e6 + 1);
    expect(() => readWave(file)).toThrow(new UserError(`${file} has 201 MB: 200 at most are read`));
  });

  it("reads the telephone's codes", () => {
    for (const code of ["toALaw", "toMuLaw"] as const) {
      const file = wave([samples], RATE, "16");
      file[code]();
      const read = parseWave(file.toBuffer(), "a.wav");
      expect(Math.max(...read.map((value, i) => Math.abs(value - (samples[i] as number)))), code).toBeLessThan(0.02);
    }
  });

  it("takes the mean of two channels, and any rate", () => {
    const read = parseWave(wave([tone(500, 0.5, 16000, 0.6), tone(500, 0.5, 16000, 0.2)], 16000, "16").toBuffer(), "a.wav");
    expect(read).toHaveLength(4000);
    expect(decibels(rootMeanSquare(inner(read)) / (0.4 * Math.SQRT1_2))).toBeCloseTo(0, 1);
  });

  it("says in one line what is no sound", () => {
    expect(() => parseWave(new TextEncoder().encode("hello"), "a.wav")).toThrow(UserError);
    expect(() => parseWave(new Uint8Array(), "a.wav")).toThrow(/^a\.wav is no WAV file that can be read: [^\n]+$/);
    expect(() => parseWave(wave([samples], RATE, "16").toBuffer().slice(0, 30), "a.wav")).toThrow(UserError);
    expect(() => readWave("none.wav")).toThrow("cannot read the sound none.wav: there is no such file");
    expect(() => readWave("examples")).toThrow("it is a directory");
  });

  it("reads Ogg Vorbis, file after file", async () => {
    const [folder] = debianFolders(["klettres-data"]);
    const reader = new OggReader();
    const letters = join(folder as string, "usr/share/klettres/en/alpha");
    const [a, b, again] = [
      await reader.read(join(letters, "A.ogg")),
      await reader.read(join(letters, "B.ogg")),
      await reader.read(join(letters, "A.ogg")),
    ];
    expect(again).toEqual(a);
    expect(b).not.toEqual(a);
    for (const letter of [a, b]) {
      expect(letter.length / RATE).toBeGreaterThan(0.2);
      expect(letter.length / RATE).toBeLessThan(3);
      expect(rootMeanSquare(letter)).toBeGreaterThan(0.005);
    }
    await expect(reader.read("package.json")).rejects.toThrow("package.json is no Ogg Vorbis file");
    reader.free();
  });
});

describe("frames", () => {
  it("are as many as there are full windows", () => {
    for (const samples of [0, 1, WINDOW - 1, WINDOW, WINDOW + HOP - 1, WINDOW + HOP, 8000]) {
      expect(logMel(new Float32Array(samples))).toHaveLength(BANDS * framesIn(samples));
    }
    expect(framesIn(8000)).toBe(98);
  });

  it("have a tone's energy in the tone's band", () => {
    const mel = (hertz: number) => 1127 * Math.log1p(hertz / 700);
    for (const hertz of [200, 500, 1000, 2000, 3500]) {
      const frame = logMel(tone(hertz, 0.1)).slice(BANDS, 2 * BANDS);
      const loudest = frame.indexOf(Math.max(...frame));
      const expected = ((mel(hertz) - mel(100)) / (mel(3800) - mel(100))) * (BANDS + 1) - 1;
      expect(Math.abs(loudest - expected), `${hertz} Hz`).toBeLessThan(1.01);
    }
  });

  it("rise by log 100 when the sound is ten times as loud", () => {
    const [quiet, ten] = [logMel(noise(2000)), logMel(noise(2000).map((value) => 10 * value))];
    for (let i = 0; i < quiet.length; i++) expect((ten[i] as number) - (quiet[i] as number)).toBeCloseTo(Math.log(100), 1);
  });

  it("have the same bits however the samples are cut", () => {
    const samples = noise(8000);
    const whole = logMel(samples);
    const statistics = statisticsOf([whole]);
    for (const seed of [1, 2, 3]) {
      const mel = new LogMel();
      expect(joined(pieces(samples, seed).map((piece) => mel.push(piece)))).toEqual(whole);
      const frontEnd = new FrontEnd(statistics);
      const steps = pieces(samples, seed).map((piece) => frontEnd.push(piece));
      expect(joined([...steps, frontEnd.end()])).toEqual(features(samples, statistics));
    }
  });

  it("do not depend on what comes later", () => {
    const samples = noise(8000);
    const statistics = statisticsOf([logMel(samples)]);
    const [whole, begin] = [features(samples, statistics), new FrontEnd(statistics).push(samples.slice(0, 4000))];
    expect(begin).toHaveLength(FEATURES * Math.floor(framesIn(4000) / STACK));
    expect(begin).toEqual(whole.slice(0, begin.length));
  });

  it("are stacked by three, less a mean that follows", () => {
    const statistics = { mean: new Array(BANDS).fill(1), deviation: 2 };
    const frames = new Float32Array(3000 * BANDS).fill(5);
    const steps = new FrontEnd(statistics).frames(frames);
    expect(steps).toHaveLength(1000 * FEATURES);
    expect(steps[0]).toBeCloseTo((5 - (1 + 4 / 101)) / 2, 5);
    expect(steps.at(-1)).toBeCloseTo(0, 3);
    const order = new FrontEnd({ mean: new Array(BANDS).fill(0), deviation: 1 }).frames(
      Float32Array.from({ length: STACK * BANDS }, (_, i) => i),
    );
    expect([...order].every((value, i) => i === 0 || value > (order[i - 1] as number))).toBe(true);
  });

  it("have statistics for each band", () => {
    const frames = Float32Array.from({ length: 4 * BANDS }, (_, i) => (i % BANDS) + (i < 2 * BANDS ? 1 : -1));
    const { mean, deviation } = statisticsOf([frames.slice(0, 3 * BANDS), frames.slice(3 * BANDS)]);
    for (let band = 0; band < BANDS; band++) expect(mean[band]).toBeCloseTo(band, 9);
    expect(deviation).toBeCloseTo(1, 9);
  });
});

describe("listening", async () => {
  const rt = await createRuntime({ seed: 5 });
  const layers = [new GRU(rt, { inputSize: FEATURES, hiddenSize: 16 }), new Dense(rt, { inputSize: 16, outputSize: 5 })];
  const statistics = statisticsOf([logMel(noise(8000))]);
  const recogniser = { model: new Sequential(rt, layers), symbols: ["a", "b", "c", "d"], statistics };
  // Tones, as a network of random weights hears something else in each.
  const samples = joined([300, 2000, 700, 1400, 3000, 500].flatMap((hertz) => [tone(hertz, 0.25), new Float32Array(900)]));

  it("gives what predict and ctcGreedy give of the whole, with times", async () => {
    const steps = features(samples, statistics);
    const [logits] = await predict(recogniser.model, [steps], { features: FEATURES });
    const heard = listen(recogniser, samples);
    expect(heard.map(({ symbol }) => symbol)).toEqual(
      (ctcGreedy(logits as { data: Float32Array; shape: number[] }) as number[]).map((label) => recogniser.symbols[label - 1]),
    );
    expect(heard.length).toBeGreaterThan(3);
    expect(
      heard.every(
        ({ seconds }, i) => seconds > (i === 0 ? 0 : (heard[i - 1]?.seconds as number)) && seconds <= samples.length / RATE + 0.24,
      ),
    ).toBe(true);
  });

  it("gives the same in pieces, and at another rate the same in pieces", () => {
    for (const rate of [RATE, 16000]) {
      const [whole, cut] = [new Listener(recogniser, rate), new Listener(recogniser, rate)];
      const expected = [...whole.push(samples), ...whole.end()];
      const heard = pieces(samples, rate).flatMap((piece) => cut.push(piece));
      expect([...heard, ...cut.end()]).toEqual(expected);
      expect(cut.seconds).toBe(whole.seconds);
    }
  });

  it("reads 16-bit samples from a pipe that cuts them, and writes the file's symbols", async () => {
    const pcm = new Int16Array(samples.length).map((_, i) => Math.round(20000 * (samples[i] as number)));
    const bytes = new Uint8Array(pcm.buffer);
    expect(samplesOf(bytes.subarray(2, 7))).toEqual(Float32Array.of((pcm[1] as number) / 32768, (pcm[2] as number) / 32768));
    const expected = listen(recogniser, samplesOf(bytes)).map(({ symbol }) => symbol);
    const random = new Generator(3);
    async function* pipe() {
      for (let at = 0; at < bytes.length; ) {
        const length = random.integer(1000);
        yield bytes.slice(at, at + length);
        at += length;
      }
    }
    let text = "";
    await transcribeLive(recogniser, pipe(), RATE, (more) => {
      text += more;
    });
    expect(text.endsWith("\n")).toBe(true);
    expect(text.trim().split(/\s/)).toEqual(expected);
  });

  it("refuses a file of no sound in one line", () => {
    expect(() => transcribe(recogniser, "package.json")).toThrow(/^package\.json is no WAV file/);
    const file = join(folder, "short.wav");
    for (const [samples, message] of [
      [0, "holds no sound"],
      [WINDOW - 1, "is too short: 24.9 ms, of at least 25.0"],
    ] as const) {
      writeFileSync(file, riff({ format: 1, bits: 16 }, new Uint8Array(2 * samples)));
      expect(() => transcribe(recogniser, file)).toThrow(new UserError(`${file} ${message}`));
    }
  });

  it("refuses a microphone of nothing, and prints what moves a cursor as a dot", async () => {
    async function* pipe(...parts: number[]) {
      for (const part of parts) yield new Uint8Array(part);
    }
    for (const parts of [[], [0], [1]])
      await expect(transcribeLive(recogniser, pipe(...parts), RATE)).rejects.toThrow(new UserError("--live: nothing came in"));
    const hostile = { ...recogniser, symbols: recogniser.symbols.map((symbol) => `${symbol}\x1b[2J`) };
    const pcm = new Uint8Array(Int16Array.from(samples, (value) => 20000 * value).buffer);
    let text = "";
    await transcribeLive(
      hostile,
      (async function* () {
        yield pcm;
      })(),
      RATE,
      (more) => {
        text += more;
      },
    );
    expect(text).toContain("·[2J");
    const file = join(folder, "a\x1b[2J.wav");
    writeFileSync(file, riff({ format: 1, bits: 16 }, pcm));
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    transcribe(hostile, file);
    const lines = log.mock.calls.flat().join("\n");
    log.mockRestore();
    expect(lines).toContain("a·[2J.wav");
    expect(lines).not.toContain("\x1b[2J");
  });

  it("is one line of the program, with a directory for a microphone", () => {
    const file = join(folder, "kept.safetensors");
    writeFileSync(file, saved(recogniser));
    const directory = openSync(folder, "r");
    const { status, stderr } = spawnSync(
      "node",
      ["--import", "@oxc-node/core/register", "examples/speech/main.ts", "--live", "--save", file],
      {
        ...{ encoding: "utf8", stdio: [directory, "ignore", "pipe"], env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined } },
      },
    );
    closeSync(directory);
    expect([status, stderr.trim()]).toEqual([1, "error: --live: nothing came in"]);
  });

  it("does not load a model whose header says something else", () => {
    const file = join(folder, "hostile.safetensors");
    const { symbols, statistics: known } = recogniser;
    const refused = (speech: string) => {
      writeFileSync(file, recogniser.model.save({ speech }));
      expect(() => recogniserIn(rt, file), speech).toThrow(
        new UserError(`${file}: expected a model of the example speech, of its symbols`),
      );
    };
    for (const speech of ["{{", "null", "5", "{}"]) refused(speech);
    for (const part of [
      { statistics: null },
      { statistics: { mean: [1], deviation: 1 } },
      { statistics: { ...known, deviation: 0 } },
      { symbols: symbols.slice(1) },
      { symbols: ["a", "b", "c", "\x1b"] },
      { symbols: ["a", "b", "c", 4] },
    ])
      refused(JSON.stringify({ symbols, statistics: known, ...part }));
    writeFileSync(file, recogniser.model.save());
    expect(() => recogniserIn(rt, file)).toThrow(UserError);
    writeFileSync(file, recogniser.model.save({ speech: JSON.stringify({ symbols, statistics: known, model: 1 }) }));
    expect(recogniserIn(rt, file).model).toBeInstanceOf(Sequential);
  });

  it("does not load weights that are no numbers, nor a model of other sizes", () => {
    const file = join(folder, "nan.safetensors");
    const head = (inputSize: number) => new Sequential(rt, [new Dense(rt, { inputSize, outputSize: 5 })]);
    const model = head(FEATURES);
    writeFileSync(file, saved({ ...recogniser, model: head(FEATURES - 1) }));
    expect(() => recogniserIn(rt, file)).toThrow("expected a model of the example speech");
    model.parameters()[0]?.update((values) => void values.fill(Number.NaN, 3, 4));
    writeFileSync(file, saved({ ...recogniser, model }));
    expect(() => recogniserIn(rt, file)).toThrow(new UserError(`${file}: weights that are no numbers`));
  });
});

describe("dynamic time warping", () => {
  const track = (...values: number[]) => Float32Array.from(values);

  it("is nothing between a sequence and itself, stretched or not", () => {
    expect(distance(track(1, 2, 3), track(1, 2, 3), 1)).toBe(0);
    expect(distance(track(1, 2, 3, 4), track(1, 1, 2, 2, 3, 3, 4, 4), 1)).toBe(0);
  });

  it("is the mean over a path where a diagonal step counts twice", () => {
    expect(distance(track(0, 0, 0), track(1, 1, 1), 1)).toBe(1);
    expect(distance(track(0), track(1, 1, 1), 1)).toBe((2 + 1 + 1) / 4);
    expect(distance(track(0, 0, 3, 4), track(0, 0, 0, 0), 2)).toBe(5 / 4); // (3, 4) beside one (0, 0), which both others are beside
    expect(distance(track(0, 1, 0), track(0, 0, 0), 1)).toBe(1 / 6); // the 1 beside one 0 only
  });

  it("gives up where the best is out of reach, and finds the nearest", () => {
    expect(distance(track(0, 0, 0), track(1, 1, 1), 1, 0.5)).toBe(Number.POSITIVE_INFINITY);
    const templates = [track(5, 5, 5), track(0, 1, 2), track(0, 1, 3)].map((frames, label) => ({ label, frames }));
    expect(nearest(track(0, 0, 1, 2), templates, 1).label).toBe(1);
    expect(nearest(track(4, 5, 6), templates, 1)).toEqual({ label: 0, distance: distance(track(4, 5, 6), track(5, 5, 5), 1) });
  });

  it("parts a string into templates, with silence between them or not", () => {
    const templates = [track(3, 4, 5), track(7, 6), track(9, 9, 3)].map((frames, label) => ({ label, frames }));
    expect(connected(track(3, 4, 5, 7, 6, 9, 9, 3), templates, 1, 0.5)).toEqual([0, 1, 2]);
    expect(connected(track(-1, -1, 3, 3, 4, 5, -1, -1, 7, 7, 6, -1), templates, 1, 0.5)).toEqual([0, 1]);
    expect(connected(track(-1, 3, 5, 3, 5, -1), templates, 1, 0.5)).toEqual([0, 0]); // the 4 left out, twice the same
    expect(connected(track(-1, 3, 4, 5, -1), templates, 1, 100)).toEqual([]);
    expect(connected(track(), templates, 1, 1)).toEqual([]);
  });

  it("looks at the loudest stretch alone, pauses inside of it included", () => {
    const hum = noise(2 * RATE).map((value) => 0.01 * value);
    const at = (seconds: number, sound: Float32Array) =>
      sound.forEach((value, i) => {
        hum[seconds * RATE + i] = value + (hum[seconds * RATE + i] as number);
      });
    at(0.2, tone(1500, 0.03, RATE, 0.3)); // a click
    at(0.8, tone(500, 0.2));
    at(1.1, tone(900, 0.1)); // 0.1 s later
    const found = speechOf(hum).length / RATE;
    expect(found).toBeGreaterThan(0.4);
    expect(found).toBeLessThan(0.55);
    expect(speechOf(new Float32Array(100))).toHaveLength(100);
  });

  it("knows a tone that glides up from one that glides down", () => {
    const glide = (from: number, to: number, seconds: number, seed: number) => {
      let phase = 0;
      const samples = Float32Array.from({ length: seconds * RATE }, (_, i) => {
        phase += (2 * Math.PI * (from + ((to - from) * i) / (seconds * RATE))) / RATE;
        return 0.3 * Math.sin(phase);
      });
      return cepstra(noisy(samples, noise(samples.length, seed), 20));
    };
    const templates = [
      { label: 0, frames: glide(400, 2500, 0.4, 1) },
      { label: 1, frames: glide(2500, 400, 0.4, 2) },
    ];
    expect(templates[0]?.frames.length).toBe(Math.ceil(framesIn(0.4 * RATE) / 2) * CEPSTRA);
    expect(nearest(glide(450, 2300, 0.55, 3), templates, CEPSTRA).label).toBe(0);
    expect(nearest(glide(2300, 450, 0.3, 4), templates, CEPSTRA).label).toBe(1);
  });
});

describe("augmentation", () => {
  const samples = tone(1000, 1);

  it("is the same for the same seed, finite, within [-1, 1], and never touches what it is given", () => {
    const before = samples.slice();
    for (let seed = 0; seed < 30; seed++) {
      const sound = augmented(samples, new Generator(seed), [noise(3000), noise(500)]);
      expect(augmented(samples, new Generator(seed), [noise(3000), noise(500)])).toEqual(sound);
      expect(sound.every((value) => Math.abs(value) <= 1)).toBe(true);
      expect(rootMeanSquare(sound)).toBeGreaterThan(0.01);
      expect(sound.length).toBeGreaterThan(RATE / 1.21);
      expect(sound.length).toBeLessThan(RATE / 0.84);
    }
    expect(samples).toEqual(before);
  });

  it("adds noise of the loudness that was asked for, in every colour", () => {
    for (const pole of [0, 0.7, 0.97]) {
      const added = noisy(samples, coloured(samples.length, new Generator(1), pole), 12).map((value, i) => value - (samples[i] as number));
      expect(decibels(rootMeanSquare(samples) / rootMeanSquare(added))).toBeCloseTo(12, 3);
    }
    expect(babble(100, new Generator(1), [tone(300, 0.01)]).some((value) => value !== 0)).toBe(true);
  });

  it("has a telephone's band", () => {
    const through = (hertz: number) => decibels(rootMeanSquare(inner(telephone(tone(hertz, 1)))) / (0.5 * Math.SQRT1_2));
    expect(through(1000)).toBeGreaterThan(-0.5);
    expect(through(300)).toBeCloseTo(-6, 0); // two filters, 3 dB each
    expect(through(100)).toBeLessThan(-35);
    expect(through(3800)).toBeLessThan(-12);
  });

  it("has shelves and peaks of their gains", () => {
    const through = (hertz: number, filter: Parameters<typeof filtered>[1]) =>
      decibels(rootMeanSquare(inner(filtered(tone(hertz, 1), filter as never))) / (0.5 * Math.SQRT1_2));
    expect(through(50, { kind: "low-shelf", hertz: 500, gain: 6 })).toBeCloseTo(6, 0);
    expect(through(3500, { kind: "low-shelf", hertz: 500, gain: 6 })).toBeCloseTo(0, 1);
    expect(through(3800, { kind: "high-shelf", hertz: 1500, gain: -6 })).toBeCloseTo(-6, 0);
    expect(through(50, { kind: "high-shelf", hertz: 1500, gain: -6 })).toBeCloseTo(0, 1);
    expect(through(1000, { kind: "peak", hertz: 1000, gain: 5 })).toBeCloseTo(5, 1);
    expect(through(100, { kind: "peak", hertz: 1000, gain: 5 })).toBeCloseTo(0, 0);
  });

  it("codes as G.711 does: the noise is 32 dB or more below, at any loudness", () => {
    for (const amplitude of [0.9, 0.1, 0.02]) {
      const loudTone = tone(1000.3, 1, RATE, amplitude);
      const error = muLaw(loudTone).map((value, i) => value - (loudTone[i] as number));
      expect(decibels(rootMeanSquare(loudTone) / rootMeanSquare(error)), `${amplitude}`).toBeGreaterThan(32);
    }
  });

  it("changes rate, loudness, and what comes after a click", () => {
    expect(rated(samples, 1.25)).toHaveLength(6400);
    expect(decibels(rootMeanSquare(loud(samples, -20)))).toBeCloseTo(-20, 3);
    const click = new Float32Array(2000);
    click[0] = 1;
    const room = reverberant(click, 0.1, new Generator(1));
    const energy = (from: number, to: number) => rootMeanSquare(room.slice(from, to));
    expect(room[0]).toBe(1);
    expect(decibels(energy(8, 208) / energy(408, 608))).toBeGreaterThan(20); // 60 dB in 800 samples
    expect(decibels(energy(8, 208) / energy(408, 608))).toBeLessThan(40);
    expect(energy(808, 2000)).toBe(0);
  });

  it("masks whole bands and whole steps", () => {
    for (let seed = 0; seed < 20; seed++) {
      const steps = masked(new Float32Array(50 * FEATURES).fill(1), new Generator(seed));
      const dead = Array.from({ length: 50 }, (_, t) => steps.subarray(t * FEATURES, (t + 1) * FEATURES).every((value) => value === 0));
      const live = dead.indexOf(false);
      const band = (i: number) => steps[live * FEATURES + (i % BANDS)];
      expect(dead.filter(Boolean).length).toBeLessThanOrEqual(6);
      expect(steps.every((value, i) => value === (dead[Math.floor(i / FEATURES)] ? 0 : band(i % FEATURES)))).toBe(true);
    }
    expect(masked(new Float32Array(2 * FEATURES), new Generator(1))).toHaveLength(2 * FEATURES);
  });
});
