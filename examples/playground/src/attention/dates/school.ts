/** What the tab knows of dates; the network itself is in a worker. */
import { signal } from "@preact/signals";
import { proxy, type Remote, wrap } from "comlink";
import { said } from "../../shared/errors";
import { Keeper } from "../../shared/keeper";
import { Newest } from "../../shared/newest";
import { isBytes, isCount, isNumber, listOf, objectOf } from "../../shared/shapes";
import { keep, kept } from "../../shared/store";
import type { Door } from "./dates.worker";
import type { Learned, Written } from "./learner";

const TEXT = "attention.date";
const WEIGHTS = "attention.dates";

const shape = objectOf({
  report: objectOf({ done: isCount, rounds: isCount, right: isNumber }),
  ...{ model: isBytes, optimizer: isBytes, random: listOf(isNumber) },
  schedule: objectOf({}),
});
const isLearned = (value: unknown): value is Learned => shape(value);

const keeper = new Keeper<Learned>(WEIGHTS);

export const EXAMPLES = ["Sunday, 14 March 2021", "the 3rd of October, 1990", "7.11.1984", "Oct. 31st 1999", "February 29, 2000"];

export class School {
  readonly text = signal("");
  readonly written = signal<Written | undefined>(undefined);
  /** The last lesson, as far as it has come. */
  readonly learned = signal<Learned | undefined>(undefined);
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

  /** From the beginning, or on from where it was left. */
  async learn(goOn = false): Promise<void> {
    const from = goOn ? this.learned.value : undefined;
    this.problem.value = undefined;
    this.learned.value = from;
    this.learning.value = true;
    try {
      const onRound = (learned: Learned) => {
        this.learned.value = learned;
        void keeper.keep(learned, false);
        void this.#refresh();
      };
      await this.#remote.learn(from, proxy(onRound));
      await keeper.flush();
    } catch (problem) {
      this.#fail(problem);
    }
    this.learning.value = false;
  }

  stop(): void {
    void this.#remote.stop();
  }

  dispose(): void {
    void keeper.flush();
    this.#worker.terminate();
  }

  async #begin(): Promise<void> {
    const [text, found] = await Promise.all([kept<unknown>(TEXT), kept<unknown>(WEIGHTS)]);
    try {
      if (isLearned(found)) {
        await this.#remote.load(found);
        this.learned.value = found;
      }
    } catch {
      await keeper.forget(); // of another version of the page
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
