/** What was heard, for the picture: the last minutes of it. */
import { STEP_SECONDS } from "../../../speech/features";
import type { Heard } from "../../../speech/listen";
import { type Listened, STEP_NUMBERS } from "./ear";

/** Steps that are kept at least, where there were so many: ten minutes. */
export const KEPT = 20_000;

export interface HeardStep extends Heard {
  /** In which step. */
  readonly step: number;
}

export class History {
  readonly #steps: Float32Array[] = [];
  #heard: HeardStep[] = [];
  #first = 0;

  /** The oldest step that is kept. */
  get first(): number {
    return this.#first;
  }

  /** The step that comes next. */
  get end(): number {
    return this.#first + this.#steps.length;
  }

  get heard(): readonly HeardStep[] {
    return this.#heard;
  }

  push({ steps, heard }: Listened): void {
    for (let at = 0; at < steps.length; at += STEP_NUMBERS) this.#steps.push(steps.subarray(at, at + STEP_NUMBERS));
    this.#heard = [...this.#heard, ...heard.map((each) => ({ ...each, step: Math.round(each.seconds / STEP_SECONDS) - 1 }))];
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
