/**
 * Names that are the same in both languages, as `com.sun.star` and `PDF`, are never met again and cannot be learned: each becomes a mark, which is
 * learned, and what was read comes back where the mark is said (Luong et al., arXiv:1410.8206).
 */
import * as v from "valibot";
import type { Pair } from "./tidy.js";

/** Characters of nobody's alphabet: the first name of a text, the second … */
const MARKS = ["\ue000", "\ue001", "\ue002", "\ue003"];
const WORD = /[\p{L}\p{N}_]+(?:[.\-_/:][\p{L}\p{N}_]+)*/gu;

/** Capitals, digits, dots or lines inside of it, and a letter. */
function looksLikeName(word: string): boolean {
  return /\p{L}/u.test(word) && (/.\p{Lu}/u.test(word) || /[\p{N}_.:/]/u.test(word));
}

function wordsIn(text: string): Set<string> {
  return new Set(text.match(WORD) ?? []);
}

export class Names {
  /** @param translated what looks like a name and is mostly something else in German: `TRUE`, `API` */
  private constructor(private readonly translated: ReadonlySet<string>) {}

  static learn(pairs: readonly Pair[]): Names {
    const kept = new Map<string, number>(); // how much more often it stays than it does not
    for (const { en, de } of pairs) {
      const german = wordsIn(de);
      for (const word of wordsIn(en)) if (looksLikeName(word)) kept.set(word, (kept.get(word) ?? 0) + (german.has(word) ? 1 : -1));
    }
    return new Names(new Set([...kept].flatMap(([word, more]) => (more < 0 ? [word] : []))));
  }

  /** @throws when the text is none of `toString` */
  static parse(text: string): Names {
    return new Names(new Set(v.parse(v.array(v.string()), JSON.parse(text))));
  }

  /** As `parse` reads it. */
  toString(): string {
    return JSON.stringify([...this.translated]);
  }

  /** Both texts with marks: of names that both have. */
  marked({ en, de }: Pair): Pair {
    const german = wordsIn(de);
    const names = this.of(en).filter((name) => german.has(name));
    return { en: withMarks(en, names), de: withMarks(de, names) };
  }

  /** Those of a text, as many as there are marks. */
  of(text: string): string[] {
    return [...wordsIn(text)].filter((word) => looksLikeName(word) && !this.translated.has(word)).slice(0, MARKS.length);
  }
}

export function withMarks(text: string, names: readonly string[]): string {
  return text.replace(WORD, (word) => MARKS[names.indexOf(word)] ?? word);
}

/** A mark that stands for none of them is left out. */
export function withNames(text: string, names: readonly string[]): string {
  return text.replace(/ ?[\ue000-\ue003]/g, (mark) => {
    const name = names[MARKS.indexOf(mark.trim())];
    return name === undefined ? "" : mark.replace(/\S/, () => name);
  });
}
