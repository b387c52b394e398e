/** What producers and workers agree on: names, keys, and how often something is tried. */
import { type JobsOptions, Queue } from "bullmq";
import { Redis } from "ioredis";
import { sha256 } from "./model.js";
import { VERSION } from "./score.js";
import type { Span } from "./spans.js";
import type { Trial } from "./trial.js";

export const KINDS = ["score", "sweep"] as const;
export type Kind = (typeof KINDS)[number];

export interface ScoreJob {
  readonly span: Span;
  readonly model: string;
  readonly modelHash: string;
}
export interface Jobs {
  readonly score: ScoreJob;
  readonly sweep: Trial;
}

export const queueName = (kind: Kind): string => `fleet-${kind}`;
/** What was given up, each with its reason. */
export const DEAD = "fleet-dead";

/** A job's name and its result's: what goes in, and with it what comes out. */
export const keyOf = ({ span, modelHash }: ScoreJob): string => `score-${sha256(VERSION, modelHash, span.hash)}`;

/** For what may pass by itself: a file system that is not there yet, a processor that was killed. 0.2 s, 0.4 s … 13 s, half of it by chance. */
export const JOB_OPTIONS = {
  attempts: 8,
  backoff: { type: "exponential", delay: 200, jitter: 0.5 },
  removeOnComplete: { count: 1000 }, // for the dashboard; results lie elsewhere
} satisfies JobsOptions;

/** Within so many milliseconds it is noticed that a worker died with a job, and another one gets it. */
export const RECOVERY = {
  ...{ lockDuration: 3000, stalledInterval: 1000 },
  maxStalledCount: 5, // a job that ends its worker each time is given up
  runRetryDelay: 500, // after Redis was away
};

/** Waits for a Redis that is away as long as it takes; what was sent and not answered is sent again. */
export function connect(url: string, connectionName = "fleet"): Redis {
  const redis = new Redis(url, { maxRetriesPerRequest: null, connectionName, retryStrategy: (times) => Math.min(50 * times, 500) });
  return redis.on("error", () => {}); // it tries again, as said
}

export function queueOf<K extends Kind>(kind: K, connection: Redis): Queue<Jobs[K], unknown, string> {
  return quiet(new Queue(queueName(kind), { connection, defaultJobOptions: JOB_OPTIONS })) as Queue<Jobs[K], unknown, string>;
}

export interface DeadLetter {
  readonly kind: Kind;
  readonly reason: string;
  readonly attempts: number;
  readonly data: Jobs[Kind];
}

export const deadQueue = (connection: Redis): Queue<DeadLetter, unknown, string> =>
  quiet(new Queue(DEAD, { connection })) as Queue<DeadLetter, unknown, string>;

/** An error of the connection is no news: see `connect`. */
const quiet = (queue: Queue): Queue => queue.on("error", () => {});
