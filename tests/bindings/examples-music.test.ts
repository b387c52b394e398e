/** The example music: MIDI files, events, loops, kin and folds, what the network sees, the yardsticks, the network, what it writes, refusals. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type MidiEvent, parseMidi, writeMidi } from "midi-file";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRuntime, Dense, Generator, type Runtime, Sequential } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/ops";
import { continued } from "../../examples/music/continuation.js";
import { allPieces, foldOf, LONGEST, type Piece, partsOf, pieceOf } from "../../examples/music/data.js";
import { emptySight, GUESSES, SEEN, sightOf } from "../../examples/music/echoes.js";
import { BEGIN, EVENTS, eventsOf, isKey, isWait, notesOf, transposition, waitOf } from "../../examples/music/events.js";
import { familiesOf, passagesOf } from "../../examples/music/kin.js";
import { learn, runtimeOf } from "../../examples/music/learn.js";
import { batchesPerPass, lessonOf, pass } from "../../examples/music/lessons.js";
import { Memory, withMemory } from "../../examples/music/memory.js";
import { readMidi, writtenMidi } from "../../examples/music/midi.js";
import { Composer } from "../../examples/music/model.js";
import { KEYS, NgramModel, unigramLogs } from "../../examples/music/ngram.js";
import { parseOptions } from "../../examples/music/options.js";
import { judge, report } from "../../examples/music/report.js";
import { picture } from "../../examples/music/roll.js";
import { BEAT, type Note, type Score, withoutLoops } from "../../examples/music/score.js";
import { logsOf } from "../../examples/music/scores.js";
import { placesOf, readModel, readScore, refuseSame } from "../../examples/music/use.js";
import { ensureBuild } from "../../scripts/ensure-build.js";

const EXAMPLE = fileURLToPath(new URL("../../scripts/example.ts", import.meta.url));
const LOADER = import.meta.resolve("@oxc-node/core/register");
const folder = mkdtempSync(join(tmpdir(), "music-"));
const inFolder = (name: string) => join(folder, name);
const kept = (name: string, bytes: ArrayLike<number>) => {
  writeFileSync(inFolder(name), Uint8Array.from(bytes));
  return inFolder(name);
};

beforeAll(() => ensureBuild(), 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const note = (start: number, pitch: number, more: Partial<Note> = {}): Note => ({
  start,
  length: 6,
  pitch,
  voice: "lead",
  loud: true,
  ...more,
});
const scoreOf = (notes: readonly Note[], more: Partial<Score> = {}): Score => ({
  ...{ name: "a.mid", notes, bar: 48, tempo: 120, programs: { bass: 33, lead: 0 } },
  ...more,
});
/** Four bars of a melody over a bass and a drum, the last two as the first two. */
const TUNE = scoreOf(
  [0, 1, 2, 3].flatMap((bar) => {
    const at = 48 * bar;
    const low = note(at, bar % 2 === 0 ? 36 : 41, { voice: "bass", length: 48 });
    const beat = [0, 12, 24, 36].map((step) => note(at + step, 36, { voice: "drums", length: 1, loud: step === 0 }));
    const high = [60, 64, 67, 64].map((pitch, i) => note(at + 12 * i, pitch + (bar % 2) * 5, { length: 12 }));
    return [...beat, low, ...high];
  }),
);

const track = (events: MidiEvent[]): MidiEvent[] => [...events, { deltaTime: 0, meta: true, type: "endOfTrack" }];
const on = (deltaTime: number, noteNumber: number, channel = 0, velocity = 100): MidiEvent => ({
  ...{ deltaTime, type: "noteOn", channel, noteNumber, velocity },
});
const off = (deltaTime: number, noteNumber: number, channel = 0): MidiEvent => ({
  deltaTime,
  type: "noteOff",
  channel,
  noteNumber,
  velocity: 0,
});
const midi = (tracks: MidiEvent[][], header = {}) =>
  Uint8Array.from(writeMidi({ header: { format: 1, numTracks: tracks.length, ticksPerBeat: 96, ...header }, tracks }, { running: true }));
