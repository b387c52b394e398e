/** What JSON keeps. */
import { isPlain } from "./by-name.js";
import { isArray, show } from "./checks.js";
import { ArgumentError } from "./errors.js";

/** Values in one another; a circle has no end. */
const MOST_FLOORS = 64;

/** @internal A copy of a value as JSON gives it back; members that are undefined are left out. @throws {ArgumentError} on what JSON would change */
export function checkJSON(argument: string, value: unknown, floor = 0): unknown {
  if (floor > MOST_FLOORS)
    throw new ArgumentError(`${argument.slice(0, 20)}…`, `at most ${MOST_FLOORS} values in one another`, "more, or a circle");
  if (value === null || typeof value === "boolean" || typeof value === "string" || Number.isFinite(value)) return value;
  if (isArray(value)) return Array.from(value, (each, i) => checkJSON(`${argument}[${i}]`, each, floor + 1));
  if (!isPlain(value))
    throw new ArgumentError(argument, "what JSON keeps: finite numbers, texts, booleans, null, arrays and objects of them", show(value));
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, checkJSON(`${argument}.${name}`, member, floor + 1)]));
}
