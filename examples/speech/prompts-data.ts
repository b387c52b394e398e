/** The test of the prompts: what one speaker says on Asterisk's telephones, with the texts. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { debianFolders } from "../shared/debian.js";
import { readBytes, UserError } from "../shared/program.js";
import { spoken } from "./spoken.js";
import { readWave } from "./wave.js";

const PACKAGES = ["asterisk-core-sounds-en", "asterisk-core-sounds-en-wav"] as const;
const TEXTS = "usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt";
const SOUNDS = "usr/share/asterisk/sounds/en_US_f_Allison";

/** What was recorded, and what is said in it: small letters, apostrophes and spaces. */
export interface Prompt {
  readonly name: string;
  readonly text: string;
  readonly file: string;
}

export interface Prompts {
  readonly prompts: readonly Prompt[];
  /** Names of entries where nothing is said: tones, silence; and of those without a recording. */
  readonly wordless: readonly string[];
  readonly missing: readonly string[];
}

/** @throws {UserError} when the packages cannot be had, or are not what they were */
export function readPrompts(data?: string): Prompts {
  const [texts, sounds] = debianFolders(PACKAGES, data) as [string, string];
  const entries = parseTexts(unpacked(join(texts, TEXTS))).map(({ name, text }) => ({
    ...{ name, text: spoken(text), file: join(sounds, SOUNDS, `${name}.wav`) },
  }));
  const prompts = entries.filter(({ text, file }) => text !== "" && existsSync(file));
  if (prompts.length === 0) throw new UserError(`there are no prompts in ${join(sounds, SOUNDS)}`);
  return {
    prompts,
    wordless: entries.filter(({ text }) => text === "").map(({ name }) => name),
    missing: entries.filter(({ text, file }) => text !== "" && !existsSync(file)).map(({ name }) => name),
  };
}

/** `name: text`, a line each; a semicolon begins a comment. */
export function parseTexts(lines: string): { name: string; text: string }[] {
  return lines.split("\n").flatMap((line) => {
    const [, name, text] = /^([^;:\s][^:]*):\s*(.*)$/.exec(line) ?? [];
    return name === undefined || text === undefined ? [] : [{ name, text }];
  });
}

/** Debian packs its documents, unless someone unpacked them. */
function unpacked(file: string): string {
  if (existsSync(file)) return readFileSync(file, "utf8");
  if (!existsSync(`${file}.gz`)) throw new UserError(`the prompts' texts are not in ${file}.gz`);
  try {
    return gunzipSync(readBytes(`${file}.gz`, "prompts' texts")).toString();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${file}.gz is no gzip file that can be read`);
  }
}

export function soundOf({ file }: Prompt): Float32Array {
  return readWave(file);
}
