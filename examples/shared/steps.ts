/** A run that is counted in steps, as it is seen: the library's reporter on a terminal, plain lines in a pipe, the curve at the end. */
import type { Callbacks, Progress } from "wasm-rnn";
import { terminalReporter } from "wasm-rnn/terminal";
import { lossChart } from "./chart.js";
import { grouped, width } from "./text.js";

/** Lines that a piped run prints about its progress. */
const PLAIN_LINES = 20;
/** How much less each step weighs than the next in the loss that is shown: a mean over about the last 20 steps. */
const SMOOTHING = 0.95;

export interface StepOptions {
  /** Steps done before, and of the whole run. */
  readonly first: number;
  readonly steps: number;
  /** Of the training samples: what is counted, how many are in one of them, and how many samples make a step. */
  readonly unit: string;
  readonly perSample: number;
  readonly batch: number;
  /** What the loss is shown in, and how many nats that is. */
  readonly measure: string;
  readonly nats: number;
  /** Lines to print after a step. @param loss as it is shown */
  after?(step: number, loss: number): string | undefined;
}

/** Callbacks for `fit`; the last step may be in the middle of a pass. */
export function stepReporter(options: StepOptions): Callbacks {
  const { first, steps, unit, perSample, batch, measure, nats, after } = options;
  const reporter = terminalReporter({ unit });
  const curve: number[] = [];
  let [sum, weight, printed] = [0, 0, 0];
  let last: Progress | undefined;
  const plain = ({ step, rate, loss }: Progress) => {
    printed = step;
    const percent = String(Math.floor((100 * step) / steps)).padStart(3);
    console.log(`${percent} %  ${step}/${steps}  ${loss.toFixed(3)} ${measure}  ${grouped(rate)} ${unit}/s`);
  };
  return {
    onProgress(progress) {
      const { step } = progress;
      sum = SMOOTHING * sum + progress.loss / nats;
      weight = SMOOTHING * weight + 1;
      const loss = sum / weight;
      curve.push(loss);
      const timeLeft = ((steps - step) * batch) / progress.rate;
      last = { ...progress, done: step, total: steps, rate: progress.rate * perSample, timeLeft, loss };
      reporter.onProgress(last);
      if (!process.stdout.isTTY && (step % Math.max(1, Math.ceil(steps / PLAIN_LINES)) === 0 || step === steps)) plain(last);
      const lines = after?.(step, loss);
      if (lines !== undefined) reporter.print(lines);
    },
    onEpoch: (report) => reporter.onEpoch({ ...report, loss: report.loss / nats }),
    onEnd() {
      reporter.onEnd();
      if (!last) return;
      if (!process.stdout.isTTY && printed < last.step) plain(last); // Ctrl-C, between two lines
      console.log(`\n${lossChart(curve, { steps, columns: width() - 2, first, measure }).join("\n")}`);
    },
  };
}
