/** A logistic regression in which each name weighs what was counted of it. Source: Wang and Manning, Baselines and Bigrams, ACL 2012 (NB-SVM), with another loss. */
import { type Counts, Known, type Learnable } from "./known.js";
import { namesOf } from "./words.js";

const PASSES = 15;
const [RATE, DECAY] = [0.3, 1e-3];
/** Where Adagrad's sums of squares begin. */
const LEAST_SQUARE = 1e-8;
/** The next sentence is so many further: a prime, so that all have their turn, far from their neighbours. */
const STRIDE = 7919;

/** The same counts with weights, learned by Adagrad in an order that is always the same. */
export function weighed({ counts }: Counts, learned: readonly Learnable[]): Counts {
  const known = new Known({ counts, bias: 0 });
  const numbers = new Map(counts.map(([name], i) => [name, i]));
  const rows = learned.map(({ text }) => {
    const inputs = inputsOf(known, text);
    return {
      places: Int32Array.from(inputs, ({ name }) => numbers.get(name) as number),
      values: Float64Array.from(inputs, ({ value }) => value),
    };
  });
  const weights = new Float64Array(counts.length);
  const squares = new Float64Array(counts.length).fill(LEAST_SQUARE);
  let [bias, biasSquare] = [0, LEAST_SQUARE];
  for (let step = 0; step < PASSES * rows.length; step++) {
    const at = (step * STRIDE) % rows.length;
    const { places, values } = rows[at] as (typeof rows)[number];
    const logit = places.reduce((sum, place, i) => sum + (weights[place] as number) * (values[i] as number), bias);
    const error = 1 / (1 + Math.exp(-logit)) - (learned[at] as Learnable).class;
    biasSquare += error ** 2;
    bias -= (RATE * error) / Math.sqrt(biasSquare);
    for (const [i, place] of places.entries()) {
      const weight = weights[place] as number;
      const gradient = error * (values[i] as number) + DECAY * weight;
      squares[place] = (squares[place] as number) + gradient ** 2;
      weights[place] = weight - (RATE * gradient) / Math.sqrt(squares[place] as number);
    }
  }
  return { counts: counts.map(([name, cross, glad], i) => [name, cross, glad, weights[i] as number] as const), bias };
}

/** Above 0 where a text is glad. */
export function logitOf({ bias }: Counts, known: Known, text: string): number {
  return inputsOf(known, text).reduce((sum, { name, value }) => sum + known.weight(name) * value, bias);
}

function inputsOf(known: Known, text: string): { name: string; value: number }[] {
  const names = namesOf(text);
  return names.map((name) => ({ name, value: known.ratio(name) / Math.sqrt(names.length) }));
}
