import asciichart from "asciichart";
import pc from "picocolors";

const HEIGHT = 8;
const LABEL = 7; // columns of the axis's numbers

/** Columns at the start whose fall from chance would press the rest flat: they may leave the chart at its top. */
const OPENING = 2;

/** Rows that a chart takes at most. */
export const CHART_ROWS = HEIGHT + 3;

/**
 * The loss so far over all steps of the run. The axis bears round numbers, and its first and last row are in use.
 *
 * @param {number[]} curve bits per character after each step
 * @param {number} steps of the whole run
 * @param {number} columns
 * @returns {string[]} up to CHART_ROWS lines
 */
export function lossChart(curve, steps, columns) {
  const plotted = columns - LABEL - 3;
  const series = resample(curve, steps, plotted);
  const lines = [pc.dim("  training loss, bits per character")];
  if (series.length === 0) return lines;
  const low = Math.min(...series);
  const high = Math.max(...series.slice(series.length > OPENING * 10 ? OPENING : 0));
  const tick = tickFor(low, high);
  const [min, max] = [Math.round(low / tick), Math.round(high / tick)];
  const format = (/** @type {number} */ row) => (row * tick).toFixed(2).padStart(LABEL);
  const plot = asciichart.plot(
    series.map((bits) => Math.min(Math.round(bits / tick), max)), // in rows, so that each point is at the label nearest to it
    { height: max - min, min, max, offset: 3, format },
  );
  for (const row of plot.split("\n")) lines.push(pc.dim(row.slice(0, LABEL + 2)) + pc.cyan(row.slice(LABEL + 2)));
  lines.push(pc.dim(`${" ".repeat(LABEL + 1)}0${`step ${steps}`.padStart(plotted)}`));
  return lines;
}

/**
 * The smallest of the round distances that put both numbers on the chart.
 *
 * @param {number} low
 * @param {number} high
 */
function tickFor(low, high) {
  const round = [0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10, 20, 50];
  return round.find((tick) => Math.round(high / tick) - Math.round(low / tick) <= HEIGHT) ?? (high - low) / (HEIGHT - 1);
}

/**
 * The value at the end of each column that the run has reached; in the last one, that of the last step.
 *
 * @param {number[]} curve
 * @param {number} steps
 * @param {number} columns
 * @returns {number[]}
 */
function resample(curve, steps, columns) {
  const series = [];
  for (let column = 0; column < columns; column++) {
    const from = Math.floor((column * steps) / columns);
    if (from >= curve.length) break;
    const to = Math.min(curve.length, Math.max(from + 1, Math.floor(((column + 1) * steps) / columns)));
    series.push(curve[to - 1]);
  }
  return series;
}
