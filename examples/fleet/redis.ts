/** A redis-server of our own: on loopback, behind a password of this run, every write on the disk before it is answered. It may die and comes back. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { UserError } from "../shared/program.js";

/** Beyond it something else is wrong. Reading a long append-only file takes its time. */
const START_MS = 30_000;

interface Lease {
  /** The process that started it. */
  readonly owner: number;
  readonly url: string;
}

export class RedisServer {
  readonly url: string;
  readonly #folder: string;
  readonly #config: string;
  #process: ChildProcess | undefined;
  #opening: Promise<void> | undefined;
  #isStopping = false;

  private constructor(folder: string, port: number) {
    const password = randomBytes(24).toString("hex");
    this.url = `redis://:${password}@127.0.0.1:${port}`;
    this.#folder = folder;
    this.#config = [
      ...[`port ${port}`, "bind 127.0.0.1", `requirepass ${password}`, "daemonize no", "logfile redis.log"],
      ...["appendonly yes", "appendfsync always", 'save ""', "maxmemory-policy noeviction"],
      `dir ${JSON.stringify(folder)}`,
    ].join("\n");
  }

  /** On the data that the folder holds. @throws {UserError} when there is no redis-server, or another run has the folder */
  static async start(folder: string): Promise<RedisServer> {
    mkdirSync(folder, { recursive: true });
    const lease = join(folder, "lease.json");
    await endForgotten(lease);
    const server = new RedisServer(folder, await freePort());
    writeFileSync(`${lease}.tmp`, JSON.stringify({ owner: process.pid, url: server.url } satisfies Lease), { mode: 0o600 });
    renameSync(`${lease}.tmp`, lease); // whole or not at all: a kill -9 may come in between
    await server.#open();
    return server;
  }

  /** Without a word, as an operator's mistake. @returns when it answers again, on the same data */
  async kill(): Promise<void> {
    const child = this.#process as ChildProcess;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
    await this.#opening;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    const child = this.#process;
    if (child && child.exitCode === null && child.signalCode === null) {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    }
    rmSync(join(this.#folder, "lease.json"), { force: true });
  }

  /** Its settings go through stdin: a password in the command line is everybody's. In a process group of its own, where no Ctrl-C reaches it. */
  async #open(): Promise<void> {
    const child = spawn("redis-server", ["-"], { stdio: ["pipe", "ignore", "ignore"], detached: true });
    this.#process = child;
    const failed = new Promise<never>((_, reject) => {
      child.once("error", () => reject(new UserError("there is no redis-server here: apt-get install redis-server, or set REDIS_URL")));
      child.once("exit", (code) => reject(new UserError(`redis-server ended (${code}); ${join(this.#folder, "redis.log")} says why`)));
    });
    failed.catch(() => {}); // later there is nobody who waits for it
    child.stdin?.on("error", () => {}).end(this.#config);
    await Promise.race([answers(this.url), failed]);
    child.once("exit", () => {
      if (this.#isStopping) return;
      this.#opening = this.#open().catch((error: Error) => {
        console.error(error.message); // workers end with this process
        process.exit(1);
      });
    });
  }
}

async function answers(url: string): Promise<void> {
  for (const until = Date.now() + START_MS; ; await sleep(20)) {
    const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null }).on("error", () => {});
    try {
      await redis.connect();
      if ((await redis.ping()) === "PONG") return; // while it reads its file it answers LOADING
    } catch (error) {
      if (Date.now() > until) throw new UserError(`redis-server does not answer: ${(error as Error).message}`);
    } finally {
      redis.disconnect();
    }
  }
}

/** What a run left that was killed itself: two servers over one file would spoil it. */
async function endForgotten(lease: string): Promise<void> {
  if (!existsSync(lease)) return;
  const { owner, url } = readLease(lease);
  if (isRunning(owner)) throw new UserError(`process ${owner} works in this folder; if it is another program, remove ${lease}`);
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null }).on("error", () => {});
  try {
    await redis.connect();
    await redis.shutdown();
  } catch {
    // it is not there, or went as it was told to, without an answer
  } finally {
    redis.disconnect();
  }
}

/** @throws {UserError} on what is none */
function readLease(file: string): Lease {
  try {
    const { owner, url } = JSON.parse(readFileSync(file, "utf8"));
    if (Number.isInteger(owner) && typeof url === "string") return { owner, url };
  } catch {
    // no JSON
  }
  throw new UserError(`${file} does not say which run works in this folder; if there is none, remove it`);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}
