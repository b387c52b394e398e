/** Workers of a page: one job a worker, the others wait; another worker in the place of one that fails. */
import { WorkerError } from "../errors.js";
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

/** @param make a worker that runs the script */
export function startPageWorkers(make: () => Worker, workers: number): Crew {
  const queue: Waiting[] = [];
  const hands = new Set<Hand>();
  const isShared = sharesMemory();
  let next = 1;
  let isOver = false;

  const give = (hand: Hand): void => {
    const waiting = hand.task ? undefined : queue.shift();
    if (!waiting) return;
    const { job } = waiting;
    const task = { ...waiting, number: next++ };
    const parts = job.parts.map(({ id, bytes }) => ({ id, bytes: isShared || !hand.parts.has(id) ? bytes : undefined }));
    try {
      hand.worker.postMessage({ number: task.number, content: { ...job, parts } } satisfies Numbered<Job>);
    } catch (error) {
      waiting.reject(error); // what cannot be sent: the worker has got nothing
      give(hand);
      return;
    }
    for (const { id } of job.parts) hand.parts.add(id);
    hand.task = task;
  };

  const replace = (hand: Hand, cause: unknown): void => {
    if (!hands.delete(hand)) return;
    hand.worker.terminate();
    if (!isOver) add();
    hand.task?.reject(new WorkerError(`worker: expected it to run, got one that has ended (${textOf(cause)})`, { cause }));
  };

  const add = (): void => {
    const hand: Hand = { worker: make(), task: undefined, parts: new Set() };
    hands.add(hand);
    hand.worker.addEventListener("message", ({ data }: { data: Numbered<Answer> }) => {
      const { task } = hand;
      if (typeof data !== "object" || data === null || task === undefined || data.number !== task.number) return;
      hand.task = undefined;
      task.resolve(data.content);
      give(hand);
    });
    hand.worker.addEventListener("error", (event) => {
      event.preventDefault();
      replace(hand, (event as ErrorEvent).error ?? (event as ErrorEvent).message ?? "a script that cannot be loaded");
    });
    hand.worker.addEventListener("messageerror", () => replace(hand, "a message that cannot be read"));
    give(hand);
  };

  for (let i = 0; i < workers; i++) add();
  return {
    run: (job) =>
      new Promise((resolve, reject) => {
        queue.push({ job, resolve, reject });
        for (const hand of hands) give(hand);
      }),
    async end() {
      isOver = true;
      for (const hand of [...hands]) replace(hand, "the pool was disposed of");
      for (const { reject } of queue.splice(0)) reject(new WorkerError("pool: expected it to be alive, got one that was disposed of"));
    },
  };
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