const PLAIN = midi([track([on(0, 60), off(48, 60), on(48, 62), off(48, 62)])]);
/** The plain file with other bytes at a place. */
const patched = (at: number, ...bytes: number[]) => {
  const copy = Uint8Array.from(PLAIN);
  copy.set(bytes, at);
  return copy;
};

describe("MIDI files", () => {
  it("voices by channel and program, steps on the grid most notes are on, unended notes, running status, tempo and bar of the beginning", () => {
    const head: MidiEvent[] = [
      { deltaTime: 0, meta: true, type: "setTempo", microsecondsPerBeat: 400_000 },
      { deltaTime: 0, meta: true, type: "timeSignature", numerator: 3, denominator: 4, metronome: 24, thirtyseconds: 8 },
      { deltaTime: 96, meta: true, type: "setTempo", microsecondsPerBeat: 0 },
    ];
    const bass: MidiEvent[] = [{ deltaTime: 0, type: "programChange", channel: 1, programNumber: 35 }, on(10, 40, 1, 60), off(48, 40, 1)];
    const noise: MidiEvent[] = [{ deltaTime: 0, type: "programChange", channel: 2, programNumber: 120 }, on(10, 40, 2), off(48, 40, 2)];
    const bytes = midi([
      track(head),
      track([on(10, 60), on(24, 62), off(24, 62), on(0, 62)]),
      track([on(34, 42, 9)]),
      track(bass),
      track(noise),
    ]);
    const { notes, bar, tempo, programs } = readMidi(bytes, "x.mid");
    expect({ bar, tempo, programs }).toEqual({ bar: 36, tempo: 150, programs: { bass: 35, lead: 0 } });
    expect([...notes].sort((a, b) => a.start - b.start || a.pitch - b.pitch)).toEqual([
      { start: 0, length: 6, pitch: 40, voice: "bass", loud: false },
      { start: 0, length: 11, pitch: 60, voice: "lead", loud: true }, // until the piece is over
      { start: 3, length: 8, pitch: 42, voice: "drums", loud: true },
      { start: 3, length: 3, pitch: 62, voice: "lead", loud: true },
      { start: 6, length: 5, pitch: 62, voice: "lead", loud: true },
    ]);
  });

  it("frames of film in the place of beats are half seconds; foreign parts and bytes behind the end are passed over", () => {
    const film = patched(12, 0xe7, 40); // 25 frames of 40 ticks: 500 ticks are half a second, twelve steps
    expect(readMidi(film, "x").notes.map(({ start, length }) => [start, length])).toEqual([
      [0, 1],
      [2, 1],
    ]);
    const foreign = [...PLAIN.subarray(0, 14), ...Buffer.from("XFIH"), 0, 0, 0, 2, 1, 2, ...PLAIN.subarray(14), 0, 0, 0];
    expect(readMidi(Uint8Array.from(foreign), "x")).toEqual(readMidi(PLAIN, "x"));
  });

  it("what is written is read again, note by note, and by the library", () => {
    const bytes = writtenMidi(TUNE);
    expect(parseMidi(bytes).tracks).toHaveLength(4);
    const again = readMidi(bytes, "a.mid");
    const inOrder = (score: Score) => eventsOf(score);
    expect(inOrder(again)).toEqual(inOrder(TUNE));
    expect({ ...again, notes: [] }).toEqual({ ...TUNE, notes: [] });
    const seven = readMidi(writtenMidi({ ...TUNE, bar: 42, programs: { bass: 38, lead: 5 } }), "a.mid");
    expect([seven.bar, seven.programs]).toEqual([42, { bass: 38, lead: 5 }]);
    const struck = writtenMidi(scoreOf([note(0, 60, { length: 24 }), note(12, 60)])); // while it sounds
    expect(readMidi(struck, "x").notes.map(({ start, length }) => [start, length])).toEqual([
      [0, 12],
      [12, 6],
    ]);
  });

  const silent = midi([track([])]);
  const crowd = (notes: number) => midi([track(Array.from({ length: notes }, (_, i) => on(0, i % 128)))]);
  const late = midi([track([on(96 * 30_000, 60), off(48, 60)])]);
  it.each([
    ["empty", [], /^empty.mid: is no MIDI file$/],
    ["a text", Buffer.from("la la la la la la"), /is no MIDI file$/],
    ["half a header", PLAIN.subarray(0, 11), /is a MIDI file that is cut off in its header$/],
    ["a cut track", PLAIN.subarray(0, 30), /is a MIDI file that is cut off$/],
    ["a track of 4 GB", patched(18, 255, 255, 255, 255), /is a MIDI file that is cut off$/],
    ["format 2", patched(8, 0, 2), /of format 2, whose tracks are no one piece: expected format 0 or 1$/],
    ["no ticks in a beat", patched(12, 0, 0), /whose beats have no ticks$/],
    ["no ticks in a frame", patched(12, 0xe7, 0), /whose beats have no ticks$/],
    ["no status", patched(23, 60), /cannot be read \(Unrecognised MIDI event type: 0\)$/],
    ["no notes", silent, /without notes \(noises apart\)$/],
    ["too long", late, /expected a piece of at most 20000 beats, got one of 30000$/],
    ["too many", crowd(130_000), /expected a piece of at most 100000 notes, got 130000$/],
    ["too large", new Uint8Array(5 * 2 ** 20), /expected a MIDI file of at most 4 MiB, got 5242880 bytes$/],
  ])("refused in one line: %s", (name, bytes, message) => {
    expect(() => readScore(kept(`${name}.mid`, bytes))).toThrow(message);
  });

  it("as many notes as may be, all at once, are written and drawn", () => {
    const score = readMidi(crowd(100_000), "x");
    expect(withoutLoops(score).notes).toHaveLength(100_000);
    expect(picture({ score, from: 48 })).toMatch(/<\/svg>\n$/);
    expect(readMidi(writtenMidi(score), "x").notes).toHaveLength(100_000);
  });
});

