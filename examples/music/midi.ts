/** MIDI files, read with distrust and written. */
import { type MidiData, type MidiEvent, parseMidi, writeMidi } from "midi-file";
import { UserError } from "../shared/program.js";
import { BAR, BEAT, type Note, type Score, type Voice } from "./score.js";

/** Ticks of a beat in what is written. */
const TICKS = 480;
/** Of a file at most: what plays for hours has a tenth of it. */
const LARGEST = 4 * 2 ** 20;
/** Beats of a piece at most. */
const LONGEST = 20_000;
/** Notes of a piece at most. */
const MOST_NOTES = 100_000;
const TEMPO = 120;
/** The tenth channel is the drums'. */
const DRUMS = 9;
/** General MIDI's programs: the basses, and from here on noises (percussion, effects). */
const BASSES = { from: 32, to: 39 };
const NOISES = 112;
/** The least velocity of what is loud, and what is written for the soft and for the loud. */
const LOUD = 80;
const VELOCITY = { soft: 64, loud: 100 };
const CHANNELS: Record<Voice, number> = { drums: DRUMS, bass: 1, lead: 0 };

type Timed = MidiEvent & { readonly tick: number };
/** A note in ticks. */
interface Raw {
  readonly start: number;
  end: number;
  readonly pitch: number;
  readonly program: number | undefined;
  readonly velocity: number;
}

/** @param name of the file, for what is said of it @throws {UserError} when it is not a MIDI file that can be read */
export function readMidi(bytes: Uint8Array, name: string): Score {
  const refuse = (reason: string) => new UserError(`${name}: ${reason}`);
  if (bytes.length > LARGEST) throw refuse(`expected a MIDI file of at most ${LARGEST / 2 ** 20} MiB, got ${bytes.length} bytes`);
  const wrong = wrongWith(bytes);
  if (wrong !== undefined) throw refuse(wrong);
  let midi: MidiData;
  try {
    midi = parseMidi(withoutForeign(bytes));
  } catch (error) {
    throw refuse(`is a MIDI file that cannot be read (${typeof error === "string" ? error : "a part of it is too long"})`); // texts are what the library throws
  }
  const events = inOrder(midi);
  const raw = notesIn(events).filter(({ program = 0 }) => program < NOISES);
  if (raw.length === 0) throw refuse("is a MIDI file without notes (noises apart)");
  if (raw.length > MOST_NOTES) throw refuse(`expected a piece of at most ${MOST_NOTES} notes, got ${raw.length}`);
  const { ticksPerBeat, framesPerSecond = 0, ticksPerFrame = 0 } = midi.header;
  const tempo = ticksPerBeat === undefined ? TEMPO : tempoOf(events);
  const beat = ticksPerBeat ?? (framesPerSecond * ticksPerFrame * 60) / TEMPO; // of frames: as many ticks as there are in half a second
  const last = raw.reduce((latest, { start }) => Math.max(latest, start), 0);
  if (last > LONGEST * beat) throw refuse(`expected a piece of at most ${LONGEST} beats, got one of ${Math.round(last / beat)}`);
  return scoreOf(raw, { beat, tempo, bar: barOf(events), name });
}

/** What the library would not notice. @returns undefined where nothing is */
function wrongWith(bytes: Uint8Array): string | undefined {
  if (idAt(bytes, 0) !== "MThd") return "is no MIDI file";
  const view = viewOf(bytes);
  if (bytes.length < 14 || view.getUint32(4) < 6) return "is a MIDI file that is cut off in its header";
  const [format, division] = [view.getUint16(8), view.getUint16(12)];
  if (format > 1) return `is a MIDI file of format ${format}, whose tracks are no one piece: expected format 0 or 1`;
  if ((division & 0x8000 ? division & 0xff : division) === 0) return "is a MIDI file whose beats have no ticks";
  return chunksOf(bytes).some(({ end }) => end > bytes.length) ? "is a MIDI file that is cut off" : undefined;
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const idAt = (bytes: Uint8Array, at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));

/** Where each part of a file begins and ends; a few bytes behind the last one are none. */
function chunksOf(bytes: Uint8Array): { from: number; end: number }[] {
  const chunks: { from: number; end: number }[] = [];
  for (let from = 0; from + 8 <= bytes.length; ) {
    const end = from + 8 + viewOf(bytes).getUint32(from + 4);
    chunks.push({ from, end });
    from = end;
  }
  return chunks;
}

/** The header and the tracks; programs may put parts of their own between them, which others shall pass over. */
function withoutForeign(bytes: Uint8Array): Uint8Array {
  return Buffer.concat(
    chunksOf(bytes).flatMap(({ from, end }) => (["MThd", "MTrk"].includes(idAt(bytes, from)) ? [bytes.subarray(from, end)] : [])),
  );
}

/** Of all tracks together; of the same tick, in the order of the tracks. */
function inOrder({ tracks }: MidiData): Timed[] {
  const timed = tracks.flatMap((track) => {
    let tick = 0;
    return track.map((event): Timed => {
      tick += event.deltaTime;
      return { ...event, tick };
    });
  });
  return timed.filter(({ tick }) => tick >= 0).sort((a, b) => a.tick - b.tick);
}

