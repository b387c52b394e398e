/** Bases as the network has them: four numbers each. */
import type { Generator } from "wasm-rnn";
import { BASES, JUNCTION, NEITHER, WINDOW, type Window } from "./data.js";

/** While the network learns, a base is another one, or is hidden: so often. */
const CHANGED = 0.4;
const HIDDEN = 0.1;
/** Not so close to the junction, on both sides: a donor without its GT is none. */
const SPARED = 5;
/** Every second window is moved by so many bases at most. */
const MOVED = 12;

/** 1 for the base that is there, nothing where none is known: [60, 4]. */
export function codesOf(bases: ArrayLike<string | undefined>): Float32Array {
  const codes = new Float32Array(WINDOW * BASES.length);
  for (let i = 0; i < WINDOW; i++) {
    const base = bases[i];
    if (base !== undefined) codes[BASES.length * i + BASES.indexOf(base)] = 1;
  }
  return codes;
}

/** A window as it may have been, too: it is what it was, and what is far from the junction may be otherwise. */
export function changedCodes(window: Pick<Window, "bases" | "label">, random: Generator): Float32Array {
  const bases = moved(window, random).map((base, i) => {
    if (base === undefined || (i >= JUNCTION - SPARED && i < JUNCTION + SPARED)) return base;
    const lot = random.uniform();
    if (lot < CHANGED) return BASES[random.integer(BASES.length)];
    return lot < CHANGED + HIDDEN ? undefined : base;
  });
  return codesOf(bases);
}

/** What is no junction is none a few bases further. A junction stays where it is and loses the same end, which else would tell them apart. */
function moved({ bases, label }: Pick<Window, "bases" | "label">, random: Generator): (string | undefined)[] {
  const by = random.uniform() < 0.5 ? random.integer(2 * MOVED + 1) - MOVED : 0;
  return Array.from(bases, (base, i) => (label === NEITHER || bases[i + by] === undefined ? bases[i + by] : base));
}
