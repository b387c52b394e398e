/** The losses of a run as a curve, and those of its validation as a second one. */
import asciichart from "asciichart";
import type { EpochReport } from "../training/fit-options.js";
import type { Colors } from "./text.js";

const ROWS = 6;
/** More would say no more. */
const MOST_COLUMNS = 72;
const LEAST_COLUMNS = 4;
/** For asciichart: the first value, the axis, two ends, a level, four corners, a rise. The two differ without colours too. */
const SOLID = ["┼", "┤", "╶", "╴", "─", "╰", "╭", "╮", "╯", "│"];
const DASHED = ["┼", "┤", "╶", "╴", "┄", "└", "┌", "┐", "┘", "┆"];

/**
 * The lines of the plot, all columns used, each an epoch, a part of one or several; none where there is no room.
 *
 * @param columns that a line may take
 */
export function curveOf(reports: readonly EpochReport[], columns: number, colours: Colors): string[] {
  const training = reports.map(({ loss }) => loss);
  const measured = filled(reports.map(({ validation }) => validation?.loss ?? Number.NaN));
  const all = [...training, ...measured];
  const [min, max] = [Math.min(...all), Math.max(...all)];
  const label = Math.max(min.toFixed(4).length, max.toFixed(4).length) + 2;
  const width = Math.min(MOST_COLUMNS, columns - label - 2);
  if (width < LEAST_COLUMNS) return [];
  const draw = (losses: readonly number[], symbols: readonly string[]) => {
    const series = Array.from({ length: width }, (_, i) => losses[Math.floor((i * losses.length) / width)] as number);
    const format = (value: number) => value.toFixed(4).padStart(label);
    return asciichart.plot(series, { ...{ height: ROWS, min, max, format, offset: 3 }, symbols }).split("\n");
  };
  const [cyan, yellow] = [draw(training, SOLID), measured.length > 0 ? draw(measured, DASHED) : []];
  const axis = label + 1; // a space, the axis
  const plot = cyan.map((row, y) => {
    const cells = Array.from({ length: width }, (_, x) => {
      const [one = " ", two = " "] = [row[axis + 1 + x], yellow[y]?.[axis + 1 + x]];
      return two !== " " ? colours.yellow(two) : one !== " " ? colours.cyan(one) : " ";
    });
    return `${row.slice(0, axis)}${colours.dim("┤")}${cells.join("").trimEnd()}`;
  });
  const [from, to] = [reports[0], reports.at(-1)].map((report) => String(report?.epoch));
  const epochs = `${" ".repeat(axis + 1)}${from}${(to ?? "").padStart(width - (from ?? "").length)}`;
  return ["", ...legend(measured.length > 0, columns, colours), ...plot, colours.dim(epochs)];
}

/** What is drawn how. */
function legend(isMeasured: boolean, columns: number, colours: Colors): string[] {
  const parts = ["loss, by epoch", ...(isMeasured ? ["── training", "┄┄ validation"] : [])];
  const paints = [colours.dim, colours.cyan, colours.yellow];
  const shown = parts.map((part, i) => (paints[i] as Colors["dim"])(part));
  return 2 + parts.join("   ").length <= columns ? [`  ${shown.join("   ")}`] : shown.map((part) => `  ${part}`);
}

/** Where an epoch has none, or none that can be drawn, the one before, or the first; nothing where none has. */
function filled(losses: readonly number[]): number[] {
  let last = losses.find(Number.isFinite);
  if (last === undefined) return [];
  return losses.map((loss) => {
    if (Number.isFinite(loss)) last = loss;
    return last as number;
  });
}
