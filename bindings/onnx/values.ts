/** What values have in common. */
import { sizeOf } from "../checks.js";
import type { Constant } from "./constant.js";
import type { Value } from "./operator.js";

/** The value of a constant. */
export const known = (constant: Constant): Value => ({ type: constant.type, shape: constant.shape, constant });

/** For messages. */
export const shown = ({ type, shape }: Value): string => `${type} [${shape.join(", ")}]`;

/** Elements of all together. */
export function sizeOfAll(values: readonly Value[]): number {
  return values.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** Inputs that a shape may come from: sets of ever more of them would take the square of their number. */
const MOST_ORIGINS = 256;

/** Of what is made of inputs' integers alone. */
export function originsOf(values: readonly Value[]): ReadonlySet<string> | undefined {
  const moving = values.filter(({ constant, isFixed }) => !constant && !isFixed);
  if (moving.length === 0 || moving.some(({ origins }) => !origins)) return undefined;
  const all = new Set(moving.flatMap(({ origins }) => [...(origins as ReadonlySet<string>)]));
  return all.size <= MOST_ORIGINS ? all : undefined;
}
