/** What all schedules are: whoever trains knows one without knowing which there are. */
import { isTruly } from "../../heir.js";

/** The base of schedules, by steps or by a metric. */
export abstract class Steering {
  readonly #byMetric = false;

  /** Whether it truly is one: a Proxy of one, or an heir, is not. */
  static [Symbol.hasInstance]<T>(this: { readonly prototype: T }, value: unknown): value is T {
    return isTruly(this, value, (value) => #byMetric in value);
  }

  /** @internal Whether it goes by the loss of an epoch, and so not by steps. */
  get byMetric(): boolean {
    return this.#byMetric;
  }
}
