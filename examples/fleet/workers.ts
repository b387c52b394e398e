/** So many worker processes, started again when one dies. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Kind } from "./queues.js";

/** Tells a processor whose it is. */
export const WORKER_ENV = "FLEET_WORKER";
export const workerName = (pid: number): string => `fleet-worker-${pid}`;
export const processorName = (worker: string, pid: number): string => `fleet-processor-${worker}-${pid}`;

/** So long a worker has to finish what it does. */
const PATIENCE_MS = 30_000;
/** A worker that dies sooner than this is not started again at once. */
const YOUNG_MS = 2000;

export class Workers {
  readonly #running = new Map<number, ChildProcess>();
  readonly #kind: Kind;
  readonly #url: string;
  #isStopping = false;

  constructor(kind: Kind, url: string, count: number) {
    [this.#kind, this.#url] = [kind, url];
    for (let i = 0; i < count; i++) this.#start();
  }

  get pids(): number[] {
    return [...this.#running.keys()];
  }

  #start(): void {
    // In a process group of its own: a Ctrl-C is told to it by us, as SIGTERM.
    const child = fork(fileURLToPath(new URL("./worker.ts", import.meta.url)), [this.#kind], {
      ...{ detached: true, stdio: ["ignore", "ignore", "inherit", "ipc"] },
      env: { ...process.env, REDIS_URL: this.#url },
    });
    const { pid } = child;
    const begun = Date.now();
    if (pid !== undefined) this.#running.set(pid, child);
    child.once("exit", async () => {
      if (pid !== undefined) this.#running.delete(pid);
      if (Date.now() - begun < YOUNG_MS) await sleep(YOUNG_MS);
      if (!this.#isStopping) this.#start();
    });
  }

  /** Without a word, as a machine that fails. @returns whether it was one of ours */
  kill(pid: number): boolean {
    return this.#running.get(pid)?.kill("SIGKILL") ?? false;
  }

  /** Each finishes the job that it has. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const children = [...this.#running.values()];
    const gone = children.map((child) => once(child, "exit"));
    for (const child of children) child.kill("SIGTERM");
    const timer = setTimeout(() => children.forEach((child) => void child.kill("SIGKILL")), PATIENCE_MS);
    await Promise.all(gone);
    clearTimeout(timer);
  }
}
