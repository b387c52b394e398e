/** Kills what it is told to kill, spread over the run, each time something that has work in its hands. */
import type { Queue } from "bullmq";
import type { Redis } from "ioredis";
import pc from "picocolors";
import type { RedisServer } from "./redis.js";
import { processorName, type Workers, workerName } from "./workers.js";

type Victim = "worker" | "processor" | "Redis";

export interface Targets {
  readonly workers: Workers;
  readonly server: RedisServer | undefined;
  readonly queue: Queue;
  readonly connection: Redis;
}

export class Chaos {
  /** Who is next, and at which share of the work. */
  readonly #plan: { at: number; victim: Victim }[];
  readonly #targets: Targets;
  readonly done: Record<Victim, number> = { worker: 0, processor: 0, Redis: 0 };

  /** @param kills of workers, every second one of a processor alone */
  constructor(targets: Targets, kills: number, redisKills: number) {
    this.#targets = targets;
    const spread = (count: number, victim: (i: number) => Victim) =>
      Array.from({ length: count }, (_, i) => ({ at: (i + 0.5) / (count + 1), victim: victim(i) }));
    this.#plan = [...spread(kills, (i) => (i % 2 === 0 ? "worker" : "processor")), ...spread(redisKills, () => "Redis")];
    this.#plan.sort((a, b) => a.at - b.at);
  }

  /** @param share of the work that is done @returns what was killed */
  async tick(share: number): Promise<string | undefined> {
    const [next] = this.#plan;
    if (!next || share < next.at) return undefined;
    const killed = next.victim === "Redis" ? await this.#killRedis() : await this.#killAtWork(next.victim);
    if (killed === undefined) return undefined; // nobody has work: at the next tick
    this.#plan.shift();
    this.done[next.victim]++;
    return `  ${pc.red("kill -9")} ${next.victim} ${killed} at ${(100 * share).toFixed(0)} %`;
  }

  async #killRedis(): Promise<string> {
    await this.#targets.server?.kill();
    return "";
  }

  async #killAtWork(victim: "worker" | "processor"): Promise<number | undefined> {
    const { queue, workers, connection } = this.#targets;
    const jobs = await queue.getActive(0, 50);
    const worker = workers.pids.find((pid) => jobs.some((job) => job?.processedBy === workerName(pid)));
    if (worker === undefined) return undefined;
    if (victim === "worker") return workers.kill(worker) ? worker : undefined;
    const clients = String(await connection.client("LIST"));
    const name = processorName(String(worker), 0).slice(0, -1);
    const pid = Number(clients.match(new RegExp(`name=${name}(\\d+)`))?.[1] ?? Number.NaN);
    if (!Number.isInteger(pid)) return undefined;
    try {
      process.kill(pid, "SIGKILL");
      return pid;
    } catch {
      return undefined; // it has just died
    }
  }
}