describe("events", () => {
  it("a piece is told in order and heard again; unisons are one note, the longest and the loudest", () => {
    const events = eventsOf(TUNE);
    expect([...events].every((event) => event > BEGIN && event < EVENTS)).toBe(true);
    const inOrder = (notes: readonly Note[]) => notes.map((each) => JSON.stringify(each)).sort();
    expect(inOrder(notesOf(events))).toEqual(inOrder(TUNE.notes));
    const unison = scoreOf([note(48, 60, { loud: false }), note(48, 60, { length: 12, loud: true }), note(48, 60)]);
    expect(notesOf(eventsOf(unison))).toEqual([note(0, 60, { length: 12 })]); // and without a bar of silence before it
  });

  it("far keys are moved by octaves, strange drums left out, odd lengths made the nearest, long rests shortened by whole bars", () => {
    const far = scoreOf([note(0, 12), note(0, 125, { voice: "bass" }), note(0, 5, { voice: "drums" }), note(0, 60, { length: 1000 })]);
    expect(notesOf(eventsOf(far)).map(({ voice, pitch, length }) => [voice, pitch, length])).toEqual([
      ["bass", 65, 6],
      ["lead", 24, 6],
      ["lead", 60, 96],
    ]);
    const rest = notesOf(eventsOf(scoreOf([note(0, 60), note(48 * 100 + 5, 60)])));
    expect(rest[1]?.start).toBe(3 * 48 + 5);
    expect([...eventsOf(scoreOf([note(0, 60), note(60, 60)]))].filter(isWait)).toEqual([24, 24, 12].map(waitOf));
  });

  it("transposed: keys alone are moved, an octave down or up where there is no room", () => {
    const up = transposition(5);
    const moved = notesOf(eventsOf(TUNE).map((event) => up[event] as number));
    const expected = TUNE.notes.map((each) => (each.voice === "drums" ? each : { ...each, pitch: each.pitch + 5 }));
    expect(new Set(moved.map((each) => JSON.stringify(each)))).toEqual(new Set(expected.map((each) => JSON.stringify(each))));
    const top = eventsOf(scoreOf([note(0, 105)])).map((event) => up[event] as number);
    expect(notesOf(top)[0]?.pitch).toBe(98);
  });
});

