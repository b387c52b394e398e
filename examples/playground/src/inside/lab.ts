/** What the tab knows and does; the networks themselves are in a worker. */
import { computed, signal } from "@preact/signals";
import { proxy, type Remote, wrap } from "comlink";
import { said } from "../shared/errors";
import { Keeper } from "../shared/keeper";
import { Newest } from "../shared/newest";
import { keep, kept } from "../shared/store";
import type { Door } from "./inside.worker";
import { isLearned, isShown } from "./kept";
import type { Learned, State } from "./laboratory";
import { LESSONS, type LessonName } from "./lessons";
import { readSequence } from "./sequence";
import { FIRST_SEED, UNITS } from "./sizes";
import type { Trace } from "./trace";

interface Kept {
  readonly lesson: LessonName;
  readonly texts: Readonly<Record<LessonName, string>>;
  readonly state: State;
}

const FIRST: Kept = {
  lesson: "letters",
  texts: { letters: "A quiet sea and a long road", numbers: "9, 4, 5, 3, 5, 4, 6, 5, 4, 5, 3, 4, 5, 6, 4, 5, 5, 4, 6, 5" },
  state: "fresh",
};
const KEY = "inside";
const learnedKey = (lesson: LessonName) => `inside.learned.${lesson}`;
const KEEPERS: Readonly<Record<LessonName, Keeper<Learned>>> = {
  letters: new Keeper(learnedKey("letters")),
  numbers: new Keeper(learnedKey("numbers")),
};

/** What is on the screen: a sequence, and what each cell made of it. */
export interface Shown {
  readonly lesson: LessonName;
  readonly labels: readonly string[];
  /** The class that the sequence begins with. */
  readonly first: number | undefined;
  readonly traces: readonly Trace[];
}

/** Whether nothing of the lesson is left. */
export function isOver({ report }: Learned): boolean {
  return report.done >= report.rounds;
}

export class Lab {
  readonly lesson = signal<LessonName>(FIRST.lesson);
  readonly texts = signal(FIRST.texts);
  readonly state = signal<State>(FIRST.state);
  readonly read = computed(() => readSequence(this.lesson.value, this.texts.value[this.lesson.value]));
  /** What was kept has been read. */
  readonly ready = signal(false);
  readonly shown = signal<Shown | undefined>(undefined);
  readonly step = signal(0);
  readonly unit = signal(0);
  /** The last lesson, as far as it has come. */
  readonly learned = signal<Readonly<Partial<Record<LessonName, Learned | undefined>>>>({});
  readonly training = signal(false);
  readonly problem = signal<string | undefined>(undefined);
  readonly #worker = new Worker(new URL("./inside.worker.ts", import.meta.url), { type: "module" });
  readonly #remote: Remote<Door> = wrap<Door>(this.#worker);
  readonly #newest = new Newest(async (isNewest) => {
    const [lesson, { labels, steps, first }] = [this.lesson.value, this.read.value];
    const traces = labels.length === 0 ? [] : await this.#remote.trace(lesson, this.state.value, steps);
    if (isNewest() || this.training.value) this.#show({ lesson, labels, first, traces });
  });

  constructor() {
    this.#worker.onerror = () => this.#fail(new Error("The worker that computes the networks could not be started."));
    void this.#begin();
  }

  type(text: string): void {
    this.texts.value = { ...this.texts.value, [this.lesson.value]: text };
    this.#changed();
  }

  choose(change: { lesson?: LessonName; state?: State }): void {
    if (change.lesson) this.lesson.value = change.lesson;
    if (change.state) this.state.value = change.state;
    if (!this.learned.value[this.lesson.value] && !this.training.value) this.state.value = "fresh";
    this.#changed();
  }

  /** To a step and a unit that there are. */
  go(step: number, unit = this.unit.value): void {
    const last = (this.shown.value?.labels.length ?? 1) - 1;
    this.step.value = Math.min(Math.max(step, 0), Math.max(last, 0));
    this.unit.value = Math.min(Math.max(unit, 0), UNITS - 1);
  }

  /** From other weights than the last time, or on from where that was left. */
  async train(goOn = false): Promise<void> {
    const lesson = this.lesson.value;
    const before = this.learned.value[lesson];
    const onRound = (learned: Learned) => {
      this.learned.value = { ...this.learned.value, [lesson]: learned };
      void KEEPERS[lesson].keep(learned, false);
      if (learned.report.done === 1 && this.lesson.value === lesson) this.choose({ state: "trained" });
      void this.#refresh();
    };
    if (!goOn) this.learned.value = { ...this.learned.value, [lesson]: undefined };
    this.problem.value = undefined;
    this.training.value = true;
    try {
      const from = goOn && before ? before : before ? before.seed + 1 : FIRST_SEED;
      await this.#remote.train(lesson, from, proxy(onRound));
      await KEEPERS[lesson].flush();
    } catch (problem) {
      this.#fail(problem);
    }
    this.training.value = false;
  }

  stop(): void {
    void this.#remote.stop();
  }

  dispose(): void {
    for (const keeper of Object.values(KEEPERS)) void keeper.flush();
    this.#worker.terminate();
  }

  async #begin(): Promise<void> {
    const before = await kept<Kept>(KEY);
    const { lesson, texts, state } = before && isShown(before) ? before : FIRST;
    await Promise.all(LESSONS.map((each) => this.#loadKept(each)));
    this.lesson.value = lesson;
    this.texts.value = texts;
    this.state.value = this.learned.value[lesson] ? state : "fresh";
    this.ready.value = true;
    await this.#refresh();
  }

  async #loadKept(lesson: LessonName): Promise<void> {
    const found = await kept<unknown>(learnedKey(lesson));
    if (!isLearned(found)) return;
    try {
      await this.#remote.load(lesson, found);
      this.learned.value = { ...this.learned.value, [lesson]: found };
    } catch {
      await KEEPERS[lesson].forget(); // of another version of the page
    }
  }

  #changed(): void {
    void keep(KEY, { lesson: this.lesson.value, texts: this.texts.value, state: this.state.value } satisfies Kept);
    void this.#refresh();
  }

  #refresh(): Promise<void> {
    return this.#newest.want().catch((problem) => this.#fail(problem));
  }

  #show(shown: Shown): void {
    this.shown.value = shown.labels.length === 0 ? undefined : shown;
    this.go(this.step.value);
  }

  #fail(problem: unknown): void {
    this.problem.value = said(problem);
  }
}
