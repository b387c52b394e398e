import cliProgress from "cli-progress";
import pc from "picocolors";
import { CHART_ROWS, lossChart } from "./chart.js";
import { bitsOf, clock, grouped, snippet, width } from "./format.js";

/** Lines that a piped run prints about its progress. */
const PLAIN_LINES = 20;
/** Time over which speed is measured and loss is averaged, as a share of what came before. */
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
    this.smoothed = Number.NaN;
    this.every = Math.max(1, Math.ceil(session.steps / PLAIN_LINES));
    this.live = process.stdout.isTTY === true;
    if (this.live) this.#open();
  }

  #open() {
    const showsChart = (process.stdout.rows ?? 24) >= CHART_ROWS + 8;
    const barsize = Math.max(8, Math.min(36, width() - 68));
    this.bars = new cliProgress.MultiBar({
      stream: process.stdout,
      fps: 8,
      hideCursor: true,
      forceRedraw: true, // a line scrolled by a sample would otherwise not be drawn anew
      barsize,
      barCompleteChar: "━",
      barIncompleteChar: "─",
      autopadding: true,
      emptyOnZero: true,
      formatBar: (/** @type {number} */ progress) => {
        const done = Math.round(progress * barsize);
        return pc.cyan("━".repeat(done)) + pc.dim("─".repeat(barsize - done));
      },
    });
    const format = `  {bar} {percentage} %  {value}/{total}  ${pc.bold("{loss}")} bits/char  {speed} chars/s  {time}`;
    this.bar = this.bars.create(this.session.steps, this.first, { loss: "    ", speed: "     -", time: "" }, { format });
    const rows = showsChart ? CHART_ROWS + 1 : 0;
    this.rows = Array.from({ length: rows }, () => this.bars?.create(1, 0, { line: "" }, { format: "{line}" }));
    this.bars.on("update-pre", () => this.#drawChart());
    // One write for each picture, so that none is seen half drawn.
    this.bars.on("redraw-pre", () => process.stdout.cork());
    this.bars.on("redraw-post", () => process.stdout.uncork());
    this.#drawChart();
  }

  #drawChart() {
    if (!this.rows?.length) return;
    const lines = ["", ...lossChart(this.session.history, this.session.steps, width() - 2)];
    this.rows.forEach((row, i) => row?.update({ line: lines[i] ?? "" }));
  }

  /** @returns {{ loss: string, speed: string, left: number, taken: number }} */
  #figures() {
    const { step, steps } = this.session;
    const taken = (performance.now() - this.started - this.paused) / 1000;
    const done = step - this.first;
    const perStep = taken / done;
    return { loss: this.smoothed.toFixed(3), speed: grouped(this.charsPerStep / perStep), left: (steps - step) * perStep, taken };
  }

  /** @param {number} loss of the step just done, in nats */
  update(loss) {
    const { step, steps } = this.session;
    const bits = bitsOf(loss);
    this.smoothed = Number.isNaN(this.smoothed) ? bits : SMOOTHING * this.smoothed + (1 - SMOOTHING) * bits;
    const figures = this.#figures();
    const time = step < steps ? `${clock(figures.left)} left` : `${clock(figures.taken)} taken`;
    if (this.bar) {
      this.bar.update(step, { loss: figures.loss, speed: figures.speed.padStart(6), time });
    } else if (step % this.every === 0 || step === steps) {
      const percent = String(Math.floor((100 * step) / steps)).padStart(3);
      const at = String(step).padStart(String(steps).length);
      console.log(`${percent} %  ${at}/${steps}  ${figures.loss} bits/char  ${figures.speed.padStart(6)} chars/s  ${time}`);
    }
  }

  /** @param {string} text written by the model as it is now */
  sample(text) {
    const begun = performance.now();
    const head = `  ${pc.bold(`after ${grouped(this.session.step)} steps`)} ${pc.dim(`· ${this.smoothed.toFixed(2)} bits/char`)}`;
    const lines = [head, ...snippet(text, width() - 6, SAMPLE_LINES).map((line) => `  ${pc.dim("│")} ${line}`), ""];
    if (this.bars) this.bars.log(lines.map((line) => `${line}\x1b[K\n`).join(""));
    else console.log(`\n${lines.join("\n")}`);
    this.paused += performance.now() - begun;
  }

  /** Leaves the last picture standing, or in a pipe prints the curve. */
  close() {
    if (this.bars) {
      this.bars.update();
      this.bars.stop();
      if (this.rows?.length) return;
    }
    console.log(`\n${lossChart(this.session.history, this.session.steps, width() - 2).join("\n")}`);
  }

  /** Gives the terminal back as it was, at once. */
  abandon() {
    this.bars?.stop();
  }
}
