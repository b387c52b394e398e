/** Half of a class's `Symbol.hasInstance`; the other half asks for a private member, which no Proxy and no object of one's own has. */
export function isHeir(type: { readonly prototype: unknown }, value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  try {
    return Object.prototype.isPrototypeOf.call(type.prototype as object, value);
  } catch {
    return false; // a Proxy that does not say
  }
}

/** Whether it only looks like one of a class with such a test: a Proxy of one, whose private members nobody can reach. */
export function isImpostor(type: { readonly prototype: unknown; [Symbol.hasInstance](value: unknown): boolean }, value: unknown): boolean {
  return isHeir(type, value) && !type[Symbol.hasInstance](value);
}
