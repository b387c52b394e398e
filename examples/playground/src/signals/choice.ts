/** What a person chooses: columns, how far back and ahead, the network. */
import { numbersOf, stepOf, type Table } from "./table";

export interface Choice {
  readonly target: string;
  /** Columns beside the target's own past. */
  readonly inputs: readonly string[];
  readonly cycles: readonly CycleId[];
  /** Rows of the past that are seen. */
  readonly length: number;
  /** Rows from the last one seen to the one that is forecast. */
  readonly ahead: number;
  readonly kind: "GRU" | "LSTM";
  readonly units: number;
  readonly passes: number;
}

export const LENGTHS = [7, 14, 28, 56];
export const AHEAD = [1, 2, 3, 7];
export const UNITS = [8, 16, 32, 64];
export const MOST_PASSES = 500;

/** What the calendar tells: the place in a cycle, as a sine and a cosine. */
export const CYCLES = [
  { id: "day", title: "time of day", seconds: 86_400, usual: true },
  { id: "week", title: "day of the week", seconds: 604_800, usual: false },
  { id: "year", title: "time of the year", seconds: 365.25 * 86_400, usual: true },
] as const;
export type CycleId = (typeof CYCLES)[number]["id"];

/** Columns that are looked at unless told otherwise. */
const USUAL_INPUTS = 6;

/** Those that are longer than two rows and shorter than half of what there is. */
export function cyclesOf(table: Table): (typeof CYCLES)[number][] {
  const { times } = table;
  const step = stepOf(table);
  if (!times || !step) return [];
  const span = (times.at(-1) as number) - (times[0] as number);
  return CYCLES.filter(({ seconds }) => seconds > 2 * step && seconds < span / 2);
}

/** A first choice. @param target the column to begin with, where it is there */
export function firstChoice(table: Table, target?: string): Choice {
  const columns = numbersOf(table);
  const names = columns.map(({ name }) => name);
  const moving = columns.find(({ values }) => !rises(values)) ?? columns[0];
  const wanted = names.find((name) => name === target) ?? moving?.name ?? "";
  return {
    target: wanted,
    inputs: columns
      .filter(({ name, values }) => name !== wanted && !rises(values))
      .map(({ name }) => name)
      .slice(0, USUAL_INPUTS),
    cycles: cyclesOf(table)
      .filter(({ usual }) => usual)
      .map(({ id }) => id),
    ...{ length: 14, ahead: 1, kind: "GRU", units: 32, passes: 60 },
  };
}

/** A choice of an earlier visit, if this table can still be asked for it. */
export function stillFits(choice: Choice, table: Table): boolean {
  const names = new Set(numbersOf(table).map(({ name }) => name));
  return [choice.target, ...choice.inputs].every((name) => names.has(name)) && choice.passes >= 1;
}

/** A counter, as of rows: it says nothing. */
function rises(values: Float64Array): boolean {
  return values.every((value, i) => i === 0 || value > (values[i - 1] as number));
}
