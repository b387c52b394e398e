/**
 * A joint n-gram: a word as a sequence of letters with their phones ("ph" + F, "o" + OW …), each as likely as the five before make it. What spelling
 * to phones was done with before networks, and still a good second opinion.
 *
 * Source: Bisani & Ney 2008, Joint-sequence models for grapheme-to-phoneme conversion; interpolated Kneser–Ney smoothing.
 */
import { type Chunk, phonesOfChunks } from "./alignment.js";
import type { Word } from "./data.js";

const ORDER = 8;
const DISCOUNT = 0.8;
/** Hypotheses that are followed side by side. */
const BEAM = 24;
/** A chunk that its letter has had more seldom is not tried. */
const LEAST_SHARE = 1e-3;
const EDGE = "";
/** More than there are tokens: nodes and tokens share a key. */
const TOKENS = 4096;

/** The nodes of the contexts that end here, the empty one first. */
type Contexts = readonly number[];

interface Hypothesis {
  readonly phones: readonly number[];
  readonly contexts: Contexts;
  readonly logProbability: number;
}

export class JointModel {
  readonly #tokens = new Map<string, number>();
  /** The chunks that each letter has had, and those worth trying. */
  readonly #had = new Map<string, Map<Chunk, number>>();
  readonly #choices: ReadonlyMap<string, readonly Chunk[]>;
  /** A trie: node·TOKENS + token → node; and of each node how often it counts, all counts behind it, and how many kinds of them. */
  readonly #children = new Map<number, number>();
  readonly #count = [0];
  readonly #all = [0];
  readonly #kinds = [0];

  constructor(words: readonly Word[], aligned: readonly (readonly Chunk[] | undefined)[]) {
    for (const [w, chunks] of aligned.entries()) {
      if (!chunks) continue;
      let contexts = this.#begin();
      const { spelling } = words[w] as Word;
      for (const [i, chunk] of chunks.entries()) {
        const letter = spelling[i] as string;
        const had = this.#had.get(letter) ?? new Map<Chunk, number>();
        this.#had.set(letter, had.set(chunk, (had.get(chunk) ?? 0) + 1));
        contexts = this.#learn(contexts, this.#token(letter + chunk));
      }
      this.#learn(contexts, this.#token(EDGE));
    }
    this.#choices = new Map([...this.#had].map(([letter, had]) => [letter, usual(had)]));
  }

  /** The likeliest phones of a word. */
  speak(spelling: string): number[] {
    let beam: Hypothesis[] = [{ phones: [], contexts: this.#begin(), logProbability: 0 }];
    for (const letter of spelling)
      beam = fittest(beam.flatMap((own) => (this.#choices.get(letter) ?? [0]).map((chunk) => this.#after(own, letter, chunk))));
    const ends = beam.map((own) => ({ ...own, logProbability: own.logProbability + this.#end(own) }));
    return [...(fittest(ends)[0] as Hypothesis).phones];
  }

  /** log P of a spelling and its phones together, by their likeliest alignment; −∞ where there is none. */
  logProbability(spelling: string, phones: readonly number[]): number {
    let beam: Hypothesis[] = [{ phones: [], contexts: this.#begin(), logProbability: 0 }];
    for (const [i, letter] of [...spelling].entries()) {
      const left = 2 * (spelling.length - i - 1); // what the letters behind it can give at most
      const next = beam.flatMap((own) =>
        [...(this.#had.get(letter)?.keys() ?? [])]
          .filter((chunk) => continues(own.phones.length, chunk, phones) && phones.length - own.phones.length - sizeOf(chunk) <= left)
          .map((chunk) => this.#after(own, letter, chunk)),
      );
      beam = fittest(next);
    }
    const whole = beam.filter((own) => own.phones.length === phones.length);
    return Math.max(Number.NEGATIVE_INFINITY, ...whole.map((own) => own.logProbability + this.#end(own)));
  }

  #after({ phones, contexts, logProbability }: Hypothesis, letter: string, chunk: Chunk): Hypothesis {
    const token = this.#tokens.get(letter + chunk) ?? -1;
    return {
      phones: [...phones, ...phonesOfChunks([chunk])],
      contexts: this.#follow(contexts, token),
      logProbability: logProbability + Math.log(this.#probability(contexts, token)),
    };
  }

  #end({ contexts }: Hypothesis): number {
    return Math.log(this.#probability(contexts, this.#tokens.get(EDGE) ?? -1));
  }

  #begin(): Contexts {
    return [0, this.#child(0, this.#token(EDGE))];
  }

  #probability(contexts: Contexts, token: number): number {
    let p = 1 / this.#tokens.size;
    for (const context of contexts) {
      const all = this.#all[context] as number;
      if (all === 0) continue;
      const child = this.#children.get(context * TOKENS + token);
      const count = child === undefined ? 0 : (this.#count[child] as number);
      p = (Math.max(0, count - DISCOUNT) + DISCOUNT * (this.#kinds[context] as number) * p) / all;
    }
    return p;
  }

  #follow(contexts: Contexts, token: number): Contexts {
    const next = [0];
    for (const context of contexts.slice(0, ORDER - 1)) {
      const child = this.#children.get(context * TOKENS + token);
      if (child === undefined) break;
      next.push(child);
    }
    return next;
  }

  /** The longest context counts how often a token stood behind it, shorter ones behind how many different contexts it did. */
  #learn(contexts: Contexts, token: number): Contexts {
    const next = [0];
    for (let n = contexts.length - 1, isNew = true; n >= 0 && isNew; n--) {
      const context = contexts[n] as number;
      isNew = !this.#children.has(context * TOKENS + token);
      const child = this.#child(context, token);
      if ((this.#count[child] as number) === 0) (this.#kinds[context] as number)++;
      (this.#count[child] as number)++;
      (this.#all[context] as number)++;
    }
    for (const context of contexts.slice(0, ORDER - 1)) next.push(this.#child(context, token));
    return next;
  }

  #child(node: number, token: number): number {
    const key = node * TOKENS + token;
    const known = this.#children.get(key);
    if (known !== undefined) return known;
    this.#children.set(key, this.#count.length);
    this.#all.push(0);
    this.#kinds.push(0);
    return this.#count.push(0) - 1;
  }

  #token(name: string): number {
    const number = this.#tokens.get(name) ?? this.#tokens.size;
    this.#tokens.set(name, number);
    return number;
  }
}

function usual(had: ReadonlyMap<Chunk, number>): Chunk[] {
  const least = LEAST_SHARE * [...had.values()].reduce((a, b) => a + b);
  return [...had].filter(([, count]) => count >= least).map(([chunk]) => chunk);
}

function fittest(all: readonly Hypothesis[]): Hypothesis[] {
  return [...all].sort((a, b) => b.logProbability - a.logProbability).slice(0, BEAM);
}

function sizeOf(chunk: Chunk): number {
  return phonesOfChunks([chunk]).length;
}

/** Whether a chunk is what comes behind the first `done` phones. */
function continues(done: number, chunk: Chunk, phones: readonly number[]): boolean {
  return phonesOfChunks([chunk]).every((phone, i) => phones[done + i] === phone);
}
