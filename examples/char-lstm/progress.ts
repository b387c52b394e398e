/** What is seen while it learns: the library's reporter on a terminal, plain lines in a pipe; samples on the way, the curve at the end. */
import pc from "picocolors";
import type { Callbacks, Progress } from "wasm-rnn";
import { terminalReporter } from "wasm-rnn/terminal";
import { lossChart } from "./chart.js";
import { grouped, snippet, width } from "./format.js";

/** Lines that a piped run prints about its progress. */
const PLAIN_LINES = 20;
/** How much less each step weighs than the next in the loss that is shown: a mean over about the last 20 steps. */
const SMOOTHING = 0.95;

export interface Watched {
  /** Steps done before, and of the whole run. */
  readonly first: number;
  readonly steps: number;
  readonly charsPerStep: number;
  /** Samples per batch. */
  readonly batch: number;
  /** Steps between two samples. */
  readonly every: number;
  sample(step: number): string;
}

/** Callbacks for `fit`; everything is in bits per character. */
export function watch({ first, steps, charsPerStep, batch, every, sample }: Watched): Callbacks {
  const reporter = terminalReporter({ unit: "chars" });
  const curve: number[] = [];
  let [sum, weight, printed] = [0, 0, 0];
  const plain = (step: number, charsPerSecond: number) => {
    printed = step;
    const percent = String(Math.floor((100 * step) / steps)).padStart(3);
    console.log(`${percent} %  ${step}/${steps}  ${curve[curve.length - 1].toFixed(3)} bits/char  ${grouped(charsPerSecond)} chars/s`);
  };
  let last: Progress | undefined;
  return {
    onProgress(progress) {
      const { step } = progress;
      sum = SMOOTHING * sum + progress.loss / Math.LN2;
      weight = SMOOTHING * weight + 1;
      curve.push(sum / weight);
      const stepsPerSecond = progress.rate / batch;
      const rate = stepsPerSecond * charsPerStep;
      last = { ...progress, done: step, total: steps, rate, timeLeft: (steps - step) / stepsPerSecond, loss: sum / weight };
      reporter.onProgress?.(last);
      if (!process.stdout.isTTY && (step % Math.max(1, Math.ceil(steps / PLAIN_LINES)) === 0 || step === steps)) plain(step, rate);
      if (step % every !== 0 || step === steps) return;
      const head = `\n  ${pc.bold(`after ${grouped(step)} steps`)} ${pc.dim(`· ${(sum / weight).toFixed(2)} bits/char`)}`;
      reporter.print([head, ...snippet(sample(step), width() - 6).map((line) => `  ${pc.dim("│")} ${line}`), ""].join("\n"));
    },
    onEpoch: (report) => reporter.onEpoch?.({ ...report, loss: report.loss / Math.LN2 }),
    onEnd() {
      reporter.onEnd?.();
      if (!last) return;
      if (!process.stdout.isTTY && printed < last.step) plain(last.step, last.rate); // Ctrl-C, between two lines
      console.log(`\n${lossChart(curve, steps, width() - 2, first).join("\n")}`);
    },
  };
}
