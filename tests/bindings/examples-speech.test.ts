/** Of examples/speech, the symbols: who says what, what is joined, what is counted, and the program's refusals. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createRuntime, Generator } from "wasm-rnn";
import { majorityOf, nearestOf, templatesOf } from "../../examples/speech/baselines.js";
import { asterisk, classOf, joined, klettres, madeSpeakers, type Sound, strings } from "../../examples/speech/data.js";
import { BANDS, FEATURES } from "../../examples/speech/features.js";
import { statisticsOf } from "../../examples/speech/front-end.js";
import { lessons, pass, stepsOf } from "../../examples/speech/lessons.js";
import { build } from "../../examples/speech/model.js";
import { pack, trimmed, unpack } from "../../examples/speech/packed.js";
import { RATE } from "../../examples/speech/rate.js";
import { confusions, measuresOf, singly } from "../../examples/speech/report.js";
import { recogniserIn, saved } from "../../examples/speech/saved.js";
import { readingsOf, SYMBOLS, textFor } from "../../examples/speech/symbols.js";
import { FEW, VOICES } from "../../examples/speech/voices.js";

const folder = mkdtempSync(join(tmpdir(), "speech-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const people = klettres();

/** A made voice, of few symbols. */
function someone() {
  const [speaker] = madeSpeakers(FEW.slice(0, 1), ["a", "z", "7"], 2);
  if (!speaker) throw new Error("there are no voices");
  return speaker;
}

/** Sounds that are told by their samples. */
function sound(symbol: string, length: number): Sound {
  return { labels: [classOf(symbol)], samples: new Float32Array(length).fill(classOf(symbol)) };
}

describe("the symbols", () => {
  it("are 62, each once, the letters' words in the letters' order", () => {
    expect(new Set(SYMBOLS).size).toBe(62);
    expect(SYMBOLS.slice(26, 52).map((word) => word[0])).toEqual(SYMBOLS.slice(0, 26));
    expect([classOf("a"), classOf("alpha"), classOf("9")]).toEqual([1, 27, 62]);
  });

  it("are read as people say them, and spelled as each program needs it", () => {
    expect([readingsOf("z"), readingsOf("9"), readingsOf("mike")]).toEqual([["zee", "zed"], ["nine", "niner"], ["mike"]]);
    expect(textFor("flite", ["a", "lima", "seven"])).toBe("ay leema seven");
    expect(textFor("espeak-ng", ["a", "lima"])).toBe("eigh lima");
  });
});

describe("who speaks", () => {
  it("no voice twice", () => {
    expect(new Set(VOICES.map(({ name }) => name)).size).toBe(VOICES.length);
    expect(new Set(VOICES.map(({ speaker }) => speaker)).size).toBeGreaterThan(70);
  });

  it("nobody on two sides", async () => {
    const watched = await people;
    const tested = asterisk();
    const names = [...VOICES.map(({ name }) => name), ...watched.map(({ name }) => name), tested.name];
    expect(new Set(names).size).toBe(names.length);
    const bytes = ({ samples }: Sound) => Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).toString("base64");
    const sounds = [...watched, tested, someone()].map(({ alone }) => new Set(alone.map(bytes)));
    for (const [i, one] of sounds.entries())
      for (const other of sounds.slice(i + 1)) expect([...one].filter((each) => other.has(each))).toEqual([]);
  });

  it("the test is every letter, z twice, every word, every digit, 9 twice; nothing else", () => {
    const { alone } = asterisk();
    const counts = new Map<number, number>();
    for (const { labels } of alone) counts.set(labels[0] as number, (counts.get(labels[0] as number) ?? 0) + 1);
    expect([...counts.keys()].toSorted((a, b) => a - b)).toEqual(SYMBOLS.map((_, i) => i + 1));
    expect([...counts].filter(([, n]) => n > 1).toSorted()).toEqual([
      [classOf("z"), 2],
      [classOf("9"), 2],
    ]);
  });

  it("two people are watched, each says every letter once", async () => {
    for (const { alone } of await people) expect(alone.map(({ labels }) => labels)).toEqual(SYMBOLS.slice(0, 26).map((s) => [classOf(s)]));
  });

  it("a made voice says each reading alone, and strings in one breath", () => {
    const { alone, connected } = someone();
    expect(alone.map(({ labels }) => labels)).toEqual(["a", "z", "z", "7"].map((symbol) => [classOf(symbol)]));
    expect(connected).toHaveLength(2);
    for (const { labels, samples } of connected) {
      expect(labels.length).toBeGreaterThan(1);
      expect(samples.length).toBeGreaterThan((alone[0] as Sound).samples.length);
    }
    for (const { samples } of alone) expect(samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0)).toBeCloseTo(0.9, 1);
  });
});

