/** Of examples/speech, the task of the prompts: how texts are spoken, which are read for training, how they are heard. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { createRuntime } from "wasm-rnn";
import { debianCache } from "../../examples/shared/debian.js";
import { UserError } from "../../examples/shared/program.js";
import { BANDS, FEATURES, logMel } from "../../examples/speech/features.js";
import { ended, secondsOf, statisticsOf } from "../../examples/speech/front-end.js";
import { heardBy, inOrder } from "../../examples/speech/hearing.js";
import { letterScore } from "../../examples/speech/letters.js";
import { build } from "../../examples/speech/model.js";
import { commandFor, fileOf } from "../../examples/speech/options.js";
import { pack, unpack } from "../../examples/speech/packed.js";
import { prompts } from "../../examples/speech/prompts.js";
import { parseTexts, readPrompts, soundOf } from "../../examples/speech/prompts-data.js";
import { ALPHABET, labelsOf, Transcriber, textOf } from "../../examples/speech/prompts-model.js";
import { RATE } from "../../examples/speech/rate.js";
import { readings } from "../../examples/speech/readings.js";
import { saved } from "../../examples/speech/saved.js";
import { inWords, spoken } from "../../examples/speech/spoken.js";
import { speak } from "../../examples/speech/synthesis.js";
import { phrases, sentences } from "../../examples/speech/texts.js";
import { FEW, VOICES } from "../../examples/speech/voices.js";

const folder = mkdtempSync(join(tmpdir(), "speech-prompts-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A WAV file of 16-bit silence. */
function silence(samples: number): string {
  const bytes = Buffer.alloc(44 + 2 * samples);
  bytes.write("RIFF", 0);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write("WAVEfmt ", 8);
  for (const [i, value] of [16, 0x10001, RATE, 2 * RATE, 0x100002].entries()) bytes.writeUInt32LE(value, 16 + 4 * i);
  bytes.write("data", 36);
  bytes.writeUInt32LE(2 * samples, 40);
  const file = join(folder, `${samples}.wav`);
  writeFileSync(file, bytes);
  return file;
}

describe("spoken texts", () => {
  it("have numbers in words, as telephones say them", () => {
    const words: Record<string, string> = {
      ...{ "0": "zero", "7": "seven", "13": "thirteen", "20": "twenty", "42": "forty two", "99": "ninety nine", "500": "five hundred" },
      ...{ "07": "zero seven", "123": "one two three", "1234": "one two three four", "8500": "eight five zero zero" },
      "28.8": "twenty eight point eight",
    };
    for (const [number, said] of Object.entries(words)) expect(inWords(number), number).toBe(said);
  });

  it("have small letters, apostrophes and spaces alone, and no notes", () => {
    expect(spoken("Press 1 now, or * to exit...")).toBe("press one now or star to exit");
    expect(spoken("Your party’s 'first' name (a tone plays) [@] <beep>")).toBe("your party's first name");
    expect(spoken("At 5 A.M., visit www.asterisk.org.")).toBe("at five a m visit www dot asterisk dot org");
    expect(spoken("H.323")).toBe("h three two three");
    expect(spoken("followed by # – De-activated… Über")).toBe("followed by pound de activated uber");
    expect(spoken("[tone]")).toBe("");
    expect(spoken("o'clock, I'm sorry: don't!")).toBe("o'clock i'm sorry don't");
  });
});

