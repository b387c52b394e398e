/** The lines about a run: one that is drawn again and again, one for each epoch. */
import type { EpochReport, Progress } from "../training/fit-options.js";
import { type Colors, widthOf, wrapped } from "./text.js";

const BAR = 24;
const LEAST_BAR = 6;
const GAP = 2;
/** What a report has beside its metrics. */
const FIXED: readonly string[] = ["epoch", "loss", "lr", "validation"];

/** How a run is spoken of. */
export interface Style {
  readonly title: string;
  readonly unit: string;
  readonly colours: Colors;
}

/** One line of at most so many columns: where there is no room the bar shrinks, and rate, time, percent and title go, in this order. */
export function progressLine(progress: Progress, { title, unit, colours }: Style, columns: number): string {
  const { done, total, epoch, epochs, loss, rate } = progress;
  const part = total === undefined ? undefined : Math.min(1, done / total);
  // As they stand, and how much each is wanted: 1 most.
  const parts: [text: string, rank: number][] = [
    [title, 3],
    [part === undefined ? "" : `${String(Math.floor(100 * part)).padStart(3)} %`, 4],
    [`epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`, 1],
    [`loss ${loss.toFixed(4)}`, 2],
    [`${Math.round(rate).toLocaleString("en-US")} ${unit}/s`, 6],
    [timeOf(progress), 5],
  ];
  let room = columns;
  const shown = new Set<string>();
  for (const [text] of [...parts].sort(([, a], [, b]) => a - b)) {
    const width = text === "" ? 0 : GAP + widthOf(text);
    if (width === 0 || width > room) continue;
    shown.add(text);
    room -= width;
  }
  const length = part === undefined || room < GAP + LEAST_BAR ? 0 : Math.min(BAR, room - GAP);
  const filled = Math.floor(length * (part ?? 0));
  const bar = length > 0 ? `${colours.cyan("━".repeat(filled))}${colours.dim("─".repeat(length - filled))}` : "";
  const [first = "", ...rest] = parts.map(([text]) => (shown.has(text) ? text : ""));
  return [first, bar, ...rest].flatMap((text) => (text === "" ? [] : [" ".repeat(GAP) + text])).join("");
}

function timeOf({ timeLeft }: Progress): string {
  if (timeLeft === undefined || !Number.isFinite(timeLeft)) return "";
  const seconds = Math.round(timeLeft);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} left`;
}

/** One line, or where it is longer several, each figure whole. @param columns undefined: as long as it is */
export function epochLines(report: EpochReport, { title, colours }: Style, columns?: number): string[] {
  const figures = (of: object) =>
    Object.entries(of).flatMap(([name, value]) => (FIXED.includes(name) ? [] : [`${name} ${(value as number).toFixed(3)}`]));
  const { validation } = report;
  const seen = validation ? [`validation loss ${validation.loss.toFixed(4)}`, ...figures(validation)] : figures(report);
  const head = [...(title === "" ? [] : [title]), colours.dim(`epoch ${String(report.epoch).padStart(3)}`)].join(" ".repeat(GAP));
  const lines: string[] = [];
  let now = " ".repeat(GAP) + head;
  for (const figure of [`loss ${report.loss.toFixed(4)}`, ...seen]) {
    if (widthOf(now) + GAP + widthOf(figure) > (columns ?? Number.POSITIVE_INFINITY)) {
      lines.push(now);
      now = " ".repeat(GAP); // and the gap: under what it belongs to
    }
    now += " ".repeat(GAP) + figure;
  }
  lines.push(now);
  return columns === undefined ? lines : lines.flatMap((line) => wrapped(line, columns));
}
