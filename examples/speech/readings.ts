/** Sentences that made voices read to the model of the prompts, and others that voices which it never hears read to watch it. */
import { Generator } from "wasm-rnn";
import { speak } from "./synthesis.js";
import { phrases, sentences } from "./texts.js";
import { FEW, VOICES, type Voice } from "./voices.js";

export interface Reading {
  readonly text: string;
  readonly samples: Float32Array;
  readonly voice: Voice;
}

/** Speakers, of every kind a few, whom only the watching hears. */
const WATCHED = new Set(["awb", "f3", "m2", "Andy", "linda"]);
const isWatched = ({ speaker }: Voice) => WATCHED.has(speaker);
/** For a quick run. */
export const SOME: readonly Voice[] = [...FEW.slice(0, 2), VOICES.find(isWatched) as Voice];
/** The share of readings by speakers who were recorded: they are few, and nearer to people. */
const RECORDED = 0.5;

export interface Plan {
  readonly training: number;
  readonly watched: number;
  readonly seed: number;
  /** Texts that nobody reads: those of the test. */
  readonly without: ReadonlySet<string>;
  /** Who may read. */
  readonly voices?: readonly Voice[];
  readonly data?: string | undefined;
}

/** Half of the texts are the book's, half are the telephone's; no text is on both sides, and no speaker. */
export function readings(plan: Plan): { training: Reading[]; watched: Reading[] } {
  const { training, watched, seed, without, voices = VOICES } = plan;
  const random = new Generator(seed);
  const all = training + watched;
  const half = Math.ceil(all / 2);
  const book = shuffled(sentences(), random).filter((text) => !without.has(text));
  const machine = phrases(2 * half, seed).filter((text) => !without.has(text));
  const texts = shuffled([...book.slice(0, half), ...machine.slice(0, all - half)], random);
  return {
    training: read(
      texts.slice(watched),
      voices.filter((voice) => !isWatched(voice)),
      random,
      plan.data,
    ),
    watched: read(texts.slice(0, watched), voices.filter(isWatched), random, plan.data),
  };
}

/** Each text by a voice that is drawn; the programs get all texts of a voice at once. */
function read(texts: readonly string[], voices: readonly Voice[], random: Generator, data: string | undefined): Reading[] {
  const recorded = voices.filter(({ program }) => program !== "espeak-ng");
  const made = voices.filter(({ program }) => program === "espeak-ng");
  const byVoice = new Map<Voice, string[]>();
  for (const text of texts) {
    const some = recorded.length > 0 && random.uniform() < RECORDED ? recorded : made;
    const voice = some[random.integer(some.length)] as Voice;
    byVoice.set(voice, [...(byVoice.get(voice) ?? []), text]);
  }
  return [...byVoice].flatMap(([voice, own]) => speak(voice, own, data).map((samples, i) => ({ text: own[i] as string, samples, voice })));
}

function shuffled<Item>(items: readonly Item[], random: Generator): Item[] {
  const keyed = items.map((item) => ({ item, key: random.uniform() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}