describe("pieces", () => {
  const random = new Generator(5);
  const melody = (length: number) => Array.from({ length }, (_, i) => note(12 * i, 55 + random.integer(20)));
  const loop = (times: number) => {
    const once = melody(64);
    return scoreOf(Array.from({ length: times }, (_, k) => once.map((each) => ({ ...each, start: each.start + 768 * k }))).flat());
  };

  it("what comes again as a whole is kept once; a piece that does not is kept", () => {
    expect(withoutLoops(loop(3)).notes).toHaveLength(64);
    const other = scoreOf(melody(192));
    expect(withoutLoops(other)).toBe(other);
  });

  it("kin: twelve notes in common, in any key; kin of kin are one family", () => {
    const [a, b, c] = [melody(40), melody(40), melody(40)];
    const part = a.slice(10, 22).map((each, i) => note(4800 + 12 * i, each.pitch + 3));
    const told = (notes: readonly Note[]) => ({ events: eventsOf(scoreOf(notes)) });
    const [first, second, third, fourth] = [
      told(a),
      told([...b, ...part]),
      told([...c, ...b.map((n) => ({ ...n, start: n.start + 4800 }))]),
      told(c.slice(0, 11)),
    ];
    expect(familiesOf([first, second, third, fourth])).toEqual([[first, second, third], [fourth]]);
    const eleven = told([...b, ...part.slice(0, 11)]);
    expect(familiesOf([first, eleven])).toHaveLength(2);
  });

  const pieces = allPieces();
  const parts = partsOf(pieces);

  it("41 pieces of two packages, at most 4096 events of each; loops of the long ones are gone", () => {
    expect(pieces).toHaveLength(41);
    expect(pieces.reduce((sum, { events }) => sum + events.length, 0)).toBe(145261);
    expect(Math.max(...pieces.map(({ events }) => events.length))).toBe(LONGEST);
    expect(pieces.find(({ name }) => name === "music000.mid")?.score.notes).toHaveLength(1877); // of 20,658: eleven times the same
  });

  it("each piece is tested once; nothing is on two sides, not twelve notes in any key", () => {
    const folds = [0, 1, 2, 3, 4].map((fold) => foldOf(parts, fold));
    expect(folds.flatMap(({ tested }) => tested.map(({ name }) => name)).sort()).toEqual(pieces.map(({ name }) => name).sort());
    const passages = new Map(pieces.map((piece) => [piece, passagesOf(piece)]));
    for (const { learned, watched, tested } of folds) {
      expect(new Set([...learned, ...watched, ...tested]).size).toBe(41);
      expect(learned.length + watched.length + tested.length).toBe(41);
      const of = (some: readonly Piece[]) => new Set(some.flatMap((piece) => [...(passages.get(piece) as Set<string>)]));
      const [l, w, t] = [of(learned), of(watched), of(tested)];
      expect([...t].filter((passage) => l.has(passage) || w.has(passage))).toEqual([]);
      expect([...w].filter((passage) => l.has(passage))).toEqual([]);
    }
  });

  it("--data: a folder of one's own is read; one without the packages is refused", () => {
    expect(() => allPieces(folder)).toThrow(
      /^--data: there is no usr\/share\/planetblupi\/music of the Debian package planetblupi-music-midi in /,
    );
    expect(() => allPieces("nowhere")).toThrow("--data: there is no folder nowhere");
  });
});

