/** Bases as the network has them: four numbers each. */
import type { Generator } from "wasm-rnn";
import { BASES, JUNCTION, WINDOW } from "./data.js";

/** A base is another one, or is hidden, while the network learns: so often. */
const CHANGED = 0.4;
const HIDDEN = 0.1;
/** Not so close to the junction, on both sides: a donor without its GT is none. */
const SPARED = 5;

/** 1 for the base that is there: [60, 4]. */
export function codesOf(bases: string): Float32Array {
  const codes = new Float32Array(WINDOW * BASES.length);
  for (let i = 0; i < WINDOW; i++) codes[BASES.length * i + BASES.indexOf(bases[i] as string)] = 1;
  return codes;
}

/** As they may have been, too: what is far from the junction may be otherwise, and the place is what it was. */
export function changedCodes(bases: string, random: Generator): Float32Array {
  const codes = codesOf(bases);
  for (let i = 0; i < WINDOW; i++) {
    if (i >= JUNCTION - SPARED && i < JUNCTION + SPARED) continue;
    const lot = random.uniform();
    if (lot >= CHANGED + HIDDEN) continue;
    codes.fill(0, BASES.length * i, BASES.length * (i + 1));
    if (lot < CHANGED) codes[BASES.length * i + random.integer(BASES.length)] = 1;
  }
  return codes;
}