describe("strings", () => {
  const alone = ["a", "b", "9"].map((symbol, i) => sound(symbol, 100 * (i + 1)));

  it("have the symbols that they are joined of, the pauses between, nothing else", () => {
    const { labels, samples } = joined([alone[0], alone[2]] as Sound[], () => 0.1);
    expect(labels).toEqual([classOf("a"), classOf("9")]);
    expect(samples.length).toBe(100 + 0.1 * RATE + 300);
    expect([samples[99], samples[100], samples[100 + 0.1 * RATE]]).toEqual([classOf("a"), 0, classOf("9")]);
  });

  it("are of two to eight symbols, pauses of at most 300 ms, by the seed alone", () => {
    const drawn = strings({ alone }, 200, new Generator(3));
    expect([...new Set(drawn.map(({ labels }) => labels.length))].toSorted()).toEqual([2, 3, 4, 5, 6, 7, 8]);
    for (const { labels, samples } of drawn) {
      const spoken = labels.reduce((sum, label) => sum + 100 * (1 + [classOf("a"), classOf("b"), classOf("9")].indexOf(label)), 0);
      expect(samples.length - spoken).toBeLessThanOrEqual(0.3 * RATE * (labels.length - 1));
      expect(samples.length - spoken).toBeGreaterThanOrEqual(0);
    }
    expect(strings({ alone }, 200, new Generator(3)).map(({ labels }) => labels)).toEqual(drawn.map(({ labels }) => labels));
  });

  it("that are learned from are by one voice, and every pass has each once", () => {
    const speaker = { name: "x", alone: [sound("a", 2000), sound("b", 2000)], connected: [] };
    const all = lessons([[speaker]], 12, new Generator(1));
    for (const { labels, frames } of all) {
      expect(labels.every((label) => label === 1 || label === 2)).toBe(true);
      expect(frames.length % BANDS).toBe(0);
    }
    const samples = [...pass(all, true, statisticsOf(all.map(({ frames }) => frames)), 4, new Generator(2))];
    expect(samples.map(({ y }) => y.join()).toSorted()).toEqual(all.map(({ labels }) => labels.join()).toSorted());
    for (const { x } of samples) expect(x.length % FEATURES).toBe(0);
  });

  it("a symbol is to be said when it has ended; in strings of one breath nobody knows when", () => {
    const { ends } = joined([sound("a", 480), sound("b", 2400)], () => 240 / RATE);
    expect(ends).toEqual([480, 480 + 240 + 2400]);
    expect([...stepsOf([1, 2], ends, 18)]).toEqual([0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2, 0, 0]);
    expect([...stepsOf([1, 2], undefined, 3)]).toEqual([-100, -100, -100]);
  });
});

it("sounds are kept as they are, to 16 bits, without silence around them", () => {
  const sounds = [Float32Array.of(0, 0.5, -1), new Float32Array(), Float32Array.of(0.25)];
  const back = unpack(pack(sounds)) as Float32Array[];
  expect(back.map(({ length }) => length)).toEqual([3, 0, 1]);
  for (const [i, x] of sounds.entries()) for (const [t, value] of x.entries()) expect(back[i]?.[t]).toBeCloseTo(value, 4);
  const padded = new Float32Array(1000);
  padded.fill(0.3, 400, 500);
  expect(trimmed(padded).length).toBe(80 + 100 + 80);
  expect(trimmed(new Float32Array(50)).length).toBe(0);
});