describe("the prompts", () => {
  it("are parsed line by line", () => {
    expect(parseTexts("; a comment\n\nhello: Hello.\ndigits/1: one\nvm-leavemsg:  Press 5: now\nno text here\nbeep: [beep]\n")).toEqual([
      { name: "hello", text: "Hello." },
      { name: "digits/1", text: "one" },
      { name: "vm-leavemsg", text: "Press 5: now" },
      { name: "beep", text: "[beep]" },
    ]);
  });

  it("are those that say something and were recorded", () => {
    const { prompts, wordless, missing } = readPrompts();
    expect([prompts.length, wordless.length, missing]).toEqual([551, 17, ["pls-try-call-later"]]);
    expect(wordless.filter((name) => !/tone|beep|silence|confbridge-(join|leave)|monkeys/.test(name))).toEqual([]);
    expect(prompts.every(({ text, file }) => /^[a-z']+( [a-z']+)*$/.test(text) && existsSync(file))).toBe(true);
    const hello = prompts.find(({ name }) => name === "hello-world");
    expect(hello?.text).toBe("hello world");
    expect(soundOf(hello as never).length / RATE).toBeGreaterThan(0.5);
  });

  it("are missing in one line", () => {
    expect(() => readPrompts("examples")).toThrow(UserError);
    expect(() => readPrompts("no-such-folder")).toThrow("--data: there is no folder no-such-folder");
  });

  it("are refused in one line where their texts are no gzip file", () => {
    const data = join(folder, "data");
    const file = join(data, "usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz");
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "junk");
    expect(() => readPrompts(data)).toThrow(new UserError(`${file} is no gzip file that can be read`));
  });
});

describe("what is read for training", () => {
  it("is sentences and phrases of letters, each once, the same for the same seed", () => {
    const [book, machine] = [sentences(), phrases(500, 1)];
    expect(book.length).toBeGreaterThan(5000);
    for (const texts of [book, machine]) {
      expect(new Set(texts).size).toBe(texts.length);
      expect(texts.filter((text) => !/^[a-z']+( [a-z']+)*$/.test(text))).toEqual([]);
    }
    expect(machine).toEqual(phrases(500, 1));
    expect(machine).not.toEqual(phrases(500, 2));
  });

  it("has no prompt, and no text or speaker on both sides", () => {
    const without = new Set(readPrompts().prompts.map(({ text }) => text));
    const voices = [...FEW.slice(0, 3), ...VOICES.filter(({ speaker, program }) => speaker === "f3" && program === "espeak-ng")];
    const { training, watched } = readings({ training: 16, watched: 4, seed: 1, without, voices });
    expect([training.length, watched.length]).toEqual([16, 4]);
    const texts = [...training, ...watched].map(({ text }) => text);
    expect(new Set(texts).size).toBe(20);
    expect(texts.filter((text) => without.has(text))).toEqual([]);
    expect(new Set(watched.map(({ voice }) => voice.speaker))).toEqual(new Set(["f3"]));
    expect(training.some(({ voice }) => voice.speaker === "f3")).toBe(false);
    for (const { text, samples } of [...training, ...watched]) {
      expect(samples.length / RATE, text).toBeGreaterThan(0.04 * text.length);
      expect(samples.length / RATE, text).toBeLessThan(0.3 * text.length + 1);
    }
    const silence = new Set([...without, ...phrases(100, 1)]); // what is left out is left out, whatever it is
    expect(readings({ training: 16, watched: 4, seed: 1, without: silence, voices }).training.some(({ text }) => silence.has(text))).toBe(
      false,
    );
  });

  it("is heard in batches of like lengths, at first from the shortest on, later in another order each time", () => {
    const voice = FEW[0] as (typeof FEW)[number];
    const sounds = Array.from({ length: 12 }, (_, i) => ({
      text: "abc".repeat(i + 1),
      samples: new Float32Array(4000 + 500 * ((5 * i) % 12)).fill(0.1),
      voice,
    }));
    const heard = heardBy(sounds, 3);
    expect(heardBy(sounds, 3)).toEqual(heard);
    expect(heard.map(({ y }) => y.length)).toEqual(sounds.map(({ text }) => text.length));
    expect(secondsOf(heard)).toBeGreaterThan(12 * 0.5);
    const statistics = statisticsOf(heard.map(({ frames }) => frames));
    const order = inOrder(heard, statistics, 4, 3);
    const lengths = (epoch: number) => [...order(epoch)].map(({ x }) => x.length / FEATURES);
    const [first, second, third] = [lengths(0), lengths(1), lengths(2)];
    expect(first).toEqual(first.toSorted((a, b) => a - b));
    expect(second.toSorted((a, b) => a - b)).toEqual(first);
    expect(new Set([first, second, third].map((each) => each.join())).size).toBeGreaterThan(1);
    expect([...order(1)].map(({ x }) => x)).toEqual([...order(1)].map(({ x }) => x));
  });
});

