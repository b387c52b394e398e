/** The chosen columns as a series, cut in time. */
import { type Choice, CYCLES } from "./choice";
import { stepOf, type Table, unitOf } from "./table";

/** Shares of the rows: the first are learned, the next are watched to know when to stop, the rest is shown. */
const [LEARNED, WATCHED] = [0.7, 0.15];
const FEWEST = { learned: 20, watched: 5, tested: 5 };

export interface Series {
  readonly choice: Choice;
  /** Of the features: the target first. */
  readonly names: readonly string[];
  /** Place of each row on the axis: seconds, or its number from 1. */
  readonly at: readonly number[];
  readonly dated: boolean;
  /** Seconds from row to row, or 1. */
  readonly step: number;
  /** What a row is: "day". */
  readonly unit: string;
  /** The target as measured, NaN where it was not; and with the value before in the place of a gap. */
  readonly truth: Float64Array;
  readonly filled: Float64Array;
  /** By their names, in the units of the data, without gaps. */
  readonly features: readonly Float64Array[];
  /** The first row that is watched, and that is tested. */
  readonly watched: number;
  readonly tested: number;
  /** Rows at the beginning that are left out, and rows with gaps that were filled. */
  readonly dropped: number;
  readonly gaps: number;
}

/** @throws {Error} in plain words, where it cannot be learned */
export function seriesOf(table: Table, choice: Choice): Series {
  const inputs = [choice.target, ...choice.inputs.filter((name) => name !== choice.target)];
  const columns = inputs.map((name) => table.columns.find((column) => column.name === name)?.values ?? new Float64Array(table.rows));
  const begins = columns.map((values) => values.findIndex((value) => !Number.isNaN(value)));
  const empty = inputs.find((_, i) => begins[i] === -1);
  if (empty !== undefined) throw new Error(`“${empty}” has no number in the rows that are used: choose another column.`);
  const dropped = Math.max(...begins);
  const cut = columns.map((values) => values.subarray(dropped));
  const rows = table.rows - dropped;
  const [watched, tested] = [Math.floor(LEARNED * rows), Math.floor((LEARNED + WATCHED) * rows)];
  const [truth, filled] = [cut[0] as Float64Array, cut.map(forward)];
  checkRows(truth, { watched, tested }, choice);
  const moved = new Set(filled[0]?.subarray(0, watched)).size > 1;
  if (!moved) throw new Error(`“${choice.target}” is always the same in the part that is learned: there is nothing to learn.`);
  const times = table.times?.subarray(dropped);
  const cycles = times ? CYCLES.filter(({ id }) => choice.cycles.includes(id)) : [];
  const circles = cycles.flatMap(({ seconds }) => circle(times ?? new Float64Array(), seconds));
  return {
    ...{ choice, truth, watched, tested, dropped, filled: filled[0] as Float64Array },
    ...{ names: [...inputs, ...cycles.flatMap(({ id }) => [`sine of the ${id}`, `cosine of the ${id}`])] },
    ...{ at: times ? [...times] : Array.from({ length: rows }, (_, i) => dropped + i + 1), dated: times !== undefined },
    ...{ step: stepOf(table) ?? 1, unit: unitOf(table), features: [...filled, ...circles] },
    gaps: truth.reduce((count, _, row) => count + Number(cut.some((values) => Number.isNaN(values[row]))), 0),
  };
}

/** The last value before it in the place of a gap: what comes later is not known at that time. */
function forward(values: Float64Array): Float64Array {
  let last = Number.NaN;
  return values.map((value) => {
    if (!Number.isNaN(value)) last = value;
    return last;
  });
}

function circle(times: Float64Array, seconds: number): Float64Array[] {
  const angle = (time: number) => (2 * Math.PI * time) / seconds;
  return [times.map((time) => Math.sin(angle(time))), times.map((time) => Math.cos(angle(time)))];
}

/** @throws {Error} on too few, of rows or of those in which the target was measured */
function checkRows(truth: Float64Array, { watched, tested }: Pick<Series, "watched" | "tested">, { target, length, ahead }: Choice): void {
  const rows = truth.length;
  const known = (from: number, to: number) => truth.subarray(from, to).filter((value) => !Number.isNaN(value)).length;
  const reach = length + ahead - 1;
  const enough = (learned: number, watching: number, testing: number) =>
    learned >= FEWEST.learned && watching >= FEWEST.watched && testing >= FEWEST.tested;
  if (!enough(watched - reach, tested - watched, rows - tested)) {
    const needed = Math.ceil(Math.max((FEWEST.learned + reach + 1) / LEARNED, (FEWEST.watched + 1) / WATCHED));
    throw new Error(`${rows} rows are too few for ${length} steps of the past: ${needed} or more are needed. Fewer steps need fewer rows.`);
  }
  if (!enough(known(reach, watched), known(watched, tested), known(tested, rows)))
    throw new Error(`“${target}” has too many gaps: in a part of the table there is next to nothing to learn from, or to measure by.`);
}