describe("what the network sees", () => {
  const events = eventsOf(TUNE);
  const sight = sightOf(events, 48);
  const guessesAt = (i: number, seen = sight) => [...seen.signs.subarray(i * SEEN + 1, i * SEEN + 1 + GUESSES)];

  it("nothing of what is yet to come", () => {
    const half = Math.floor(events.length / 2);
    const other = sightOf([...events.subarray(0, half), waitOf(3), waitOf(5)], 48);
    expect(other.signs.subarray(0, (half + 1) * SEEN)).toEqual(sight.signs.subarray(0, (half + 1) * SEEN));
    expect(other.chances.subarray(0, half * 24)).toEqual(sight.chances.subarray(0, half * 24));
  });

  it("in the third bar, which is as the first, what came two bars ago is right; the place in the bar", () => {
    let now = 0;
    for (const [i, event] of events.entries()) {
      expect(sight.signs[i * SEEN]).toBe(EVENTS + (now % 48));
      if (now >= 96 && now < 180) expect(guessesAt(i)[1]).toBe(event);
      if (now < 48) expect(guessesAt(i)[0]).toBe(BEGIN);
      if (isWait(event)) now += event - waitOf(1) + 1;
    }
    expect(now).toBe(180);
  });

  it("what was heard has the memory's chances", () => {
    const i = events.length - 1;
    const heard = sight.heard.subarray(i * 24, (i + 1) * 24);
    const memory = new Memory();
    for (const event of events.subarray(0, i)) memory.push(event);
    expect(heard[0]).toBe(memory.likeliest(1)[0]?.event);
    expect(sight.chances[i * 24]).toBeCloseTo(memory.likeliest(1)[0]?.chance as number, 6);
  });

  it("a lesson in another key is the lesson of the piece in that key", () => {
    const piece = { ...pieceOf(TUNE), events };
    const length = events.length;
    for (let epoch = 0; epoch < 3; epoch++) {
      const [sample] = [...pass([lessonOf(piece)], { streams: 1, length, seed: 3 }, epoch)] as [
        { x: Record<string, Int32Array>; y: Int32Array },
      ];
      const key = KEYS.find((semitones) => events.every((event, i) => transposition(semitones)[event] === sample.y[i])) as number;
      const own = sightOf(sample.y, 48);
      expect([sample.x.signs, sample.x.heard]).toEqual([own.signs, own.heard]);
      expect(key).toBeDefined();
    }
  });

  it("streams: each batch goes on where the last one ended", () => {
    const lesson = lessonOf({ ...pieceOf(TUNE), events });
    const cut = { streams: 2, length: 10, seed: 1 };
    const samples = [...pass([lesson, lesson, lesson], cut, 0)] as { x: { event: Int32Array }; y: Int32Array }[];
    expect(samples).toHaveLength(2 * batchesPerPass(3 * events.length, cut));
    for (let i = 2; i < samples.length; i++) {
      const [before, first] = [samples[i - 2]?.y.at(-1), samples[i]?.x.event[0]];
      if (first !== BEGIN) expect(first).toBe(before);
    }
    expect(samples.filter(({ x }) => x.event.includes(BEGIN))).not.toHaveLength(0);
  });
});

