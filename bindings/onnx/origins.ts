/** Where integers come from that may be shapes. */
import type { Value } from "./operator.js";

/** Of what is made of inputs' integers alone. */
export function originsOf(values: readonly Value[]): ReadonlySet<string> | undefined {
  const moving = values.filter(({ constant, isFixed }) => !constant && !isFixed);
  if (moving.length === 0 || moving.some(({ origins }) => !origins)) return undefined;
  return new Set(moving.flatMap(({ origins }) => [...(origins as ReadonlySet<string>)]));
}
