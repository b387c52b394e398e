/** 3000 labelled sentences, those that say nearly the same together in one of ten folds. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { hash } from "../shared/hash.js";
import { wordsOf } from "./words.js";

export const FOLDS = 10;
const SOURCES = ["amazon", "imdb", "yelp"] as const;
/** Two sentences that share so many of their different words are nearly the same. */
const ALIKE = 0.6;

export interface Sentence {
  readonly text: string;
  /** 1: glad, 0: cross. */
  readonly class: 0 | 1;
  readonly source: (typeof SOURCES)[number];
  /** What is nearly the same has the same number. */
  readonly group: number;
  /** 0 … FOLDS − 1, by group. */
  readonly fold: number;
}

/** Those that have words. */
export function loadSentences(): Sentence[] {
  const { resolve } = createRequire(import.meta.url);
  const read = (source: string) => JSON.parse(readFileSync(resolve(`sentiment/test/fixtures/${source}.json`), "utf8"));
  const rows = SOURCES.flatMap((source) => read(source).map((row: object) => ({ ...row, source }))) as Omit<Sentence, "group" | "fold">[];
  const usable = rows.filter(({ text }) => wordsOf(text).length > 0);
  const groups = groupsOf(usable.map(({ text }) => wordsOf(text)));
  return usable.map((row, i) => {
    const group = groups[i] as number;
    const first = wordsOf((usable[group] as Sentence).text).join(" ");
    return { ...row, group, fold: (hash(first) >>> 8) % FOLDS };
  });
}

/** Of each text the number of the first one of its group: texts that are alike, and what is alike to those. */
export function groupsOf(texts: readonly (readonly string[])[]): number[] {
  const sets = texts.map((words) => new Set(words));
  const having = new Map<string, number[]>();
  const group = texts.map((_, i) => i);
  const root = (i: number): number => (group[i] === i ? i : root(group[i] as number));
  for (const [i, words] of sets.entries()) {
    const shared = new Map<number, number>();
    for (const word of words) {
      for (const j of having.get(word) ?? []) shared.set(j, (shared.get(j) ?? 0) + 1);
      having.set(word, [...(having.get(word) ?? []), i]);
    }
    for (const [j, count] of shared) {
      if (count < ALIKE * (words.size + (sets[j] as Set<string>).size - count)) continue;
      const [a, b] = [root(i), root(j)];
      group[Math.max(a, b)] = Math.min(a, b);
    }
  }
  return group.map(root);
}
