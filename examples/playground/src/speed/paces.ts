/** How long a person wants to wait. */
import type { Pace } from "./measure";

interface NamedPace extends Pace {
  readonly name: string;
}

export const PACES: readonly NamedPace[] = [
  { name: "Short: about 3 seconds", seconds: 1, rounds: 3 },
  { name: "As usual: about 8 seconds", seconds: 6, rounds: 5 },
  { name: "Thorough: about half a minute", seconds: 28, rounds: 9 },
];

export const USUAL = 1;
