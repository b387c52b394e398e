/** What a run needs, opened and closed in order: Redis, a connection, workers, the dashboard. */
import type { Queue } from "bullmq";
import type { Redis } from "ioredis";
import pc from "picocolors";
import { openDashboard } from "./dashboard.js";
import { connect, deadQueue, type Jobs, type Kind, queueOf } from "./queues.js";
import { RedisServer } from "./redis.js";
import { Results } from "./results.js";
import { Workers } from "./workers.js";

/** So long it may take to answer the first time. */
const AWAY_MS = 3000;

export interface FleetOptions {
  readonly workers: number;
  /** Redis' data. */
  readonly folder: string;
  /** A port, or none. */
  readonly dashboard?: number;
}

export interface Fleet<K extends Kind> {
  /** Ours, unless REDIS_URL names another. */
  readonly server: RedisServer | undefined;
  readonly connection: Redis;
  readonly queue: Queue<Jobs[K], unknown, string>;
  readonly dead: ReturnType<typeof deadQueue>;
  readonly results: Results;
  readonly workers: Workers;
}

/** @param work with the dashboard left open behind it until the signal @param signal of the person at the keyboard */
export async function withFleet<K extends Kind, R>(
  kind: K,
  { workers: count, folder, dashboard }: FleetOptions,
  signal: AbortSignal,
  work: (fleet: Fleet<K>) => Promise<R>,
): Promise<R> {
  const closers: (() => unknown)[] = [];
  try {
    const server = process.env.REDIS_URL ? undefined : await RedisServer.start(folder);
    closers.push(() => server?.stop());
    const url = server?.url ?? (process.env.REDIS_URL as string);
    const connection = connect(url);
    closers.push(() => connection.disconnect());
    const [queue, dead] = [queueOf(kind, connection), deadQueue(connection)];
    closers.push(() => Promise.all([queue.close(), dead.close()]));
    const board = dashboard === undefined ? undefined : await openDashboard([queue as Queue, dead as Queue], dashboard);
    if (board) console.log(`  dashboard: ${pc.cyan(board.url)}`);
    closers.push(() => board?.close());
    const workers = new Workers(kind, url, count);
    closers.push(() => workers.stop());
    const away = watchRedis(connection, signal);
    closers.push(() => away.stop());
    const result = await Promise.race([away.stopped, work({ server, connection, queue, dead, results: new Results(connection), workers })]);
    if (board) await untilAborted(signal, board.url);
    return result;
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

async function untilAborted(signal: AbortSignal, url: string): Promise<void> {
  console.log(`  ${pc.cyan(url)} stays until Ctrl-C`);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

/** What is asked of a Redis that is away waits as long as that: the person is told, and may stop it. */
function watchRedis(connection: Redis, signal: AbortSignal): { stopped: Promise<never>; stop(): void } {
  let why = "";
  connection.on("error", ({ message }: Error) => {
    why = message && `: ${message}`;
  });
  const isAway = () => connection.status !== "ready";
  const timer = setTimeout(() => isAway() && console.log(pc.yellow(`  Redis does not answer${why}; waiting`)), AWAY_MS);
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => isAway() && reject(signal.reason), { once: true });
  });
  return { stopped, stop: () => clearTimeout(timer) };
}
