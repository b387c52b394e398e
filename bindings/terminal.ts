/**
 * Progress of `fit` in a terminal: a bar while it learns, a line for each epoch, the curves of the losses at the end. Node only.
 *
 * @module wasm-rnn/terminal
 */
import cliProgress from "cli-progress";
import pc from "picocolors";
import { checkOptions, show } from "./checks.js";
import { ArgumentError } from "./errors.js";
import { curveOf } from "./terminal/curve.js";
import { epochLines, progressLine } from "./terminal/lines.js";
import { wrapped } from "./terminal/text.js";
import type { Callbacks, EpochReport, Progress } from "./training/fit-options.js";

/** What is written to, such as process.stderr; its own name is known only to Node's types. */
export interface TerminalStream {
  /** Writes text. */
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** Options of terminalReporter. */
export interface TerminalReporterOptions {
  /** What a sample is called. Default `"samples"`. */
  unit?: string;
  /** Stands before the bar. */
  title?: string;
  /** Where it is drawn. Default: stdout. */
  stream?: TerminalStream;
}

/** Callbacks for `fit`, and a way to say more. */
export interface TerminalReporter extends Callbacks {
  onProgress(progress: Progress): void;
  onEpoch(report: EpochReport): void;
  onEnd(): void;
  /** Prints lines of one's own, above the bar. */
  print(text: string): void;
}

/** Of a stream that does not say, such as a file: of the curve alone, other lines are as long as they are. */
const USUAL_COLUMNS = 80;

/**
 * Callbacks for `fit`. On a terminal a bar with loss, rate and time left, and a line for every epoch above it, none wider than the
 * terminal; elsewhere the lines alone. At the end, where there were several epochs, the loss of each as a curve, and as a second one that of the
 * validation. Without colours where `NO_COLOR` is set, or it is no terminal and `FORCE_COLOR` is not.
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
  const { isTerminal, canRedraw, hasColours } = abilitiesOf(stream);
  const style = { title, unit, colours: pc.createColors(hasColours) };
  // One column stays free: a terminal may go to the next line when the last one is written.
  const columns = () => Math.max(1, (stream.columns || USUAL_COLUMNS) - 1);
  const reports: EpochReport[] = [];
  let bars: InstanceType<typeof cliProgress.MultiBar> | undefined;
  let bar: { update(payload: object): void } | undefined;
  // When there is something to draw: its timer would keep a process alive whose training never began.
  const open = () => {
    if (!canRedraw || bars) return;
    bars = new cliProgress.MultiBar({
      ...{ stream: stream as NodeJS.WriteStream, fps: 8, hideCursor: true, clearOnComplete: true, forceRedraw: true },
      format: (_options: object, _parameters: object, { progress }: { progress?: Progress }) =>
        progress ? progressLine(progress, style, columns()) : "",
    });
    bar = bars.create(1, 0, {});
  };
  const write = (lines: readonly string[]) => {
    if (bars) bars.log(lines.map((line) => `${line}\x1b[K\n`).join(""));
    else stream.write(lines.map((line) => `${line}\n`).join(""));
  };
  return {
    print(text) {
      if (typeof text !== "string") throw new ArgumentError("text", "a string", show(text));
      write(isTerminal ? wrapped(text, columns()) : [text]);
    },
    onProgress(progress) {
      open();
      bar?.update({ progress });
    },
    onEpoch(report) {
      reports.push(report);
      write(epochLines(report, style, isTerminal ? columns() : undefined));
    },
    onEnd() {
      bars?.update(); // the last line waits
      bars?.stop();
      if (reports.length > 2) stream.write(`${curveOf(reports, columns(), style.colours).join("\n")}\n`);
    },
  };
}

/** Whether it has a width, whether lines can be drawn anew, and in colour. */
function abilitiesOf({ isTTY }: TerminalStream): { isTerminal: boolean; canRedraw: boolean; hasColours: boolean } {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  const isTerminal = isTTY === true;
  const canRedraw = isTerminal && TERM !== "dumb";
  return { isTerminal, canRedraw, hasColours: !NO_COLOR && (canRedraw || Boolean(FORCE_COLOR)) };
}
