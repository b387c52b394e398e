/** What comes of a broken checkpoint: a typed refusal that has changed nothing, or a run that ends. */
import { expect } from "vitest";
import { ArgumentError, FormatError, fit, NonFiniteError, type Runtime } from "../../bindings/index.js";
import type { Variant } from "./broken-checkpoints.js";
import { type Parts, partsOf, runOf, stateOf } from "./resumable.js";

const LONGEST_MESSAGE = 1000;

export class Trying {
  readonly #rt: Runtime;
  #parts: Parts;
  #before: string;
  refused = 0;
  resumed: string[] = [];

  constructor(rt: Runtime) {
    this.#rt = rt;
    this.#parts = partsOf(rt, { seed: 77 });
    this.#before = JSON.stringify(stateOf(this.#parts));
  }

  async try({ name, bytes }: Variant): Promise<void> {
    const resume = bytes();
    let error: unknown;
    try {
      await fit(this.#parts.model, { ...runOf(this.#parts), resume });
    } catch (caught) {
      error = caught;
    }
    // A great rate is a rate, and a schedule may stand at its last step: training says what comes of it.
    const atItsEnd = error instanceof ArgumentError && error.message.startsWith("step: expected at most");
    if (error === undefined || error instanceof NonFiniteError || atItsEnd) {
      this.resumed.push(name);
      this.dispose();
      this.#parts = partsOf(this.#rt, { seed: 77 });
      return;
    }
    this.refused++;
    if (!(error instanceof FormatError || error instanceof ArgumentError)) expect.fail(`${name}: ${String(error)}`);
    if (error.message.length > LONGEST_MESSAGE) expect.fail(`${name}: a message of ${error.message.length} characters`);
    if (JSON.stringify(stateOf(this.#parts)) !== this.#before) expect.fail(`${name}: refused (${error.message}), and something changed`);
  }

  dispose(): void {
    this.#parts.dispose();
  }
}
