import cliProgress from "cli-progress";
import pc from "picocolors";
import { CHART_ROWS, lossChart } from "./chart.js";
import { bitsOf, clock, grouped, snippet, width } from "./format.js";

/** Lines that a piped run prints about its progress. */
const PLAIN_LINES = 20;
/** How much less each step weighs than the next in the loss that is shown: a mean over about the last 20 steps. */
const SMOOTHING = 0.95;
const SAMPLE_LINES = 3;

/** What is seen while it learns: on a terminal a bar and a living curve, with samples scrolling by above them; in a pipe plain lines. */
export class Progress {
  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.session = session;
    this.first = session.step;
    this.charsPerStep = session.settings.batch * session.settings.length;
    this.started = performance.now();
    this.paused = 0;
    /** @type {number[]} after each step of the run: the loss that is shown, in bits per character */
    this.curve = [];
    this.sum = 0;
    this.weight = 0;
    for (const loss of session.history) this.#extend(loss);
    this.printed = session.step;
    this.every = Math.max(1, Math.ceil(session.steps / PLAIN_LINES));
    /** @type {import("cli-progress").SingleBar[]} one for each line of the picture */
    this.rows = [];
    this.live = process.stdout.isTTY === true;
    if (this.live) this.#open();
  }

  /** @param {number} loss in nats */
  #extend(loss) {
    this.sum = SMOOTHING * this.sum + bitsOf(loss);
    this.weight = SMOOTHING * this.weight + 1;
    this.curve.push(this.sum / this.weight);
  }

  #open() {
    const showsChart = (process.stdout.rows ?? 24) >= CHART_ROWS + 8;
    this.bars = new cliProgress.MultiBar({
      stream: process.stdout,
      fps: 8,
      hideCursor: true,
      forceRedraw: true, // a line scrolled by a sample would otherwise not be drawn anew
      clearOnComplete: true, // its last picture would be cut by a width that counts colours; close() prints it
      format: (/** @type {object} */ _options, /** @type {object} */ _params, /** @type {{ line: string }} */ { line }) => line,
    });
    // The bar, and below it the chart, line by line.
    const rows = showsChart ? CHART_ROWS + 2 : 1;
    for (let i = 0; i < rows; i++) this.rows.push(this.bars.create(1, 0, { line: "" }));
    this.bars.on("update-pre", () => this.#draw());
    // One write for each picture, so that none is seen half drawn.
    this.bars.on("redraw-pre", () => process.stdout.cork());
    this.bars.on("redraw-post", () => process.stdout.uncork());
  }

  #draw() {
    const lines = this.#picture();
    for (const [i, row] of this.rows.entries()) row.update({ line: lines[i] ?? "" });
  }

  /** @returns {string[]} the bar and the chart */
  #picture() {
    return [this.#bar(), "", ...lossChart(this.curve, this.session.steps, width() - 2)];
  }

  #bar() {
    const { step, steps } = this.session;
    if (step === this.first) return "";
    const { percent, at, loss, speed, time } = this.#figures();
    const numbers = `${percent} %  ${width() < 76 ? "" : `${at}/${steps}  `}${pc.bold(loss)} bits/char  ${speed} chars/s  ${time}`;
    const columns = Math.max(8, Math.min(36, width() - 70));
    const done = Math.floor((columns * step) / steps);
    return `  ${pc.cyan("━".repeat(done))}${pc.dim("─".repeat(columns - done))} ${numbers}`;
  }

  /** What there is to say, each in its width. */
  #figures() {
    const { step, steps } = this.session;
    const taken = (performance.now() - this.started - this.paused) / 1000;
    const perStep = taken / (step - this.first);
    return {
      percent: String(Math.floor((100 * step) / steps)).padStart(3),
      at: String(step).padStart(String(steps).length),
      loss: this.curve[step - 1].toFixed(3),
      speed: grouped(this.charsPerStep / perStep).padStart(6),
      time: step < steps ? `${clock((steps - step) * perStep)} left` : `${clock(taken)} taken`,
    };
  }

  /** @param {number} loss of the step just done, in nats */
  update(loss) {
    const { step, steps } = this.session;
    this.#extend(loss);
    if (!this.live && (step % this.every === 0 || step === steps)) this.#print();
  }

  #print() {
    const { percent, at, loss, speed, time } = this.#figures();
    console.log(`${percent} %  ${at}/${this.session.steps}  ${loss} bits/char  ${speed} chars/s  ${time}`);
    this.printed = this.session.step;
  }

  /** @param {string} text written by the model as it is now */
  sample(text) {
    const begun = performance.now();
    const { step } = this.session;
    const head = `  ${pc.bold(`after ${grouped(step)} steps`)} ${pc.dim(`· ${this.curve[step - 1].toFixed(2)} bits/char`)}`;
    const lines = [head, ...snippet(text, width() - 6, SAMPLE_LINES).map((line) => `  ${pc.dim("│")} ${line}`), ""];
    if (this.bars) this.bars.log(lines.map((line) => `${line}\x1b[K\n`).join(""));
    else console.log(`\n${lines.join("\n")}`);
    this.paused += performance.now() - begun;
  }

  /** Leaves the last picture standing; in a pipe, the last line and the curve. */
  close() {
    this.bars?.update(); // samples that wait
    this.bars?.stop();
    const [bar, ...chart] = this.#picture();
    if (this.live) console.log(bar);
    else if (this.printed < this.session.step) this.#print(); // Ctrl-C, between two lines
    console.log(chart.map((line) => (this.live ? line : line.trimEnd())).join("\n"));
  }

  /** Gives the terminal back as it was, at once. */
  abandon() {
    this.bars?.stop();
  }
}
