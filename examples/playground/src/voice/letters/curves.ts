/** The curves of some steps: of the blank, and of each symbol that was ever likely among them. */
import type { History } from "../history";
import { type HeardStep, LIKELIEST } from "./ear";

/** A symbol that never has so much is left out. */
const LEAST = 0.08;

export interface Curve {
  /** Its class. */
  readonly label: number;
  /** Step by step, from the first one asked for. */
  readonly probabilities: Float32Array;
}

/** @param to the step after the last @returns the blank's curve first */
export function curvesOf(history: History<HeardStep>, from: number, to: number): Curve[] {
  const blank = { label: 0, probabilities: new Float32Array(to - from) };
  const symbols = new Map<number, Float32Array>();
  for (let step = from; step < to; step++) {
    const numbers = history.at(step);
    blank.probabilities[step - from] = numbers[0] as number;
    for (let i = 0; i < LIKELIEST; i++) {
      const [label, probability] = [numbers[1 + 2 * i] as number, numbers[2 + 2 * i] as number];
      const curve = symbols.get(label) ?? new Float32Array(to - from);
      symbols.set(label, curve);
      curve[step - from] = probability;
    }
  }
  const likely = [...symbols].filter(([, probabilities]) => probabilities.some((probability) => probability >= LEAST));
  return [blank, ...likely.map(([label, probabilities]) => ({ label, probabilities }))];
}