describe("yardsticks", () => {
  const events = eventsOf(TUNE);

  it("the n-gram's chances are 1 in sum, after histories that were seen and others; what was learned is likely", () => {
    const model = new NgramModel([events]).tune([events]);
    const chances = (before: number[]) =>
      Array.from({ length: EVENTS }, (_, e) => Math.exp(model.logs(Int32Array.of(...before, e)).at(-1) as number));
    for (const before of [[], [...events.subarray(0, 5)], [7, 7], [EVENTS - 1]]) {
      expect(chances(before).reduce((a, b) => a + b)).toBeCloseTo(1, 9);
    }
    expect(model.logs(events).reduce((a, b) => a + b) / events.length).toBeGreaterThan(-1.5);
  });

  it("the n-gram by hand: drum patterns are counted in twelve keys, with a discount of 1 for three orders", () => {
    const [a, b] = [events[0] as number, waitOf(12)];
    const model = new NgramModel([Int32Array.of(a, b, a, b)]); // not tuned: D = 1
    // unigrams by continuation: a after BEGIN and b (2), b after a (1); bigrams b|a: after BEGIN a and b a
    const p1 = (2 - 1 + 2 * (1 / EVENTS)) / 3; // of a: count 2, total 3, taken from a 1 and from b 1
    const p2 = (1 - 1 + 1 * p1) / 1; // of a after b: it stood after a b alone
    const p3 = (12 - 1 + 1 * p2) / 12; // of a after a b: twelve times
    expect(Math.exp(model.logs(Int32Array.of(a, b, a))[2] as number)).toBeCloseTo(p3, 12);
  });

  it("the unigram is a share of all that was learned", () => {
    const wait = waitOf(12);
    const log = unigramLogs([Int32Array.of(wait, wait, events[0] as number)])(Int32Array.of(wait))[0] as number;
    expect(Math.exp(log)).toBeCloseTo((1 + 24) / (EVENTS + 36), 12);
  });

  it("a memory by hand, and 1 in sum", () => {
    const [a, b] = [3, 4];
    const memory = new Memory();
    memory.push(a);
    expect(memory.chance(a, 0.1)).toBeCloseTo((1 + 0.1) / 2, 12); // no history of an a yet
    memory.push(a);
    memory.push(b);
    expect(memory.chance(b, 0.1)).toBeCloseTo((1 + 2 * 0.1) / 5, 12);
    memory.push(a);
    const p0 = (1 + 2 * 0.1) / 6;
    expect(memory.chance(b, 0.1)).toBeCloseTo((1 + 2 * p0) / 4, 12); // after a: a and b once
    const all = Array.from({ length: EVENTS }, (_, event) => memory.chance(event, 1 / EVENTS));
    expect(all.reduce((x, y) => x + y)).toBeCloseTo(1, 12);
    const likely = memory.likeliest(9);
    expect(likely.map(({ event }) => event).sort()).toEqual([a, b]);
    const logs = withMemory(Int32Array.of(a, a, b), new Float64Array(3).fill(Math.log(0.1)));
    expect([...logs].map(Math.exp)).toEqual(
      [0.1, (1 + 0.1) / 2, (0 + 1 * ((0 + 1 * 0.1) / 3)) / 2].map((chance) => expect.closeTo(chance, 12)),
    );
  });
});

