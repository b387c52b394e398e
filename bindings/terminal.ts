/**
 * Progress of `fit` in a terminal: a bar while it learns, a line for each epoch, the curve of the loss at the end. Node only.
 *
 * @module wasm-rnn/terminal
 */
import asciichart from "asciichart";
import cliProgress from "cli-progress";
import pc from "picocolors";
import { checkOptions, show } from "./checks.js";
import { ArgumentError } from "./errors.js";
import type { Callbacks, EpochReport, Progress } from "./training/fit-options.js";
import { METRICS } from "./training/metrics.js";

/** Options of terminalReporter. */
export interface TerminalReporterOptions {
  /** What a sample is called. Default `"samples"`. */
  unit?: string;
  /** Stands before the bar. */
  title?: string;
  /** Where it is drawn. Default: stdout. */
  stream?: NodeJS.WriteStream;
}

/** Callbacks for `fit`, and a way to say more. */
export interface TerminalReporter extends Required<Callbacks> {
  /** Prints lines of one's own, above the bar. */
  print(text: string): void;
}

const CURVE_ROWS = 6;
const BAR = 24;

/**
 * Callbacks for `fit`. On a terminal a bar with loss, rate and time left, and a line for every epoch above it; elsewhere the lines
 * alone. At the end, where there were several epochs, the loss of each as a curve.
 *
 * @throws {ArgumentError}
 * @example
 * await fit(model, { data, loss, optimizer, epochs: 10, callbacks: terminalReporter({ unit: "sentences" }) });
 */
export function terminalReporter(options: TerminalReporterOptions = {}): TerminalReporter {
  checkOptions(options, ["unit", "title", "stream"]);
  const { unit = "samples", title = "", stream = process.stdout } = options;
  for (const [name, text] of Object.entries({ unit, title }))
    if (typeof text !== "string") throw new ArgumentError(name, "a string", show(text));
  if (typeof stream?.write !== "function")
    throw new ArgumentError("stream", "a stream that can be written, such as process.stderr", show(stream));
  const lead = title === "" ? "" : `${title}  `;
  const losses: number[] = [];
  let bars: InstanceType<typeof cliProgress.MultiBar> | undefined;
  let bar: { update(payload: object): void } | undefined;
  // When there is something to draw: its timer would keep a process alive whose training never began.
  const open = () => {
    if (stream.isTTY !== true || bars) return;
    bars = new cliProgress.MultiBar({
      ...{ stream, fps: 8, hideCursor: true, clearOnComplete: true, forceRedraw: true },
      format: (_options: object, _parameters: object, payload: { line?: string }) => payload.line ?? "",
    });
    bar = bars.create(1, 0, { line: "" });
  };
  const print = (text: string) => {
    if (typeof text !== "string") throw new ArgumentError("text", "a string", show(text));
    if (bars) bars.log(text.replace(/$/gm, "\x1b[K").concat("\n"));
    else stream.write(`${text}\n`);
  };
  return {
    print,
    onProgress(progress: Progress) {
      open();
      bar?.update({
        line: `  ${lead}${barOf(progress)}  loss ${progress.loss.toFixed(4)}  ${grouped(progress.rate)} ${unit}/s${timeOf(progress)}`,
      });
    },
    onEpoch(report: EpochReport) {
      losses.push(report.loss);
      print(`  ${lead}${epochLine(report)}`);
    },
    onEnd() {
      bars?.update(); // the last line waits
      bars?.stop();
      if (losses.length > 2) stream.write(`${curve(losses, stream.columns ?? 80)}\n`);
    },
  };
}

function barOf({ done, total, epoch, epochs }: Progress): string {
  const where = `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`;
  if (total === undefined) return where;
  const filled = Math.floor((BAR * done) / total);
  return `${pc.cyan("━".repeat(filled))}${pc.dim("─".repeat(BAR - filled))} ${String(Math.floor((100 * done) / total)).padStart(3)} %  ${where}`;
}

function timeOf({ timeLeft }: Progress): string {
  if (timeLeft === undefined) return "";
  const seconds = Math.round(timeLeft);
  return `  ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} left`;
}

function epochLine(report: EpochReport): string {
  const figures = (of: Partial<Record<(typeof METRICS)[number], number>>) =>
    METRICS.filter((name) => of[name] !== undefined).map((name) => `${name} ${(of[name] as number).toFixed(3)}`);
  const { validation } = report;
  const seen = validation ? [`validation loss ${validation.loss.toFixed(4)}`, ...figures(validation)] : figures(report);
  return `${pc.dim(`epoch ${String(report.epoch).padStart(3)}`)}  loss ${report.loss.toFixed(4)}  ${seen.join("  ")}`.trimEnd();
}

/** The losses over all columns, each column an epoch or several. */
function curve(losses: readonly number[], columns: number): string {
  const width = Math.max(10, Math.min(72, columns - 14));
  const series = Array.from({ length: width }, (_, i) => losses[Math.floor((i * losses.length) / width)] as number);
  const plot = asciichart.plot(series, { height: CURVE_ROWS, format: (value: number) => value.toFixed(4).padStart(10) });
  return [pc.dim("  loss, by epoch"), ...plot.split("\n").map((row: string) => row.slice(0, 12) + pc.cyan(row.slice(12).trimEnd()))].join(
    "\n",
  );
}

function grouped(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}
