/** One bar, and lines above it; where no bar can be drawn, a line every few seconds. */
import { MultiBar, Presets } from "cli-progress";
import { grouped } from "../shared/text.js";

const EVERY_MS = 5000;

export class Progress {
  readonly #unit: string;
  readonly #bars: MultiBar | undefined;
  readonly #bar: ReturnType<MultiBar["create"]> | undefined;
  #said = Date.now();

  constructor(total: number, unit: string) {
    this.#unit = unit;
    if (!process.stdout.isTTY) return;
    const format = "  {bar} {percentage} %  {value} of {total} {unit}  {duration_formatted}, {eta_formatted} to go";
    this.#bars = new MultiBar({ format, stream: process.stdout, hideCursor: true, clearOnComplete: true }, Presets.shades_grey);
    this.#bar = this.#bars.create(total, 0, { unit });
  }

  update(done: number, total: number): void {
    this.#bar?.setTotal(total);
    this.#bar?.update(done, { unit: this.#unit });
    if (this.#bar || Date.now() - this.#said < EVERY_MS) return;
    this.#said = Date.now();
    console.log(`  ${grouped(done)} of ${grouped(total)} ${this.#unit}`);
  }

  say(line: string): void {
    if (this.#bars) this.#bars.log(`${line}\n`);
    else console.log(line);
  }

  stop(): void {
    this.#bars?.stop();
  }
}
