/** A worker, a process of its own: `worker.ts KIND`, Redis by REDIS_URL. It takes jobs; what it does with them, a processor does, a process of its own, too. */
import { fileURLToPath } from "node:url";
import { Worker } from "bullmq";
import { connect, KINDS, queueName, RECOVERY } from "./queues.js";
import { WORKER_ENV, workerName } from "./workers.js";

const kind = KINDS.find((each) => each === process.argv[2]);
const url = process.env.REDIS_URL;
if (!kind || !url) throw new Error(`expected a kind, one of ${KINDS.join(", ")}, and REDIS_URL`);

const processor = fileURLToPath(new URL(`./${kind}-processor.ts`, import.meta.url));
const connection = connect(url, workerName(process.pid));
const worker = new Worker(queueName(kind), processor, {
  ...{ connection, name: workerName(process.pid), ...RECOVERY },
  workerForkOptions: { env: { ...process.env, [WORKER_ENV]: String(process.pid) } },
});
worker.on("error", () => {}); // of the connection: it comes back

let isClosing = false;
/** Finishes the job that it has, and takes no other. */
async function close(): Promise<void> {
  if (isClosing) return;
  isClosing = true;
  await worker.close();
  connection.disconnect();
  process.exit(0);
}
process.on("SIGTERM", close);
process.on("SIGINT", close);
process.on("disconnect", close); // who started us was killed
