import asciichart from "asciichart";
import pc from "picocolors";
import { bitsOf } from "./format.js";

const HEIGHT = 8;
const LABEL = 7; // columns of the axis's numbers

/** Columns at the start whose fall from chance would press the rest flat: they may leave the chart at its top. */
const OPENING = 2;

/** Rows that a chart takes. */
export const CHART_ROWS = HEIGHT + 3;

/**
 * The loss so far, in bits per character, over all steps of the run.
 *
 * @param {number[]} history losses in nats
 * @param {number} steps of the whole run
 * @param {number} columns
 * @returns {string[]} CHART_ROWS lines
 */
export function lossChart(history, steps, columns) {
  const plotted = columns - LABEL - 3;
  const series = resample(history, steps, plotted);
  const lines = [pc.dim("  training loss, bits per character")];
  if (series.length === 0) return [...lines, ...new Array(CHART_ROWS - 1).fill("")];
  const low = Math.min(...series);
  const tick = tickFor(low, Math.max(...series.slice(series.length > OPENING * 10 ? OPENING : 0)));
  const min = Math.floor(low / tick) * tick;
  const max = min + HEIGHT * tick;
  const format = (/** @type {number} */ x) => x.toFixed(2).padStart(LABEL);
  const plot = asciichart.plot(
    series.map((bits) => Math.min(bits, max)),
    { height: HEIGHT, min, max, offset: 3, format },
  );
  for (const row of plot.split("\n")) lines.push(pc.dim(row.slice(0, LABEL + 2)) + pc.cyan(row.slice(LABEL + 2)));
  lines.push(pc.dim(`${" ".repeat(LABEL + 1)}0${`step ${steps}`.padStart(plotted)}`));
  return lines;
}

/**
 * The smallest of the round distances that put both numbers on the chart, so that the axis bears round numbers and stays in place.
 *
 * @param {number} low
 * @param {number} high
 */
function tickFor(low, high) {
  const round = [0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1, 2, 5];
  return round.find((tick) => Math.floor(low / tick) + HEIGHT >= high / tick) ?? (high - low) / (HEIGHT - 1);
}

/**
 * One mean for each column that the run has reached.
 *
 * @param {number[]} history
 * @param {number} steps
 * @param {number} columns
 * @returns {number[]} bits
 */
function resample(history, steps, columns) {
  const series = [];
  for (let column = 0; column < columns; column++) {
    const from = Math.floor((column * steps) / columns);
    if (from >= history.length) break;
    const to = Math.min(history.length, Math.max(from + 1, Math.floor(((column + 1) * steps) / columns)));
    let sum = 0;
    for (let i = from; i < to; i++) sum += history[i];
    series.push(bitsOf(sum / (to - from)));
  }
  return series;
}
