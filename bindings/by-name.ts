/** Several things of one kind, each by its name: inputs, outputs, losses. */
import { lengthOf, show } from "./checks.js";
import { ArgumentError } from "./errors.js";

/** Things by their names. */
export type ByName<Thing> = Readonly<Record<string, Thing>>;

/** @internal Whether it is an object of no class, and no list. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || lengthOf(value) !== undefined) return false;
  try {
    const prototype: unknown = Object.getPrototypeOf(value);
    return prototype === null || Object.getPrototypeOf(prototype) === null; // of any realm
  } catch {
    return false; // behind a revoked Proxy
  }
}

/** @internal An object, and no list: its names are the things'. @throws {ArgumentError} */
export function checkByName(argument: string, value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ArgumentError(argument, "an object", show(value));
  if (value instanceof Map) throw new ArgumentError(argument, "an object (Object.fromEntries(map))", "a Map");
}

/** @internal Under a name of a file's or a caller's, which may be that of every object's prototype. */
export function put<Thing>(things: Record<string, Thing>, name: string, value: Thing): void {
  if (name !== "__proto__") things[name] = value;
  else Object.defineProperty(things, name, { value, enumerable: true, configurable: true, writable: true });
}
