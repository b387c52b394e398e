/**
 * Where results lie: in Redis, beside the queue and as durable as it, so that all machines see the same and nobody needs a shared disk.
 * A job may run twice; its result is written once, under a key that says what it is of.
 */
import type { Redis } from "ioredis";

const AGAIN = "fleet:again";
const UNEQUAL = "fleet:unequal";
const nameOf = (key: string) => `fleet:result:${key}`;

/** The same model and the same input gave something else: no retry will mend it. */
export class UnequalResultError extends Error {
  override name = "UnrecoverableError"; // by this name BullMQ knows it
}

export class Results {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async has(key: string): Promise<boolean> {
    return (await this.#redis.exists(nameOf(key))) === 1;
  }

  /** Nothing, when the same result is there already. @throws {UnequalResultError} when another one is */
  async put(key: string, value: string): Promise<void> {
    if ((await this.#redis.set(nameOf(key), value, "NX")) === "OK") return;
    await this.#redis.incr(AGAIN);
    if ((await this.#redis.get(nameOf(key))) === value) return;
    await this.#redis.sadd(UNEQUAL, key);
    throw new UnequalResultError(`${key}: a second run gave another result`);
  }

  /** @returns null for what is not there yet */
  async get(keys: readonly string[]): Promise<(string | null)[]> {
    return keys.length === 0 ? [] : await this.#redis.mget(keys.map(nameOf));
  }

  /** How often a job was delivered whose result was there. */
  async deliveredAgain(): Promise<number> {
    return Number((await this.#redis.get(AGAIN)) ?? 0);
  }

  /** Keys under which a second run had something else to write than the first. */
  async unequal(): Promise<string[]> {
    return await this.#redis.smembers(UNEQUAL);
  }

  async noteAgain(): Promise<void> {
    await this.#redis.incr(AGAIN);
  }
}
