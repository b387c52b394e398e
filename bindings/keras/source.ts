/** What a file says of a model, whichever form it has. */
import type { WeightsByLayer } from "./builder.js";

export interface ModelSource {
  /** { class_name, config } */
  readonly config: unknown;
  readonly weights: WeightsByLayer;
  /** Major version of Keras. */
  readonly major: number;
}

/** "3.5.0" → 3; 2 where it is not said. */
export function majorOf(version: unknown): number {
  const [, digits] = (typeof version === "string" && /^(\d{1,3})\./.exec(version)) || [];
  return digits === undefined ? 2 : Number(digits);
}
