/** A piece as the network knows it: notes of three voices on a grid. */

/** Steps of a beat: they have sixteenths and triplets. */
export const BEAT = 12;
/** Steps of a bar: of 4/4, and what is believed of a file. */
export const BAR = { usual: 4 * BEAT, least: 2 * BEAT, most: 8 * BEAT };

/** Drums, basses, and all others together. */
export type Voice = "drums" | "bass" | "lead";
/** In the order in which notes of one moment are told. */
export const VOICES: readonly Voice[] = ["drums", "bass", "lead"];

export interface Note {
  /** In steps, from the beginning of the piece; of drums the length says nothing. */
  readonly start: number;
  readonly length: number;
  /** As MIDI counts: 60 is the middle C. Of drums the instrument. */
  readonly pitch: number;
  readonly voice: Voice;
  readonly loud: boolean;
}

export interface Score {
  readonly name: string;
  readonly notes: readonly Note[];
  /** Steps of a bar. */
  readonly bar: number;
  /** Beats a minute. */
  readonly tempo: number;
  /** The instruments that play it, as General MIDI counts from 0. */
  readonly programs: { readonly bass: number; readonly lead: number };
}

/** The least period of a loop that is looked for, in bars, and the share of its notes that come again. */
const LOOP = { bars: 16, share: 0.99, overlap: 0.2 };

/** In games a piece goes on until nobody plays: where the whole of it comes again, note by note, it is kept once. */
export function withoutLoops(score: Score): Score {
  const period = periodOf(score);
  return period === undefined ? score : { ...score, notes: score.notes.filter(({ start }) => start < period) };
}

function periodOf({ notes, bar }: Score): number | undefined {
  const key = ({ pitch, voice }: Note, start: number) => (start * VOICES.length + VOICES.indexOf(voice)) * 128 + pitch;
  const there = new Set(notes.map((note) => key(note, note.start)));
  const first = notes.reduce((least, { start }) => Math.min(least, start), Number.POSITIVE_INFINITY);
  const end = notes.reduce((most, { start }) => Math.max(most, start), Number.NEGATIVE_INFINITY) + 1;
  for (let period = LOOP.bars * bar; period < (end - first) / (1 + LOOP.overlap); period += BEAT) {
    const compared = notes.filter(({ start }) => start + period < end);
    const missing = (1 - LOOP.share) * compared.length;
    let missed = 0;
    for (const note of compared) {
      if (!there.has(key(note, note.start + period)) && ++missed > missing) break;
    }
    if (missed <= missing) return first + period;
  }
  return undefined;
}
