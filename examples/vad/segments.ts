/** From probabilities to stretches of speech: what begins clearly goes on until it is clearly over. */

/** Seconds. */
export interface Segment {
  readonly start: number;
  readonly end: number;
}

/** Speech begins at this probability, and goes on above the lower one. */
export const [BEGIN, GO_ON] = [0.5, 0.35];
/** Seconds: of silence that ends it, of the shortest speech, of what is kept around it. */
const [SILENCE, LEAST, AROUND] = [0.1, 0.25, 0.03];

/** Fed in order. Segments come when they are over. */
export class Segments {
  readonly #step: number;
  #at = 0;
  #start: number | undefined;
  /** Where the silence began that may be the end. */
  #quiet: number | undefined;
  #last = 0;

  /** @param step seconds of a probability */
  constructor(step: number) {
    this.#step = step;
  }

  /** Whether speech is going on. */
  get isSpeech(): boolean {
    return this.#start !== undefined;
  }

  push(probability: number): Segment | undefined {
    const now = this.#at;
    this.#at += this.#step;
    if (probability >= BEGIN) {
      this.#start ??= now;
      this.#quiet = undefined;
      return undefined;
    }
    if (this.#start === undefined || probability >= GO_ON) return undefined;
    this.#quiet ??= now;
    return this.#at - this.#quiet >= SILENCE - this.#step / 2 ? this.#over(this.#quiet) : undefined;
  }

  /** What was going on when the sound ended. */
  end(): Segment | undefined {
    return this.#start === undefined ? undefined : this.#over(this.#quiet ?? this.#at);
  }

  #over(end: number): Segment | undefined {
    const start = this.#start as number;
    [this.#start, this.#quiet] = [undefined, undefined];
    if (end - start < LEAST) return undefined;
    const segment = { start: Math.max(this.#last, start - AROUND), end: Math.min(end + AROUND, this.#at) };
    this.#last = segment.end;
    return segment;
  }
}
