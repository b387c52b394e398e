/** What both processors do. */
import { connect } from "./queues.js";
import { Results } from "./results.js";
import { processorName, WORKER_ENV } from "./workers.js";

/** Results that are worked out only where they are not there yet. Ends this process when its worker has died. */
export function keptResults(): { once(key: string, work: () => Promise<string>): Promise<void> } {
  process.on("disconnect", () => process.exit(1)); // else the connection below would keep it
  const results = new Results(connect(process.env.REDIS_URL ?? "", processorName(process.env[WORKER_ENV] ?? "", process.pid)));
  return {
    async once(key, work) {
      if (await results.has(key)) return await results.noteAgain();
      await results.put(key, await work());
    },
  };
}

/** By its name BullMQ knows not to try again. */
export const unrecoverable = (error: Error): Error => Object.assign(error, { name: "UnrecoverableError" });
