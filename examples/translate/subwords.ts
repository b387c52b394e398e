/** Byte-pair encoding: a vocabulary of the letters and the likeliest runs of letters of a text. Sennrich, Haddow & Birch, arXiv:1508.07909. */
import * as v from "valibot";

/** What stands first in every vocabulary: the unknown character, and what a sequence begins and ends with. */
export const [UNKNOWN, BOS, EOS] = [0, 1, 2];
const SPECIAL = ["\ufffd", "<s>", "</s>"];
/** A character that is rarer is the unknown one. */
const LEAST_COUNT = 10;
/** Characters of a word that are joined at most: of a longer one, which nobody writes, each stands alone. */
const LONGEST_WORD = 100;
/** Words with the space before them, digits one by one, signs one by one. */
const WORD = / ?\p{L}+| ?[^\p{L}\s]/gu;

const WRITTEN = v.object({ tokens: v.array(v.string()), merges: v.array(v.string()) });

export class Subwords {
  readonly #ids: ReadonlyMap<string, number>;
  /** Which pair is joined first. */
  readonly #ranks: ReadonlyMap<string, number>;
  readonly #known = new Map<string, readonly number[]>();

  /** @param tokens by id @param merges pairs of tokens with a line's end between them, the most frequent one first */
  private constructor(
    readonly tokens: readonly string[],
    private readonly merges: readonly string[],
  ) {
    this.#ids = new Map(tokens.map((token, id) => [token, id]));
    this.#ranks = new Map(merges.map((pair, rank) => [pair, rank]));
  }

  /** @param size tokens at most */
  static learn(texts: readonly string[], size: number): Subwords {
    const words = new Map<string, number>();
    for (const word of texts.flatMap(cut)) words.set(word, (words.get(word) ?? 0) + 1);
    const letters = new Map<string, number>();
    for (const [word, count] of words) for (const letter of word) letters.set(letter, (letters.get(letter) ?? 0) + count);
    const alphabet = [...letters.keys()].filter((letter) => (letters.get(letter) as number) >= LEAST_COUNT).sort();
    const tokens = [...SPECIAL, ...alphabet];
    const merges = learnMerges(words, new Set(alphabet), size - tokens.length);
    return new Subwords([...tokens, ...merges.map((pair) => pair.replace("\n", ""))], merges);
  }

  /** @throws when the text is none of `toString` */
  static parse(text: string): Subwords {
    const { tokens, merges } = v.parse(WRITTEN, JSON.parse(text));
    return new Subwords(tokens, merges);
  }

  /** As `parse` reads it. */
  toString(): string {
    return JSON.stringify({ tokens: this.tokens, merges: this.merges });
  }

  encode(text: string): number[] {
    return cut(text).flatMap((word) => {
      const known = this.#known.get(word) ?? this.#parts(word).map((token) => this.#ids.get(token) ?? UNKNOWN);
      this.#known.set(word, known);
      return known;
    });
  }

  decode(ids: readonly number[]): string {
    return ids
      .map((id) => this.tokens[id])
      .join("")
      .trim();
  }

  #parts(word: string): string[] {
    return word.length > LONGEST_WORD ? [...word] : this.#joined([...word]);
  }

  #joined(parts: string[]): string[] {
    for (;;) {
      let [best, place] = [Number.POSITIVE_INFINITY, -1];
      for (let i = 0; i + 1 < parts.length; i++) {
        const rank = this.#ranks.get(`${parts[i]}\n${parts[i + 1]}`) ?? Number.POSITIVE_INFINITY;
        if (rank < best) [best, place] = [rank, i];
      }
      if (place < 0) return parts;
      parts.splice(place, 2, `${parts[place]}${parts[place + 1]}`);
    }
  }
}

/** A space goes in front, so that a word is the same one at the beginning. */
function cut(text: string): string[] {
  return ` ${text}`.match(WORD) ?? [];
}

/** How often each pair of neighbours occurs is kept up to date: only words that have the pair joined change. */
function learnMerges(words: ReadonlyMap<string, number>, alphabet: ReadonlySet<string>, most: number): string[] {
  const parted = [...words].map(([word, count]) => ({ parts: [...word], count }));
  const counts = new Map<string, number>();
  const places = new Map<string, Set<number>>();
  const add = (w: number, sign: 1 | -1) => {
    const { parts, count } = parted[w] as (typeof parted)[number];
    for (let i = 0; i + 1 < parts.length; i++) {
      const pair = `${parts[i]}\n${parts[i + 1]}`;
      counts.set(pair, (counts.get(pair) ?? 0) + sign * count);
      if (sign > 0) places.set(pair, (places.get(pair) ?? new Set()).add(w));
    }
  };
  for (const [w, { parts }] of parted.entries()) if (parts.every((part) => alphabet.has(part))) add(w, 1);
  const merges: string[] = [];
  while (merges.length < most) {
    let [best, times] = ["", 1];
    for (const [pair, count] of counts) if (count > times || (count === times && count > 1 && pair < best)) [best, times] = [pair, count];
    if (times < 2) break;
    merges.push(best);
    for (const w of places.get(best) ?? []) {
      add(w, -1);
      (parted[w] as (typeof parted)[number]).parts = joined((parted[w] as (typeof parted)[number]).parts, best);
      add(w, 1);
    }
    counts.delete(best);
  }
  return merges;
}

function joined(parts: readonly string[], pair: string): string[] {
  const made: string[] = [];
  for (const part of parts) {
    if (made.length > 0 && `${made.at(-1)}\n${part}` === pair) made.push(`${made.pop()}${part}`);
    else made.push(part);
  }
  return made;
}
