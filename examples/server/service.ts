/** One model, a row of its stream for every client. Samples come in by POST, answers go out as server-sent events. */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Sequential } from "wasm-rnn";

/** A sample is a few numbers; more is a mistake or an attack. */
const MOST_BODY_BYTES = 4096;
/** Samples of one client that may wait for a step. */
const MOST_WAITING = 64;
/** Bytes that a client may leave unread before it is taken for gone. */
const MOST_UNREAD_BYTES = 65_536;

interface Client {
  readonly row: number;
  readonly events: ServerResponse;
  readonly waiting: number[][];
  answered: number;
}

/** What is told to a client that cannot be served. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export class Service {
  readonly #server: Server;
  readonly #stream: ReturnType<Sequential["stream"]>;
  readonly #capacity: number;
  readonly #features: number;
  /** By a name that cannot be guessed: a row is somebody else's once it is free. */
  readonly #clients = new Map<string, Client>();
  #stepIsDue = false;
  /** Steps taken, and rows in them. */
  steps = 0;
  rows = 0;

  /** @param capacity clients at once @param features numbers of a sample */
  constructor(model: Sequential, capacity: number, features: number) {
    this.#capacity = capacity;
    this.#features = features;
    this.#stream = model.stream({ batch: capacity });
    this.#stream.leave(); // nobody is there yet
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** Clients that are there. */
  get live(): number {
    return this.#stream.live;
  }

  /** @param port 0: any that is free @returns the port */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject).listen(port, "127.0.0.1", resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
    this.#stream.dispose();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const path = (request.url ?? "").split("?")[0] as string;
      const id = /^\/samples\/([\w-]{1,64})$/.exec(path)?.[1];
      if (path === "/stream" && request.method === "GET") this.#open(response);
      else if (id !== undefined && request.method === "POST") {
        if (!this.#clients.has(id)) throw new Refusal(404, "no such stream");
        this.#take(id, await readBody(request));
        response.writeHead(202).end();
      } else throw new Refusal(404, "GET /stream, or POST /samples/ID");
    } catch (error) {
      const { status, message } = error instanceof Refusal ? error : new Refusal(500, "the server's fault");
      if (!(error instanceof Refusal)) console.error(error);
      response.writeHead(status, { "content-type": "application/json", connection: "close" });
      response.end(JSON.stringify({ error: message }), () => request.destroy()); // what is left of a body is not read
    }
  }

  /** A client comes: a free row is its own until it goes. */
  #open(events: ServerResponse): void {
    if (this.live === this.#capacity) throw new Refusal(503, `${this.#capacity} streams are open, come again later`);
    const id = randomUUID();
    const client: Client = { row: this.#stream.join(), events, waiting: [], answered: 0 };
    this.#clients.set(id, client);
    events.once("close", () => {
      this.#clients.delete(id);
      if (!this.#stream.disposed) this.#stream.leave(client.row);
    });
    events.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    events.write(`event: open\ndata: ${JSON.stringify({ id })}\n\n`);
  }

  #take(id: string, body: string): void {
    const sample = sampleOf(body, this.#features);
    const client = this.#clients.get(id);
    if (!client) throw new Refusal(404, "no such stream"); // it went while its sample came
    if (client.waiting.length === MOST_WAITING) throw new Refusal(429, `${MOST_WAITING} samples wait already`);
    client.waiting.push(sample);
    if (this.#stepIsDue) return;
    this.#stepIsDue = true;
    setImmediate(() => this.#step()); // what comes in meanwhile shares the step
  }

  /** One step of all that have a sample, and of nobody else. */
  #step(): void {
    this.#stepIsDue = false;
    if (this.#stream.disposed) return;
    const stepping: Client[] = [];
    for (const client of this.#clients.values()) {
      const sample = client.waiting.shift();
      if (!sample) continue;
      this.#stream.input.set(sample, client.row * this.#features);
      stepping.push(client);
    }
    this.#stream.step(stepping.map(({ row }) => row));
    this.steps++;
    this.rows += stepping.length;
    const { output } = this.#stream;
    for (const client of stepping) {
      client.events.write(`data: ${JSON.stringify({ n: client.answered++, logit: output[client.row] })}\n\n`);
      if (client.events.writableLength > MOST_UNREAD_BYTES) client.events.destroy();
    }
    if (!this.#stepIsDue && stepping.some(({ waiting }) => waiting.length > 0)) {
      this.#stepIsDue = true;
      setImmediate(() => this.#step());
    }
  }
}

function sampleOf(body: string, features: number): number[] {
  let sample: unknown;
  try {
    sample = JSON.parse(body);
  } catch {
    throw new Refusal(400, "expected JSON");
  }
  if (Array.isArray(sample) && sample.length === features && sample.every(Number.isFinite)) return sample;
  throw new Refusal(400, `expected an array of ${features} finite numbers`);
}

function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MOST_BODY_BYTES) reject(new Refusal(413, `expected at most ${MOST_BODY_BYTES} bytes`));
      else chunks.push(chunk);
    });
    request.once("end", () => resolve(Buffer.concat(chunks).toString()));
    for (const end of ["error", "close"]) request.once(end, () => reject(new Refusal(400, "the request broke off")));
  });
}
