/** Who says what: made voices to learn from, two people to watch, one to test. And strings joined of what one of them says. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Generator } from "wasm-rnn";
import { debianFolders } from "../shared/debian.js";
import { UserError } from "../shared/program.js";
import { trimmed } from "./packed.js";
import { RATE } from "./rate.js";
import { readingsOf, SYMBOLS, textFor } from "./symbols.js";
import { speak } from "./synthesis.js";
import { VOICES, type Voice } from "./voices.js";
import { OggReader, readWave } from "./wave.js";

export interface Sound {
  /** Classes, one after another. */
  readonly labels: readonly number[];
  readonly samples: Float32Array;
  /** Samples before the end of each, where that is known. */
  readonly ends?: readonly number[];
}

/** One voice. */
export interface Speaker {
  readonly name: string;
  /** Each symbol by itself, in each of its readings. */
  readonly alone: readonly Sound[];
  /** Several symbols said in one breath. */
  readonly connected: readonly Sound[];
}

/** Symbols in one string, and strings in one breath of each made voice. */
const LONGEST = { joined: 8, connected: 5 };
const PAUSE_SECONDS = 0.3;

/** The made voices. @param symbols that they say @param breaths strings that each says as a whole */
export function madeSpeakers(voices: readonly Voice[], symbols: readonly string[], breaths: number, data?: string): Speaker[] {
  return voices.map((voice) => {
    const random = new Generator(1000 + VOICES.indexOf(voice)); // of the voice alone: what it has said once is kept
    const draw = () => {
      const symbol = symbols[random.integer(symbols.length)] as string;
      const readings = readingsOf(symbol);
      return { symbol, reading: readings[random.integer(readings.length)] as string };
    };
    const alone = symbols.flatMap((symbol) => readingsOf(symbol).map((reading) => [{ symbol, reading }]));
    const strings = Array.from({ length: breaths }, () => Array.from({ length: 2 + random.integer(LONGEST.connected - 1) }, draw));
    const all = [...alone, ...strings];
    const texts = all.map((said) =>
      textFor(
        voice.program,
        said.map(({ reading }) => reading),
      ),
    );
    const said = speak(voice, texts, data).map((samples, i) => ({
      labels: (all[i] as (typeof alone)[number]).map(({ symbol }) => classOf(symbol)),
      samples,
    }));
    return { name: voice.name, alone: said.slice(0, alone.length), connected: said.slice(alone.length) };
  });
}

/** The place of a symbol behind the blank. */
export function classOf(symbol: string): number {
  return 1 + SYMBOLS.indexOf(symbol);
}

/** Who says KLettres' English letters. */
const PEOPLE = ["en", "en_GB"];

/** KLettres' English letters, without the second of silence around each. @param count of people, one or two */
export async function klettres(data?: string, count = PEOPLE.length): Promise<Speaker[]> {
  const [folder = ""] = debianFolders(["klettres-data"], data);
  const reader = new OggReader();
  const speakers: Speaker[] = [];
  for (const language of PEOPLE.slice(0, count)) {
    const alone: Sound[] = [];
    for (const [symbol, file] of filesIn(join(folder, "usr/share/klettres", language, "alpha"), /^(\w)\.ogg$/))
      alone.push({ labels: [classOf(symbol.toLowerCase())], samples: trimmed(await reader.read(file)) });
    speakers.push({ name: `klettres ${language}`, alone, connected: [] });
  }
  reader.free();
  return speakers;
}

/** Asterisk's English voice: letters, the words that spell them, digits. */
export function asterisk(data?: string): Speaker {
  const [folder = ""] = debianFolders(["asterisk-core-sounds-en-wav"], data);
  const sounds = join(folder, "usr/share/asterisk/sounds/en_US_f_Allison");
  const letters = filesIn(join(sounds, "letters"), /^([a-z]|zed)\.wav$/).map(([name, file]) => [name.slice(0, 1), file]);
  const words = filesIn(join(sounds, "phonetic"), /^([a-z9])_p\.wav$/).map(([name, file]) => [phoneticOf(name), file]);
  const digits = filesIn(join(sounds, "digits"), /^(\d)\.wav$/);
  const alone = [...letters, ...words, ...digits].map(([symbol = "", file = ""]) => ({
    labels: [classOf(symbol)],
    samples: readWave(file),
  }));
  return { name: "asterisk en", alone, connected: [] };
}

/** A letter's word; a digit's is the digit, as "niner" for 9. */
function phoneticOf(letter: string): string {
  return SYMBOLS.slice(26).find((symbol) => symbol.startsWith(letter)) as string;
}

/** Of what the pattern has in its first brackets, in alphabetical order. @throws {UserError} when there are none */
function filesIn(folder: string, pattern: RegExp): [name: string, file: string][] {
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  const found = names.flatMap((name): [string, string][] => {
    const [, symbol] = pattern.exec(name) ?? [];
    return symbol === undefined ? [] : [[symbol, join(folder, name)]];
  });
  if (found.length === 0) throw new UserError(`there are no sounds in ${folder}`);
  return found;
}

/** Strings of `least` to `most` of one speaker's symbols, with a pause of 0 to 300 ms between two. */
export function strings({ alone }: Pick<Speaker, "alone">, count: number, random: Generator, least = 2, most = LONGEST.joined): Sound[] {
  return Array.from({ length: count }, () => {
    const sounds = Array.from({ length: least + random.integer(most - least + 1) }, () => alone[random.integer(alone.length)] as Sound);
    return joined(sounds, () => random.uniform() * PAUSE_SECONDS);
  });
}

/** One after another. @param pause before each but the first, seconds */
export function joined(sounds: readonly Sound[], pause: () => number): Sound {
  const gaps = sounds.map((_, i) => (i === 0 ? 0 : Math.round(pause() * RATE)));
  const samples = new Float32Array(sounds.reduce((sum, sound, i) => sum + sound.samples.length + (gaps[i] as number), 0));
  const ends: number[] = [];
  let at = 0;
  for (const [i, sound] of sounds.entries()) {
    at += gaps[i] as number;
    samples.set(sound.samples, at);
    at += sound.samples.length;
    ends.push(at);
  }
  return { labels: sounds.flatMap(({ labels }) => labels), samples, ends };
}
