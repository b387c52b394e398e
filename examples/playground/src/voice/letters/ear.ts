/** The recogniser at work, step by step: what it holds likely, and what it recognises. */
import { STEP_SECONDS } from "../../../../speech/features";
import { type Heard, Listener, type Recogniser } from "../../../../speech/listen";
import type { Ear } from "../hearing";
import type { Listened, Placed } from "../history";

/** Symbols of a step that are told, the likeliest ones. */
export const LIKELIEST = 3;
/** Numbers of a step: the blank's probability, and a class with its probability for each of the likeliest. */
export const STEP_NUMBERS = 1 + 2 * LIKELIEST;

export interface HeardStep extends Heard, Placed {}

/** Of one sound at a time. */
export class LettersEar implements Ear<HeardStep> {
  readonly #listener: Listener;
  readonly #numbers: number[] = [];

  /** @param rate of the samples that will come */
  constructor(recogniser: Recogniser, rate: number) {
    this.#listener = new Listener(recogniser, rate, (logits) => this.#numbers.push(...likeliest(logits)));
  }

  push(samples: Float32Array): Listened<HeardStep> {
    return this.#told(this.#listener.push(samples));
  }

  /** What was said last, and gives the network's memory back. */
  end(): Listened<HeardStep> {
    return this.#told(this.#listener.end());
  }

  #told(heard: readonly Heard[]): Listened<HeardStep> {
    return {
      steps: Float32Array.from(this.#numbers.splice(0)),
      heard: heard.map((each) => ({ ...each, step: Math.round(each.seconds / STEP_SECONDS) - 1 })),
    };
  }
}

/** The numbers of a step, of its logits. */
export function likeliest(logits: ArrayLike<number>): number[] {
  const all = Array.from(logits);
  const most = Math.max(...all);
  const shares = all.map((logit) => Math.exp(logit - most));
  const sum = shares.reduce((a, b) => a + b);
  const ranked = shares
    .map((share, label) => ({ label, probability: share / sum }))
    .slice(1)
    .sort((a, b) => b.probability - a.probability);
  const told = Array.from({ length: LIKELIEST }, (_, i) => ranked[i] ?? { label: 0, probability: 0 });
  return [(shares[0] as number) / sum, ...told.flatMap(({ label, probability }) => [label, probability])];
}
