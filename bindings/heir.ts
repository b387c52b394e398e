/** Who truly is of a class: a Proxy of an object, as frameworks make them, and an heir of one pass for it, but lack its private members. */

function isHeir(prototype: object, value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  try {
    return Object.prototype.isPrototypeOf.call(prototype, value);
  } catch {
    return false; // a Proxy that does not say
  }
}

/** What a class's `Symbol.hasInstance` says, for its heirs too. @param has asks for a private member */
export function isTruly<T>(type: { readonly prototype: T }, value: unknown, has: (value: object) => boolean): value is T {
  return isHeir(type.prototype as object, value) && has(value);
}

interface Tested {
  readonly prototype: unknown;
  readonly [Symbol.hasInstance]: (value: unknown) => boolean;
}

/** Whether it only looks like one of such a class. */
export function isImpostor(type: Tested, value: unknown): boolean {
  return isHeir(type.prototype as object, value) && !type[Symbol.hasInstance](value);
}
