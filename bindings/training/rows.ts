/**
 * Whether a prediction has a row for every step, or one for every sample. Shapes alone do not tell [T, N, …] from [N, …] in a batch of as many samples
 * as steps, nor [N, T, …] from [N, 5, …] where the longest sample has 5: there one sample is looked at alone.
 */
import { isPlain } from "../by-name.js";
import type { Frame } from "../graph/frame.js";
import { axesOf } from "../layout.js";
import { type FloatType, Tensor } from "../tensor.js";
import { aside } from "./aside.js";
import { aloneOf, type Batch, type Given, give, type Samples } from "./batch.js";
import type { TrainableByName } from "./trainable.js";

/** @internal What is known of a model's predictions, by their names. */
export class Rows {
  readonly #overTime = new Map<string, boolean>();
  #isKnown = false;

  /** Whether it may be over time; undefined: its shape tells. */
  overTime(key: string | undefined): boolean | undefined {
    return this.#overTime.get(key ?? "");
  }

  /** Looks at a sample alone, once, where this batch's shapes may not tell. */
  look(model: TrainableByName, frame: Frame, dtype: FloatType, inputs: Samples["inputs"]): void {
    const n = this.#isKnown ? -1 : tellingSample(inputs);
    if (n < 0) return;
    const alone = aloneOf(inputs, n);
    let shapes: [string, Tensor][] = [];
    let given: Given | undefined;
    try {
      given = give(model.runtime, dtype, alone);
      const { through } = given;
      const output = aside(model, () => frame.run(() => through(model)));
      const named = output instanceof Tensor ? { "": output } : isPlain(output) ? output : {};
      shapes = Object.entries(named).filter((pair): pair is [string, Tensor] => pair[1] instanceof Tensor);
    } catch {
      return; // the batch's own pass says what is wrong
    } finally {
      given?.dispose();
    }
    for (const [key, { shape, batchFirst }] of shapes)
      this.#overTime.set(
        key,
        alone.some((input) => lies(shape, input, batchFirst)),
      );
    this.#isKnown = true;
  }
}

function lies(shape: readonly number[], batch: Batch, batchFirst: boolean | undefined): boolean {
  const [first, second] = axesOf({ ...batch, batchFirst: batchFirst ?? batch.batchFirst });
  return shape.length > 2 && shape[0] === first && shape[1] === second;
}

/** A sample whose prediction alone tells: −1 where every reading of this batch comes to the same, or its shapes tell. */
function tellingSample(inputs: Samples["inputs"]): number {
  const [{ rows, batchFirst, N }] = inputs;
  const steps = rows.map((_, n) => inputs.map((input) => input.rows[n]?.x.steps as number));
  if (batchFirst) return steps.findIndex((own) => own.some((T, i) => T !== inputs[i]?.T));
  if (N === 1 || inputs.every(({ T }) => T !== N)) return -1;
  const several = steps.findIndex((own) => own.every((T) => T > 1));
  return several >= 0 ? several : steps.findIndex((own) => own.some((T) => T > 1));
}
