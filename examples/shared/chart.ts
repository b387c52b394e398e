/** The loss over the steps, drawn by asciichart. */
import asciichart from "asciichart";
import pc from "picocolors";

const HEIGHT = 8;
const LABEL = 7; // columns of the axis's numbers
/** Columns at the start whose fall from chance would press the rest flat: they may leave the chart at its top. */
const OPENING = 2;
/** Round distances between two rows. */
const TICKS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10, 20, 50];

interface Frame {
  /** Of the whole run, and those done before. */
  readonly steps: number;
  readonly first?: number;
  readonly columns: number;
  readonly measure: string;
}

/** The axis bears round numbers, and its first and last row are in use. @param curve the loss after each step */
export function lossChart(curve: readonly number[], { steps, columns, first = 0, measure }: Frame): string[] {
  const plotted = columns - LABEL - 3;
  const series = resample(curve, steps - first, plotted);
  const lines = [pc.dim(`  training loss, ${measure}`)];
  if (series.length === 0) return lines;
  const low = Math.min(...series);
  const high = Math.max(...series.slice(series.length > OPENING * 10 ? OPENING : 0));
  const fits = (tick: number) => Math.round(high / tick) - Math.round(low / tick) <= HEIGHT;
  const tick = TICKS.find(fits) ?? (high - low) / (HEIGHT - 1);
  const [min, max] = [Math.round(low / tick), Math.round(high / tick)];
  const format = (row: number) => (row * tick).toFixed(2).padStart(LABEL);
  const rows = series.map((bits) => Math.min(Math.round(bits / tick), max)); // each point at the label nearest to it
  const plot = asciichart.plot(rows, { height: max - min, min, max, offset: 3, format });
  for (const row of plot.split("\n")) lines.push(pc.dim(row.slice(0, LABEL + 2)) + pc.cyan(row.slice(LABEL + 2).trimEnd()));
  return [...lines, pc.dim(`${" ".repeat(LABEL + 1)}${String(first).padEnd(8)}${`step ${steps}`.padStart(plotted - 7)}`)];
}

/** The value at the end of each column that the run has reached; in the last one, that of the last step. */
function resample(curve: readonly number[], steps: number, columns: number): number[] {
  const reached = Array.from({ length: columns }, (_, i) => i).filter((i) => Math.floor((i * steps) / columns) < curve.length);
  return reached.map((i) => {
    const [from, to] = [Math.floor((i * steps) / columns), Math.floor(((i + 1) * steps) / columns)];
    return curve[Math.min(curve.length, Math.max(from + 1, to)) - 1] as number;
  });
}
