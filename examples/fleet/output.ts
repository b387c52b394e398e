/** Results in the order of the input, and beside them what was set aside. Both files are there as a whole or not at all. */
import { type FileHandle, open, rename } from "node:fs/promises";
import { isRejected, type Scored } from "./score.js";
import type { Span } from "./spans.js";

export class Output {
  readonly #scores: Lines;
  readonly #rejected: Lines;
  #next = 1;
  rejected = 0;

  private constructor(scores: Lines, rejected: Lines) {
    [this.#scores, this.#rejected] = [scores, rejected];
  }

  static async open(scores: string): Promise<Output> {
    return new Output(await Lines.open(scores), await Lines.open(rejectedBeside(scores)));
  }

  /** Lines that are in one of the two files. */
  get lines(): number {
    return this.#next - 1;
  }

  /** @throws {Error} when a line is left out or comes again */
  async add({ line, lines }: Span, scored: readonly Scored[]): Promise<void> {
    if (line !== this.#next || scored.length !== lines)
      throw new Error(`expected line ${this.#next} next, got ${scored.length} results for ${lines} lines from ${line} on`);
    this.#next += lines;
    for (const [i, each] of scored.entries()) {
      const text = `${JSON.stringify({ line: line + i, ...each })}\n`;
      if (isRejected(each)) this.rejected++;
      await (isRejected(each) ? this.#rejected : this.#scores).write(text);
    }
  }

  async close(): Promise<void> {
    await this.#scores.close();
    await this.#rejected.close();
  }
}

export const rejectedBeside = (scores: string): string => scores.replace(/(\.jsonl)?$/, ".rejected.jsonl");

/** A text file that appears when it is complete and on the disk. */
class Lines {
  readonly #file: string;
  readonly #handle: FileHandle;
  #text = "";

  private constructor(file: string, handle: FileHandle) {
    [this.#file, this.#handle] = [file, handle];
  }

  static async open(file: string): Promise<Lines> {
    return new Lines(file, await open(`${file}.tmp`, "w"));
  }

  async write(text: string): Promise<void> {
    this.#text += text;
    if (this.#text.length > 65_536) await this.#flush();
  }

  async #flush(): Promise<void> {
    const text = this.#text;
    this.#text = "";
    await this.#handle.appendFile(text);
  }

  async close(): Promise<void> {
    await this.#flush();
    await this.#handle.sync();
    await this.#handle.close();
    await rename(`${this.#file}.tmp`, this.#file);
  }
}
