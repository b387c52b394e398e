/** What both processors do. */
import { connect } from "./queues.js";
import { Results } from "./results.js";
import { processorName, WORKER_ENV } from "./workers.js";

/** Results that are worked out only where they are not there yet. */
export function keptResults(): { once(key: string, work: () => Promise<string>): Promise<void> } {
  endWithWorker();
  const results = new Results(connect(process.env.REDIS_URL ?? "", processorName(process.env[WORKER_ENV] ?? "", process.pid)));
  return {
    async once(key, work) {
      if (await results.has(key)) return await results.noteAgain();
      await results.put(key, await work());
    },
  };
}

/** A worker that is killed leaves its processor behind, which its own connection would keep. */
function endWithWorker(): void {
  process.on("disconnect", () => process.exit(1));
  // BullMQ tells the worker of every error: that it cannot be told is one more, and so on for ever, before `disconnect` is heard.
  process.prependListener("uncaughtException", ({ code }: NodeJS.ErrnoException) => {
    if (code === "EPIPE" || code === "ERR_IPC_CHANNEL_CLOSED") process.exit(1);
  });
}

/** By its name BullMQ knows not to try again. */
export const unrecoverable = (error: Error): Error => Object.assign(error, { name: "UnrecoverableError" });
