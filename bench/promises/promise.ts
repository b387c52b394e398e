import type { Build } from "../suite.js";

/** Something promised that is not a case's time: measured, printed, and part of the JSON. */
export interface Promised {
  readonly id: string;
  run(options: { builds: readonly Build[]; quick: boolean; print: (line: string) => void }): Promise<Measured>;
}

export interface Measured {
  /** By contender, then by quantity. */
  readonly contenders: Record<string, Record<string, number>>;
  readonly ratios: Record<string, number>;
}
