/** A piece as a sequence of events, each a number: what the network reads and says. */
import { BEAT, type Note, type Score, type Voice } from "./score.js";

/** Where a piece begins; it is given, never said. */
export const BEGIN = 0;
/** Steps that one event can wait. */
export const LONGEST_WAIT = 2 * BEAT;
/** Lengths of notes, in steps; others become the nearest of them. */
const LENGTHS = [1, 2, 3, 4, 6, 8, 9, 12, 18, 24, 36, 48, 96];
/** Keys of each voice; others are moved into them by octaves, of drums left out. */
const KEYS: Record<Voice, { least: number; most: number }> = {
  drums: { least: 27, most: 87 },
  bass: { least: 24, most: 67 },
  lead: { least: 24, most: 107 },
};

const keysOf = (voice: Voice) => KEYS[voice].most - KEYS[voice].least + 1;
/** Of waits, drums (each soft and loud), keys of the bass, of the lead, and lengths (each soft and loud), one after the other. */
const WAITS = BEGIN + 1;
const DRUMS = WAITS + LONGEST_WAIT;
const BASS = DRUMS + 2 * keysOf("drums");
const LEAD = BASS + keysOf("bass");
const NOTE_LENGTHS = LEAD + keysOf("lead");
/** Events that there are. */
export const EVENTS = NOTE_LENGTHS + 2 * LENGTHS.length;

/** A rest of more bars than this is as many bars shorter. */
const LONGEST_REST = 4;

export const isWait = (event: number) => event >= WAITS && event < DRUMS;
export const isDrum = (event: number) => event >= DRUMS && event < BASS;
/** Of the bass or the lead: a length follows. */
export const isKey = (event: number) => event >= BASS && event < NOTE_LENGTHS;
export const isLength = (event: number) => event >= NOTE_LENGTHS;
export const waitOf = (steps: number) => WAITS + Math.min(steps, LONGEST_WAIT) - 1;
/** Steps of a wait. */
export const stepsOf = (event: number) => event - WAITS + 1;
/** In which order events of one moment are told: the same for a soft drum and a loud one. */
export const rankOf = (event: number) => (isDrum(event) ? DRUMS + 2 * ((event - DRUMS) >> 1) : event);

/** The event of a note, without its length. @returns undefined for a drum that nobody knows */
function eventOf({ voice, pitch, loud }: Note): number | undefined {
  const { least, most } = KEYS[voice];
  if (voice === "drums") return pitch < least || pitch > most ? undefined : DRUMS + 2 * (pitch - least) + Number(loud);
  return (voice === "bass" ? BASS : LEAD) + folded(pitch, KEYS[voice]) - least;
}

function folded(pitch: number, { least, most }: { least: number; most: number }): number {
  const octaves = pitch < least ? Math.ceil((least - pitch) / 12) : pitch > most ? -Math.ceil((pitch - most) / 12) : 0;
  return pitch + 12 * octaves;
}

function lengthEventOf({ length, loud }: Note): number {
  const far = (steps: number) => Math.abs(Math.log(steps / length));
  const nearest = LENGTHS.reduce((best, steps, i) => (far(steps) < far(LENGTHS[best] as number) ? i : best), 0);
  return NOTE_LENGTHS + 2 * nearest + Number(loud);
}

/**
 * Moments in their order, of each its notes by voice and key, waits between them. Of notes of one voice and key at one moment, as of two
 * instruments in unison, the longest is told.
 *
 * @returns without BEGIN; whole bars of silence at the beginning are left out
 */
export function eventsOf({ notes, bar }: Score): Int32Array {
  const moments = new Map<number, Map<number, Note>>();
  for (const note of notes) {
    const event = eventOf(note);
    if (event === undefined) continue;
    const moment = moments.get(note.start) ?? new Map<number, Note>();
    const other = moment.get(rankOf(event));
    const louder = note.loud || (other?.loud ?? false);
    moment.set(rankOf(event), { ...note, loud: louder, length: Math.max(note.length, other?.length ?? 0) });
    moments.set(note.start, moment);
  }
  const starts = [...moments.keys()].sort((a, b) => a - b);
  const events: number[] = [];
  let now = Math.floor((starts[0] ?? 0) / bar) * bar;
  for (const start of starts) {
    const rest = start - now;
    let wait = rest > LONGEST_REST * bar ? (LONGEST_REST - 1) * bar + (rest % bar) : rest;
    for (; wait > 0; wait -= LONGEST_WAIT) events.push(waitOf(wait));
    now = start;
    const told = [...(moments.get(start) as Map<number, Note>).values()].map((note) => ({ note, event: eventOf(note) as number }));
    for (const { note, event } of told.sort((a, b) => a.event - b.event))
      events.push(event, ...(isKey(event) ? [lengthEventOf(note)] : []));
  }
  return Int32Array.from(events);
}

/** The notes that events tell. A key without its length, at the end, is left out. */
export function notesOf(events: ArrayLike<number>): Note[] {
  const notes: Note[] = [];
  let start = 0;
  for (let i = 0; i < events.length; i++) {
    const event = events[i] as number;
    if (isWait(event)) start += stepsOf(event);
    else if (isDrum(event)) {
      const [pitch, loud] = [KEYS.drums.least + ((event - DRUMS) >> 1), ((event - DRUMS) & 1) === 1];
      notes.push({ start, length: 1, pitch, voice: "drums", loud });
    } else if (isKey(event) && isLength(events[i + 1] ?? BEGIN)) {
      const voice = event < LEAD ? "bass" : "lead";
      const said = (events[++i] as number) - NOTE_LENGTHS;
      const pitch = KEYS[voice].least + event - (voice === "bass" ? BASS : LEAD);
      notes.push({ start, length: LENGTHS[said >> 1] as number, pitch, voice, loud: (said & 1) === 1 });
    }
  }
  return notes;
}

/** Of every event, what it is so many semitones higher: drums, waits and lengths are what they are. */
export function transposition(semitones: number): Int32Array {
  return Int32Array.from({ length: EVENTS }, (_, event) => {
    if (!isKey(event)) return event;
    const [voice, base] = event < LEAD ? (["bass", BASS] as const) : (["lead", LEAD] as const);
    const { least } = KEYS[voice];
    return base + folded(event - base + least + semitones, KEYS[voice]) - least;
  });
}

/** Whether an event may come after another, told by the way pieces are told. */
export function canFollow(event: number, before: number): boolean {
  if (event === BEGIN) return false;
  if (isKey(before)) return isLength(event);
  return !isLength(event);
}
