/** What the tab knows of dates; the network itself is in a worker. */
import { signal } from "@preact/signals";
import { proxy, type Remote, wrap } from "comlink";
import { said } from "../../shared/errors";
import { Newest } from "../../shared/newest";
import { forget, keep, kept } from "../../shared/store";
import type { Door } from "./dates.worker";
import type { Report, Written } from "./learner";

const TEXT = "attention.date";
const WEIGHTS = "attention.dates";

interface Kept {
  readonly file: Uint8Array;
  readonly report: Report;
}

export const EXAMPLES = ["Sunday, 14 March 2021", "the 3rd of October, 1990", "7.11.1984", "Oct. 31st 1999", "February 29, 2000"];

export class School {
  readonly text = signal("");
  readonly written = signal<Written | undefined>(undefined);
  readonly report = signal<Report | undefined>(undefined);
  readonly learning = signal(false);
  readonly problem = signal<string | undefined>(undefined);
  /** What was kept has been read. */
  readonly ready = signal(false);
  readonly #worker = new Worker(new URL("./dates.worker.ts", import.meta.url), { type: "module" });
  readonly #remote: Remote<Door> = wrap<Door>(this.#worker);
  readonly #newest = new Newest(async () => {
    const text = this.text.value.trim();
    this.written.value = text === "" ? undefined : await this.#remote.write(text);
  });

  constructor() {
    this.#worker.onerror = () => this.#fail(new Error("The worker that computes the network could not be started."));
    void this.#begin();
  }

  type(text: string): void {
    this.text.value = text;
    void keep(TEXT, text);
    void this.#refresh();
  }

  async learn(): Promise<void> {
    this.problem.value = undefined;
    this.report.value = undefined;
    this.learning.value = true;
    try {
      const reported = (report: Report) => {
        this.report.value = report;
        void this.#refresh();
      };
      const report = await this.#remote.learn(proxy(reported));
      await keep(WEIGHTS, { file: await this.#remote.save(), report } satisfies Kept);
    } catch (problem) {
      this.#fail(problem);
    }
    this.learning.value = false;
  }

  stop(): void {
    void this.#remote.stop();
  }

  dispose(): void {
    this.#worker.terminate();
  }

  async #begin(): Promise<void> {
    const [text, found] = await Promise.all([kept<unknown>(TEXT), kept<Kept>(WEIGHTS)]);
    try {
      if (found) {
        await this.#remote.load(found.file);
        this.report.value = found.report;
      }
    } catch {
      await forget(WEIGHTS); // of another version of the page
    }
    this.text.value = typeof text === "string" && text ? text : (EXAMPLES[0] as string);
    this.ready.value = true;
    await this.#refresh();
  }

  #refresh(): Promise<void> {
    return this.#newest.want().catch((problem) => this.#fail(problem));
  }

  #fail(problem: unknown): void {
    this.problem.value = said(problem);
  }
}
