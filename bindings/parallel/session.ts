/** A model in the workers of a pool, for as long as it is trained or asked. */
import { typedKind } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { buffersOf } from "../named-buffers.js";
import type { Output } from "../training/count.js";
import type { Picked } from "../training/data.js";
import type { TrainableByName } from "../training/trainable.js";
import { describeLoss, type ReplicaModule, sourceOf } from "./describe.js";
import { shareable } from "./host.js";
import type { Pool } from "./pool.js";
import { Sections } from "./sections.js";
import { writeSetup } from "./setup.js";
import type { Part } from "./wire.js";

/** What a session is of. */
interface SessionOptions {
  readonly module: ReplicaModule | undefined;
  readonly outputs: readonly Output[];
  readonly features: number;
}

/** The model's parts in a pool. */
export class Session {
  readonly sections: Sections;
  readonly #pool: Pool;
  readonly #setup: Part;
  readonly #close: () => void;
  readonly #memory: Uint8Array;
  #parameters: Part | undefined;
  #version: string | undefined;

  /** @throws {ArgumentError} on a model that cannot be in several workers */
  constructor(pool: Pool, model: TrainableByName, { module, outputs, features }: SessionOptions) {
    const [buffer] = buffersOf(model);
    if (buffer)
      throw new ArgumentError(
        "model",
        "one that keeps nothing from batch to batch: workers see some of them each",
        `one with the buffer ${buffer[0]}`,
      );
    const named = model.namedParameters();
    const losses = outputs.map(({ key, loss }) => {
      const description = describeLoss(model, loss);
      if (description || module) return { key, loss: description };
      throw new ArgumentError("module", "{ url } of a module that makes the loss in a worker, too, the loss being one of your own", "none");
    });
    this.sections = new Sections(named);
    this.#pool = pool;
    this.#setup = pool.part(
      writeSetup({
        ...{ source: sourceOf(model, module), build: model.runtime.build, dtype: model.runtime.dtype, losses, features },
        parameters: named.map(([name, { shape, dtype }]) => [name, shape, dtype]),
      }),
    );
    this.#memory = shareable(this.sections.bytes);
    this.#close = pool.open(this.#setup);
  }

  /** The set-up, and the parameters as they are now: no job may be under way where they have changed. */
  get parts(): readonly [Part, Part] {
    const { version } = this.sections;
    if (this.#parameters === undefined || version !== this.#version) {
      this.sections.copyTo(this.#memory);
      this.#parameters = this.#pool.part(this.#memory);
      this.#version = version;
    }
    return [this.#setup, this.#parameters];
  }

  close(): void {
    this.#close();
  }
}

/** A sample as it is sent: of views their own numbers alone, not all that lies in their buffers. */
export function packed({ index, sample }: Picked): Picked {
  return { index, sample: own(sample, 0) as Picked["sample"] };
}

/** Lists in lists: a sample's own are fewer. */
const MOST_FLOORS = 8;

function own(value: unknown, floor: number): unknown {
  if (typedKind(value) !== undefined) {
    const view = value as Float32Array;
    const isWhole = view.byteLength === view.buffer.byteLength;
    return isWhole || Object.prototype.toString.call(view.buffer) === "[object SharedArrayBuffer]" ? view : view.slice();
  }
  if (typeof value !== "object" || value === null || floor === MOST_FLOORS) return value;
  if (Array.isArray(value)) return typeof value[0] === "object" ? value.map((each) => own(each, floor + 1)) : value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, own(each, floor + 1)]));
}