describe("the network", () => {
  let rt: Runtime;
  beforeAll(async () => {
    rt = await createRuntime({ seed: 3 });
    await loadOperators(rt);
  });
  const small = () => new Composer(rt, { embedding: 4, hidden: 8, streams: 2 });
  const piece = (name: string, score: Score): Piece => ({ name, score, events: eventsOf(score) });

  it("its chances are 1 in sum; pieces side by side have what each has alone", () => {
    const model = small();
    const [long, short] = [lessonOf(piece("a", TUNE)), lessonOf(piece("b", { ...TUNE, notes: TUNE.notes.slice(0, 9) }))];
    const [a, b] = logsOf(model, [long, short]);
    expect([logsOf(model, [long])[0], logsOf(model, [short])[0]]).toEqual([a, b]);
    const last = long.said.length - 1;
    const all = Array.from({ length: EVENTS }, (_, event) => {
      const said = Int32Array.from(long.said);
      said[last] = event;
      return logsOf(model, [{ ...long, said }])[0]?.[last] as number;
    });
    expect(all.reduce((sum, log) => sum + Math.exp(log), 0)).toBeCloseTo(1, 4);
  });

  it("goes on from a bar, the same for a seed; what was given is kept, what is added is a piece, and is drawn", () => {
    const model = small();
    const wish = { given: 2, bars: 3, temperature: 1, topP: 1, seed: 5 };
    const done = continued(model, TUNE, wish);
    expect(done.from).toBe(96);
    expect(done.score.notes.filter(({ start }) => start < 96)).toEqual(TUNE.notes.filter(({ start }) => start < 96));
    const fresh = done.score.notes.filter(({ start }) => start >= 96);
    expect(fresh.length).toBeGreaterThan(0);
    expect(Math.max(...fresh.map(({ start }) => start))).toBeLessThan(5 * 48);
    expect(new Set(fresh.map(({ start, voice, pitch }) => `${start} ${voice} ${pitch}`)).size).toBe(fresh.length);
    expect(continued(model, TUNE, wish)).toEqual(done);
    expect(continued(model, TUNE, { ...wish, seed: 6 })).not.toEqual(done);
    expect(continued(model, TUNE, { ...wish, given: undefined }).from).toBe(192);
    const ends = scoreOf([...TUNE.notes, note(192, 60)]); // on the first beat of a bar, which is waited for
    expect(continued(model, ends, { ...wish, given: undefined }).from).toBe(240);
    expect(continued(model, ends, { ...wish, given: 4 })).toEqual({ ...continued(model, TUNE, { ...wish, given: 4 }) });
    expect(readMidi(writtenMidi(done.score), "x").notes).toHaveLength(done.score.notes.length);
    const svg = picture({ ...done, score: { ...done.score, name: '<b>&"\u0000' } });
    expect(svg).toContain("&lt;b&gt;&amp;&quot;</title>".replace("</title>", ", and how"));
    expect([svg.includes("NaN"), svg.includes("Infinity"), /stroke="#0b7285"/.test(svg), /stroke="#d9480f"/.test(svg)]).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  it("a run that was interrupted goes on to the same bits", async () => {
    const fold = { learned: [piece("a", TUNE), piece("b", TUNE), piece("c", TUNE)], watched: [piece("d", TUNE)], tested: [] };
    const long = { ...fold, learned: Array.from({ length: 12 }, () => fold.learned).flat() };
    const options = { ...parseOptions(["node", "music", "--quick"]), save: inFolder("x.safetensors") };
    const checkpoint = { file: inFolder("x.checkpoint"), metadata: { command: "x" } };
    const learned = async (file: string, resume: boolean, signal: AbortSignal) => {
      const own = await runtimeOf(1, 0);
      const model = await learn(own, long, { ...options, resume }, { number: 0, checkpoint: { ...checkpoint, file }, signal });
      const weights = model.parameters().map((parameter) => [...parameter.toArray()]);
      own.dispose();
      return weights;
    };
    const never = new AbortController().signal;
    const whole = await learned(inFolder("whole.checkpoint"), false, never);
    const stop = new AbortController();
    let asked = 0; // it is asked for after each step
    const signal = new Proxy(stop.signal, {
      get(target, name) {
        if (name === "throwIfAborted" && ++asked === 6) stop.abort();
        const value = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    await expect(learned(checkpoint.file, false, signal)).rejects.toThrow();
    expect(await learned(checkpoint.file, true, never)).toEqual(whole);
  });

  it("the figures: means over events, goal and intervals", () => {
    const log = console.log;
    console.log = () => {};
    try {
      const fold = { learned: [piece("a", TUNE)], watched: [piece("b", TUNE)], tested: [] };
      const ours = [new Float64Array(eventsOf(TUNE).length).fill(-1)];
      const { measures } = report(judge(fold, [piece("c", TUNE)], ours), { seed: 1, seconds: 1, quick: false });
      const [{ value, goal, baselines }] = measures as [(typeof measures)[0]];
      expect(value).toBeCloseTo(1, 12);
      expect(goal).toBeCloseTo(0.75 * (baselines[1]?.value as number), 12);
      expect(baselines.at(-1)?.value).toBeCloseTo(Math.log(EVENTS), 12);
      expect(baselines.at(-1)?.interval?.[0]).toBeCloseTo(Math.log(EVENTS) - 1, 12);
    } finally {
      console.log = log;
    }
  });

  it("a file of something else is refused, and one with weights that are no numbers", () => {
    const other = new Sequential(rt, [new Dense(rt, { inputSize: 1, outputSize: 1 })]);
    const expected = (file: string) => expect(() => readModel(rt, file));
    expected(kept("other.safetensors", other.save())).toThrow(/expected a model of the example music$/);
    expected(kept("text.safetensors", Buffer.from("no model"))).toThrow(/expected a model of the example music$/);
    expected(inFolder("none.safetensors")).toThrow(/there is no such file; learn it first: npm run example music$/);
    const broken = small();
    broken.layers.head.parameters()[0]?.update((values) => values.fill(Number.NaN));
    expected(kept("nan.safetensors", broken.save())).toThrow(/weights that are no numbers$/);
    const good = small();
    const again = readModel(rt, kept("good.safetensors", good.save()));
    const lesson = lessonOf(piece("a", TUNE));
    expect(logsOf(again, [lesson])).toEqual(logsOf(good, [lesson]));
  });
});

describe("the program", () => {
  it.each([
    [["--continue", "a.mid", "--quick"], "--quick: a model is used, none is learned"],
    [["--continue", "a.mid", "--data", "x"], "--data: a model is used, none is learned"],
    [["--top-p", "0.5"], "--top-p: is for --continue alone"],
    [["--bars", "5"], "--bars: is for --continue alone"],
    [["--continue", "a.mid", "--out", "b.txt"], "--out: expected a name that ends in .mid, got b.txt"],
    [["--quick", "--record"], "--record: only full runs are recorded, not --quick ones"],
    [["--record", "--resume"], "--record: the time of a resumed run says nothing; run it as a whole"],
  ])("%j: refused", (args, message) => expect(() => parseOptions(["node", "music", ...args])).toThrow(message));

  it("what is read is not written over, by whatever name", () => {
    const file = kept("song.mid", PLAIN);
    symlinkSync(file, inFolder("link.mid"));
    expect(() => refuseSame(file, inFolder("link.mid"))).toThrow(/^--out: .*link.mid is the file that is given$/);
    expect(() => refuseSame(file, inFolder("new.mid"))).not.toThrow();
    expect(readFileSync(file)).toEqual(Buffer.from(PLAIN));
  });

  it("what lies where music or its picture is written is kept; a folder there is refused before anything is written", () => {
    const own = join(folder, "places");
    mkdirSync(own);
    const out = join(own, "x.mid");
    writeFileSync(join(own, "x.svg"), "mine");
    const places = placesOf(out);
    expect(places.notices).toEqual([expect.stringMatching(/x.svg exists: it will be kept as .*x.svg.bak$/)]);
    const log = console.log;
    console.log = () => {};
    try {
      places.write({ score: TUNE, from: 96 });
    } finally {
      console.log = log;
    }
    expect(readdirSync(own).sort()).toEqual(["x.mid", "x.svg", "x.svg.bak"]);
    expect(readFileSync(join(own, "x.svg.bak"), "utf8")).toBe("mine");
    expect(() => refuseSame(join(own, "x.svg"), out)).toThrow(/x.svg is the file that is given$/);
    expect(placesOf(out, true).notices).toEqual([]);
    mkdirSync(join(own, "y.svg"));
    expect(() => placesOf(join(own, "y.mid"))).toThrow(/y.svg is not a file$/);
    expect(readdirSync(own)).not.toContain("y.mid");
  });

  it("one line, and nothing else", () => {
    const args = ["--continue", kept("cut.mid", PLAIN.subarray(0, 30)), "--out", inFolder("out.mid")];
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", LOADER, EXAMPLE, "music", ...args], {
      ...{ encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } },
    });
    expect([status, stdout, stderr]).toEqual([1, "", "error: cut.mid: is a MIDI file that is cut off\n"]);
  });

  it("a beat has sixteenths and triplets", () => expect([BEAT % 4, BEAT % 3, emptySight(2).signs.length]).toEqual([0, 0, 2 * SEEN]));
  it("keys are known by isKey", () => expect([...eventsOf(TUNE)].filter(isKey)).toHaveLength(20));
});
