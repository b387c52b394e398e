/** The nearest neighbour: what is known as the translation of the text that is most like this one, by the cosine of its words (tf-idf). */
import { type Pair, wordsOf } from "./tidy.js";

export class Neighbours {
  readonly #places = new Map<string, { n: number; weight: number }[]>();

  constructor(private readonly pairs: readonly Pair[]) {
    const counts = pairs.map(({ en }) => countsOf(en));
    const texts = new Map<string, number>();
    for (const words of counts) for (const word of words.keys()) texts.set(word, (texts.get(word) ?? 0) + 1);
    for (const [n, words] of counts.entries()) {
      const weights = [...words].map(([word, count]) => [word, count * Math.log(pairs.length / (texts.get(word) as number))] as const);
      const norm = Math.hypot(...weights.map(([, weight]) => weight)) || 1;
      for (const [word, weight] of weights) {
        const places = this.#places.get(word) ?? [];
        this.#places.set(word, places);
        places.push({ n, weight: weight / norm });
      }
    }
  }

  /** Where no word is known, the text itself. */
  translate(text: string): string {
    const scores = new Float64Array(this.pairs.length);
    for (const [word, count] of countsOf(text)) {
      const places = this.#places.get(word) ?? [];
      const rarity = Math.log(this.pairs.length / places.length);
      for (const { n, weight } of places) (scores[n] as number) += weight * count * rarity;
    }
    let best = 0;
    for (let n = 1; n < scores.length; n++) if ((scores[n] as number) > (scores[best] as number)) best = n;
    return (scores[best] as number) > 0 ? (this.pairs[best] as Pair).de : text;
  }
}

function countsOf(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
