/** Half of a class's `Symbol.hasInstance`; the other half asks for a private member, which no Proxy and no object of one's own has. */
export function isHeir(type: { readonly prototype: unknown }, value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.prototype.isPrototypeOf.call(type.prototype as object, value);
}