/** What is not ended ends with the piece, or where the same key is struck again. */
function notesIn(events: readonly Timed[]): Raw[] {
  const notes: Raw[] = [];
  const [open, programs] = [new Map<number, Raw>(), new Map<number, number>()];
  for (const event of events) {
    if (event.type === "programChange") programs.set(event.channel, event.programNumber & 127);
    if (event.type !== "noteOn" && event.type !== "noteOff") continue;
    if (!(event.noteNumber <= 127 && event.velocity <= 127)) continue; // damaged
    const key = 128 * event.channel + event.noteNumber;
    const sounding = open.get(key);
    if (sounding) sounding.end = event.tick;
    open.delete(key);
    if (event.type === "noteOff") continue;
    const program = event.channel === DRUMS ? undefined : (programs.get(event.channel) ?? 0);
    const note = { start: event.tick, end: Number.POSITIVE_INFINITY, pitch: event.noteNumber, program, velocity: event.velocity };
    open.set(key, note);
    notes.push(note);
  }
  const last = events.at(-1)?.tick ?? 0;
  for (const note of open.values()) note.end = last;
  return notes;
}

/** The first one; what is absurd is 120. */
function tempoOf(events: readonly Timed[]): number {
  const first = events.find((event) => event.type === "setTempo");
  const tempo = first?.type === "setTempo" ? 6e7 / first.microsecondsPerBeat : TEMPO;
  return tempo >= 20 && tempo <= 400 ? tempo : TEMPO;
}

/** Of the first time signature, in steps; what is absurd is 4/4. */
function barOf(events: readonly Timed[]): number {
  const first = events.find((event) => event.type === "timeSignature");
  const steps = first?.type === "timeSignature" ? (4 * BEAT * first.numerator) / first.denominator : BAR.usual;
  return Number.isInteger(steps) && steps >= BAR.least && steps <= BAR.most ? steps : BAR.usual;
}

/** Notes on the grid of steps. The grid begins where most notes lie, within half of a quarter of a beat: some files begin some ticks late. */
function scoreOf(raw: readonly Raw[], { beat, tempo, bar, name }: { beat: number; tempo: number; bar: number; name: string }): Score {
  const quarter = beat / 4;
  const late = mostFrequent(raw.map(({ start }) => Math.round(start % quarter)));
  const offset = late > quarter / 2 ? late - quarter : late;
  const stepOf = (tick: number) => Math.round(((tick - offset) * BEAT) / beat);
  const isBass = ({ program = 0 }: Raw) => program >= BASSES.from && program <= BASSES.to;
  const notes = raw.map((note): Note => {
    const voice = note.program === undefined ? "drums" : isBass(note) ? "bass" : "lead";
    const start = Math.max(0, stepOf(note.start));
    return { start, length: Math.max(1, stepOf(note.end) - start), pitch: note.pitch, voice, loud: note.velocity >= LOUD };
  });
  const pitched = raw.filter(({ program }) => program !== undefined);
  const program = (some: readonly Raw[], usual: number) =>
    some.length === 0 ? usual : mostFrequent(some.map(({ program = 0 }) => program));
  const bass = program(pitched.filter(isBass), BASSES.from + 1);
  const lead = program(
    pitched.filter((note) => !isBass(note)),
    0,
  );
  return { name, notes, bar, tempo, programs: { bass, lead } };
}

function mostFrequent(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}

/** A file of format 1: a track of the tempo, and one for each voice. */
export function writtenMidi({ name, notes, bar, tempo, programs }: Score): Uint8Array {
  const numerator = bar % BEAT === 0 ? bar / BEAT : bar / (BEAT / 2);
  const head: MidiEvent[] = [
    { deltaTime: 0, meta: true, type: "trackName", text: name.replace(/[^ -~]/g, "?") },
    { deltaTime: 0, meta: true, type: "setTempo", microsecondsPerBeat: Math.round(6e7 / tempo) },
    {
      ...{ deltaTime: 0, meta: true, type: "timeSignature", numerator, denominator: bar % BEAT === 0 ? 4 : 8 },
      ...{ metronome: 24, thirtyseconds: 8 },
    },
    { deltaTime: 0, meta: true, type: "endOfTrack" },
  ];
  const tracks = (["lead", "bass", "drums"] as const).map((voice) => {
    const own = notes.filter((note) => note.voice === voice);
    return trackOf(own, { voice, channel: CHANNELS[voice], program: voice === "drums" ? 0 : programs[voice] });
  });
  const midi: MidiData = { header: { format: 1, numTracks: 1 + tracks.length, ticksPerBeat: TICKS }, tracks: [head, ...tracks] };
  return Uint8Array.from(writeMidi(midi));
}

/** A key that is struck while it sounds is let go first. */
function trackOf(notes: readonly Note[], { voice, channel, program }: { voice: Voice; channel: number; program: number }): MidiEvent[] {
  const next = new Map<number, number>(); // of each pitch, from the end on
  const ends = notes.map(() => 0);
  for (let i = notes.length - 1; i >= 0; i--) {
    const { start, length, pitch } = notes[i] as Note;
    ends[i] = Math.min(start + length, next.get(pitch) ?? Number.POSITIVE_INFINITY);
    next.set(pitch, start);
  }
  const struck = notes.flatMap(({ start, pitch, loud }, i) => [
    { at: start, type: "noteOn" as const, pitch, velocity: loud ? VELOCITY.loud : VELOCITY.soft },
    { at: ends[i] as number, type: "noteOff" as const, pitch, velocity: 0 },
  ]);
  struck.sort((a, b) => a.at - b.at || Number(a.type === "noteOn") - Number(b.type === "noteOn"));
  let now = 0;
  const events = struck.map(({ at, type, pitch, velocity }): MidiEvent => {
    const deltaTime = ((at - now) * TICKS) / BEAT;
    now = at;
    return { deltaTime, type, channel, noteNumber: pitch, velocity };
  });
  return [
    { deltaTime: 0, meta: true, type: "trackName", text: voice },
    { deltaTime: 0, type: "programChange", channel, programNumber: program },
    ...events,
    { deltaTime: 0, meta: true, type: "endOfTrack" },
  ];
}
