/** What was heard, for the picture: the last minutes of it. */

/** Steps that are kept at least, where there were so many: ten minutes. */
export const KEPT = 20_000;

/** Something that was heard in a sound. */
export interface Placed {
  /** In which step, of more than one in the last. */
  readonly step: number;
}

/** What came of some samples. */
export interface Listened<Found extends Placed> {
  /** [steps, numbers of a step] */
  readonly steps: Float32Array<ArrayBuffer>;
  readonly heard: readonly Found[];
}

export class History<Found extends Placed> {
  readonly #numbers: number;
  readonly #steps: Float32Array[] = [];
  #heard: readonly Found[] = [];
  #first = 0;

  /** @param numbers of a step */
  constructor(numbers: number) {
    this.#numbers = numbers;
  }

  /** The oldest step that is kept. */
  get first(): number {
    return this.#first;
  }

  /** The step that comes next. */
  get end(): number {
    return this.#first + this.#steps.length;
  }

  get heard(): readonly Found[] {
    return this.#heard;
  }

  push({ steps, heard }: Listened<Found>): void {
    for (let at = 0; at < steps.length; at += this.#numbers) this.#steps.push(steps.subarray(at, at + this.#numbers));
    if (heard.length > 0) this.#heard = [...this.#heard, ...heard];
    if (this.#steps.length > 2 * KEPT) this.#forget(this.#steps.length - KEPT);
  }

  /** The numbers of a step. */
  at(step: number): Float32Array {
    return this.#steps[step - this.#first] as Float32Array;
  }

  #forget(count: number): void {
    this.#steps.splice(0, count);
    this.#first += count;
    this.#heard = this.#heard.filter(({ step }) => step >= this.#first);
  }
}