describe("what was said and is kept", () => {
  it("is nothing where the file was damaged", () => {
    const bytes = pack([Float32Array.of(0.5, 0.1), Float32Array.of(1)]);
    expect(unpack(bytes)).toHaveLength(2);
    const garbage = new TextEncoder().encode("no sounds at all");
    for (const damaged of [new Uint8Array(), bytes.slice(0, 3), bytes.slice(0, -1), bytes.slice(0, -2), garbage, new Uint8Array(7)])
      expect(unpack(damaged), `${damaged.length}`).toBeUndefined();
  });

  it("is made anew then", () => {
    const cache = join(folder, "cache", "wasm-rnn");
    mkdirSync(cache, { recursive: true });
    symlinkSync(debianCache(), join(cache, "debian"));
    vi.stubEnv("XDG_CACHE_HOME", join(folder, "cache"));
    const voice = FEW[0] as (typeof FEW)[number];
    const expected = speak(voice, ["hello", "star"]);
    const [name, ...more] = readdirSync(join(cache, "speech"));
    expect(more).toEqual([]);
    const file = join(cache, "speech", name as string);
    for (const damaged of ["", "garbage", pack([Float32Array.of(1)])]) {
      writeFileSync(file, damaged);
      expect(speak(voice, ["hello", "star"])).toEqual(expected);
      expect(unpack(readFileSync(file))).toEqual(expected);
    }
    vi.unstubAllEnvs();
  });
});

