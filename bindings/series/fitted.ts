/** A scaler, as far as those go who do not scale: what was fitted. */
import { show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { isImpostor, isTruly } from "../heir.js";

/** @internal What is fitted, by feature: x becomes (x − offset) / scale. */
export interface Affine {
  readonly offset: Float64Array;
  /** Over 0. */
  readonly scale: Float64Array;
}

/** What a scaler is, for JSON. */
export interface ScalerDescription {
  kind: "Standardizer" | "MinMaxScaler";
  offset: number[];
  scale: number[];
}

/** What a scaler has once it is fitted. */
export abstract class Fitted {
  #fitted: Affine | undefined;

  /** @internal A constant: minified code reads it, too. */
  abstract readonly kind: ScalerDescription["kind"];

  /** Whether it truly is one: a Proxy of one, or an heir, is not. */
  static [Symbol.hasInstance]<T>(this: { readonly prototype: T }, value: unknown): value is T {
    return isTruly(this, value, (value) => #fitted in value);
  }

  /** What `transform` takes away, by feature: the mean, or the least. @throws {ArgumentError} before `fit` */
  get offset(): Float64Array {
    return this.affine.offset;
  }

  /** What `transform` then divides by, by feature: the standard deviation, or the range; 1 for a constant. @throws {ArgumentError} before `fit` */
  get scale(): Float64Array {
    return this.affine.scale;
  }

  /** All of it, for JSON. @throws {ArgumentError} before `fit` */
  toJSON(): ScalerDescription {
    const { offset, scale } = this.affine;
    return { kind: this.kind, offset: [...offset], scale: [...scale] };
  }

  /** @internal A copy. */
  get affine(): Affine {
    if (!this.#fitted) throw new ArgumentError("scaler", "one that has been fitted", `a ${this.kind} before fit`);
    return { offset: this.#fitted.offset.slice(), scale: this.#fitted.scale.slice() };
  }

  /** @internal Another of this kind. */
  restore(fitted: Affine): this {
    const other = Reflect.construct(this.constructor, []) as this;
    other.#fitted = fitted;
    return other;
  }

  /** @internal What was fitted from now on. */
  protected set fitted(fitted: Affine) {
    this.#fitted = fitted;
  }
}

/** @internal A fitted scaler, as it is now. @throws {ArgumentError} */
export function checkScaler(argument: string, scaler: unknown): Affine & { readonly text: string } {
  if (isImpostor(Fitted, scaler)) throw new ArgumentError(argument, "the scaler itself", "a Proxy or an heir of one");
  if (!(scaler instanceof Fitted)) throw new ArgumentError(argument, "a fitted Standardizer or MinMaxScaler", show(scaler));
  return { ...scaler.affine, text: JSON.stringify(scaler) };
}
