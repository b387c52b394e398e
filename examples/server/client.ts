/** A client: opens a stream, posts samples, and is told the answers. */
import { Agent, get, type IncomingMessage, request } from "node:http";

/** Connections for posts; each open stream has one of its own. */
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

export interface Answer {
  /** Of the client's samples, from 0. */
  readonly n: number;
  readonly logit: number;
}

export class Client {
  readonly #port: number;
  readonly #response: IncomingMessage;
  readonly #id: string;
  /** Told of every answer. */
  onAnswer: (answer: Answer) => void = () => {};

  private constructor(port: number, response: IncomingMessage, id: string) {
    this.#port = port;
    this.#response = response;
    this.#id = id;
  }

  /** @throws {Error} with the status, when the server refuses */
  static open(port: number): Promise<Client> {
    return new Promise((resolve, reject) => {
      const asked = get({ host: "127.0.0.1", port, path: "/stream", agent: false }, (response) => {
        if (response.statusCode !== 200) {
          response.resume();
          reject(new Error(`${response.statusCode}`));
          return;
        }
        let client: Client | undefined;
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          const events = (text + chunk).split("\n\n");
          text = events.pop() as string;
          for (const event of events) {
            const data = JSON.parse(event.slice(event.indexOf("data: ") + 6));
            if (client) client.onAnswer(data);
            else {
              client = new Client(port, response, data.id);
              resolve(client);
            }
          }
        });
        response.on("error", () => {}); // the server went, or close() was called
      });
      asked.on("error", reject);
    });
  }

  /** Posts a body. @returns the status */
  post(body: string, id = this.#id): Promise<number> {
    return new Promise((resolve, reject) => {
      const posted = request({ host: "127.0.0.1", port: this.#port, path: `/samples/${id}`, method: "POST", agent }, (response) => {
        response.resume().once("end", () => resolve(response.statusCode as number));
      });
      posted.on("error", reject).end(body);
    });
  }

  /** Goes, without a word. */
  close(): void {
    this.#response.destroy();
  }
}