describe("what is counted", () => {
  const sounds = [sound("a", 10), { labels: [1, 2, 3, 4], samples: new Float32Array(10) }];

  it("errors over symbols, strings that are not right, fewer than half of the errors of the first baseline as the goal", () => {
    const trial = {
      sounds,
      systems: [
        { name: "ours", said: [[1], [1, 2, 3]] },
        { name: "theirs", said: [[2], [1, 1, 1, 1]] },
      ],
    };
    const [symbols, whole] = measuresOf("in strings", trial, 1, true);
    expect([symbols?.value, symbols?.baselines[0]?.value, symbols?.goal]).toEqual([20, 80, 20]);
    expect([whole?.value, whole?.baselines[0]?.value, whole?.goal]).toEqual([50, 100, undefined]);
  });

  it("what is taken for what", () => {
    const trial = { sounds: [sound("a", 9), sound("b", 9)], systems: [{ name: "ours", said: [[1], [4, 5]] }] };
    expect(confusions(trial, SYMBOLS).join("\n")).toContain("b → d e");
    expect(confusions(trial, SYMBOLS).join("\n")).not.toContain("a →");
  });

  it("the nearest neighbour knows what it has heard, the majority what is said most", () => {
    const { alone } = someone();
    const templates = templatesOf([{ name: "x", alone, connected: [] }]);
    expect(nearestOf(alone, templates)).toEqual(alone.map(({ labels }) => labels));
    expect(majorityOf(sounds, templates)).toEqual([Array(3).fill(classOf("z")), Array(3).fill(classOf("z"))]);
  });
});

describe("a model", () => {
  it("is kept with its symbols, and says one symbol where one is said", async () => {
    using rt = await createRuntime({ seed: 1 });
    const { loadOperators } = await import("wasm-rnn/sequence");
    await loadOperators(rt);
    const speaker = someone();
    const [all] = [lessons([[speaker]], 4, new Generator(1))];
    const statistics = statisticsOf(all.map(({ frames }) => frames));
    const file = join(folder, "model.safetensors");
    writeFileSync(file, saved({ model: build(rt, 1 + SYMBOLS.length, 8), symbols: SYMBOLS, statistics }));
    const recogniser = recogniserIn(rt, file);
    expect([recogniser.symbols, recogniser.statistics]).toEqual([SYMBOLS, statistics]);
    for (const said of await singly(recogniser, speaker.alone)) expect(said).toHaveLength(1);
  });
});

describe("the program, in one line", () => {
  const program = (...args: string[]) => {
    const { status, stderr } = spawnSync("node", ["--import", "@oxc-node/core/register", "examples/speech/main.ts", ...args], {
      encoding: "utf8",
    });
    return { status, lines: stderr.trim().split("\n") };
  };

  it.each([
    [["--use", "x.wav", "--save", "nowhere.safetensors"], /nowhere\.safetensors: there is no such file/],
    [["--quick", "--data", "nowhere"], /there is no folder nowhere/],
    [["--resume", "--save", "nowhere.safetensors"], /no checkpoint nowhere\.safetensors\.(steps\.)?checkpoint/],
    [["--quick", "--record"], /cannot be used with/],
  ])("%j", (args, message) => {
    const { status, lines } = program(...args);
    expect(status).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(message);
  });

  it("a model of something else", () => {
    const file = join(folder, "other.safetensors");
    writeFileSync(file, "not a model");
    expect(program("--use", "x.wav", "--save", file).lines).toEqual([
      expect.stringContaining("other.safetensors: expected a model of the example speech"),
    ]);
  });
});