describe("a run", () => {
  const options = { seed: 1, quick: true, record: false, resume: false, live: false, rate: 8000, prompts: true };

  it("of a few seconds leaves a checkpoint alone, says which text is which, and keeps a model for use", async () => {
    const save = join(folder, "quick.safetensors");
    writeFileSync(`${save}.checkpoint`, "another's");
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const [learned, used] = [await prompts({ ...options, save }), await prompts({ ...options, save, use: silence(4000) })];
    const lines = log.mock.calls.flat().join("\n");
    log.mockRestore();
    expect([learned, used]).toEqual([0, 0]);
    expect(lines).toMatch(/24 texts read by made voices, 1 minute\n/);
    expect(lines).toMatch(/ {2}text {3}[a-z' ]+.*\n.* {2}heard {2}/);
    expect(readFileSync(`${save}.checkpoint`, "utf8")).toBe("another's");
    expect(readdirSync(folder).filter((name) => name.startsWith("quick"))).toEqual(["quick.safetensors", "quick.safetensors.checkpoint"]);
  });

  it("does not begin where no model can be written", async () => {
    await expect(prompts({ ...options, save: folder })).rejects.toThrow(
      new UserError(`cannot save the model to ${folder}: ${folder} is not a file`),
    );
    await expect(prompts({ ...options, save: join(silence(1), "x") })).rejects.toMatchObject({ syscall: "mkdir" });
  });

  it("is gone on with by all that its texts depend on", () => {
    const run = { prompts: true, quick: false, seed: 3, save: "a b" };
    expect(commandFor({ resume: true }, run)).toBe("npm run example speech -- --prompts --resume --seed 3 --save 'a b'");
    expect(commandFor({ resume: true }, { ...run, seed: 1, data: "/", save: fileOf(run) })).toBe(
      "npm run example speech -- --prompts --resume --data /",
    );
  });
});

describe("letters", () => {
  it("go to labels and back", () => {
    expect([...labelsOf("az' ")]).toEqual([1, 26, 27, 28]);
    expect(textOf([...labelsOf("it's me")])).toBe("it's me");
  });

  it("are scored by what was read", () => {
    const score = letterScore(["press star", "press pound", "press one"], 1, 0);
    const behind = (text: string, letter: string) => score([...labelsOf(text)], labelsOf(letter)[0] as number);
    expect(behind("pres", "s")).toBeGreaterThan(behind("pres", "t"));
    const all = ALPHABET.map((letter) => Math.exp(behind("press ", letter)));
    expect(all.reduce((a, b) => a + b)).toBeGreaterThan(0.9);
    expect(all.reduce((a, b) => a + b)).toBeLessThanOrEqual(1);
    const worth = letterScore(["press star"], 0.5, 2);
    const plain = letterScore(["press star"], 1, 0);
    expect(worth([], 16)).toBeCloseTo(0.5 * plain([], 16) + 2, 9);
  });

  it("are what the network scores, a blank before them, from a file too", async () => {
    using rt = await createRuntime({ seed: 1 });
    const statistics = statisticsOf([logMel(ended(new Float32Array(4000).fill(0.1)))]);
    expect(statistics.mean).toHaveLength(BANDS);
    const model = new Transcriber(rt, { hidden: 8, statistics });
    const x = rt.tensor(new Float32Array(5 * FEATURES), [5, 1, FEATURES]);
    expect(model.forward(x).shape).toEqual([5, 1, 1 + ALPHABET.length]);
  });

  it("are refused in one line, from a file that is no sound, of a model that is none or another's", async () => {
    const options = { seed: 1, quick: false, record: false, resume: false, live: false, rate: 8000, prompts: true };
    const sound = readPrompts().prompts[0]?.file as string;
    await expect(prompts({ ...options, use: "package.json", save: "none" })).rejects.toThrow(/^package\.json is no WAV file/);
    await expect(prompts({ ...options, use: sound, save: "none" })).rejects.toThrow("cannot read the model none: there is no such file");
    for (const save of ["package.json", sound]) {
      await expect(prompts({ ...options, use: sound, save })).rejects.toThrow(UserError);
      await expect(prompts({ ...options, use: sound, save })).rejects.toThrow(
        `${save}: expected a model of the example speech, of its prompts`,
      );
    }
  });

  it("are refused in one line, of a sound that is empty or shorter than a window", async () => {
    const options = { seed: 1, quick: false, record: false, resume: false, live: false, rate: 8000, prompts: true, save: "none" };
    const [empty, short] = [silence(0), silence(50)];
    await expect(prompts({ ...options, use: empty })).rejects.toThrow(new UserError(`${empty} holds no sound`));
    await expect(prompts({ ...options, use: short })).rejects.toThrow(new UserError(`${short} is too short: 6.3 ms, of at least 25.0`));
  });

  it("are refused in one line, of the other task's model, of statistics or weights that are none", async () => {
    using rt = await createRuntime({ seed: 1 });
    const statistics = statisticsOf([logMel(ended(new Float32Array(4000).fill(0.1)))]);
    const [use, save] = [silence(4000), join(folder, "other.safetensors")];
    const options = { seed: 1, quick: false, record: false, resume: false, live: false, rate: 8000, prompts: true, use, save };
    const refused = async (message: string) => await expect(prompts(options)).rejects.toThrow(new UserError(`${save}: ${message}`));
    writeFileSync(save, saved({ model: build(rt, 3, 8), symbols: ["a", "b"], statistics }));
    await refused("expected a model of the example speech, of its prompts");
    writeFileSync(save, new Transcriber(rt, { hidden: 8, statistics: { mean: [], deviation: 1 } }).save());
    await refused("expected a model of the example speech, of its prompts");
    const model = new Transcriber(rt, { hidden: 8, statistics });
    model.parameters()[0]?.update((values) => void values.fill(Number.NaN, 0, 1));
    writeFileSync(save, model.save());
    await refused("weights that are no numbers");
  });
});
