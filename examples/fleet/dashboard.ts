/** bull-board, the dashboard that people of BullMQ know: on loopback, for nobody else. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { ExpressAdapter } from "@bull-board/express";
import type { Queue } from "bullmq";
import express from "express";

export interface Dashboard {
  readonly url: string;
  close(): Promise<void>;
}

/** @param port 0: any that is free */
export async function openDashboard(queues: readonly Queue[], port: number): Promise<Dashboard> {
  const serverAdapter = new ExpressAdapter();
  createBullBoard({ queues: queues.map((queue) => new BullMQAdapter(queue)), serverAdapter });
  const app = express();
  app.disable("x-powered-by");
  // A page elsewhere may let a name of its own lead here: it is not asked by that name.
  app.use(({ hostname }, response, next) => (["127.0.0.1", "localhost"].includes(hostname) ? next() : void response.sendStatus(403)));
  app.use(serverAdapter.getRouter());
  const server = app.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
