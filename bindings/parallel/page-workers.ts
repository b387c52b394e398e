/** Workers of a page: one job a worker, the others wait; another worker in the place of one that fails. */
import { DisposedError, WorkerError } from "../errors.js";
import { textOf } from "../worker/connection.js";
import { buffersIn } from "../worker/moving.js";
import { sharesMemory } from "./host.js";
import type { Crew } from "./threads.js";
import type { Answer, Job } from "./wire.js";

/** A message to a worker, and its answer. */
export interface Numbered<V> {
  readonly number: number;
  readonly content: V;
}

interface Waiting {
  readonly job: Job;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

interface Hand {
  readonly worker: Worker;
  task: (Waiting & { readonly number: number }) | undefined;
  /** Parts that it has been sent. */
  readonly parts: Set<number>;
}

/** The workers, and the work that waits for them. */
export class PageWorkers implements Crew {
  readonly #make: () => Worker;
  readonly #queue: Waiting[] = [];
  readonly #hands = new Set<Hand>();
  readonly #isShared = sharesMemory();
  #next = 1;
  #isOver = false;

  /** @param make a worker that runs the script */
  constructor(make: () => Worker, workers: number) {
    this.#make = make;
    for (let i = 0; i < workers; i++) this.#add();
  }

  run(job: Job): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ job, resolve, reject });
      for (const hand of this.#hands) this.#give(hand);
    });
  }

  async end(): Promise<void> {
    this.#isOver = true;
    for (const hand of [...this.#hands]) this.#replace(hand, "the pool was disposed of");
    for (const { reject } of this.#queue.splice(0)) reject(new DisposedError("pool"));
  }

  #add(): void {
    const hand: Hand = { worker: this.#make(), task: undefined, parts: new Set() };
    this.#hands.add(hand);
    hand.worker.addEventListener("message", ({ data }: { data: Numbered<Answer> }) => {
      const { task } = hand;
      if (typeof data !== "object" || data === null || task === undefined || data.number !== task.number) return;
      hand.task = undefined;
      task.resolve(data.content);
      this.#give(hand);
    });
    hand.worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.#replace(hand, event.error ?? event.message ?? "a script that cannot be loaded");
    });
    hand.worker.addEventListener("messageerror", () => this.#replace(hand, "a message that cannot be read"));
    this.#give(hand);
  }

  /** Hands it what waits, where it has nothing to do. */
  #give(hand: Hand): void {
    const waiting = hand.task ? undefined : this.#queue.shift();
    if (!waiting) return;
    const { job } = waiting;
    const task = { ...waiting, number: this.#next++ };
    const parts = job.parts.map(({ id, bytes }) => ({ id, bytes: this.#isShared || !hand.parts.has(id) ? bytes : undefined }));
    try {
      hand.worker.postMessage({ number: task.number, content: { ...job, parts } } satisfies Numbered<Job>);
    } catch (error) {
      waiting.reject(error); // what cannot be sent: the worker has got nothing
      this.#give(hand);
      return;
    }
    for (const id of hand.parts) if (!job.live.includes(id)) hand.parts.delete(id); // as the worker does
    for (const { id } of job.parts) hand.parts.add(id);
    hand.task = task;
  }

  #replace(hand: Hand, cause: unknown): void {
    if (!this.#hands.delete(hand)) return;
    hand.worker.terminate();
    if (!this.#isOver) this.#add();
    hand.task?.reject(new WorkerError(`worker: expected it to run, got one that has ended (${textOf(cause)})`, { cause }));
  }
}

/** In the worker. */
export function servePage(
  scope: { postMessage(message: unknown, transfer: ArrayBuffer[]): void; addEventListener: Worker["addEventListener"] },
  run: (job: Job) => Promise<Answer>,
): void {
  scope.addEventListener("message", async ({ data }: { data: Numbered<Job> }) => {
    if (typeof data !== "object" || data === null || typeof data.number !== "number") return;
    const content = await run(data.content);
    scope.postMessage({ number: data.number, content } satisfies Numbered<Answer>, movable(content));
  });
}

/** The buffers of an answer; not views of a WebAssembly memory, which none is. */
function movable(answer: Answer): ArrayBuffer[] {
  return "value" in answer ? buffersIn(answer.value) : [];
}
