/** In the worker: takes messages, answers each, and lets nothing that is not of the protocol disturb it. */
import { show } from "../checks.js";
import { ArgumentError, FormatError } from "../errors.js";
import { buffersIn, postMoving } from "./moving.js";
import { packError } from "./packed-errors.js";
import { type Context, Session } from "./session.js";
import { PROTOCOL, type Reply, type Request } from "./wire.js";

/** The worker's way to whoever made it. */
export interface Port {
  post(message: unknown, transfer: ArrayBuffer[]): void;
  /** @param unread a message came that cannot be read */
  listen(listener: (data: unknown) => void, unread: () => void): void;
}

/** Thrown in the place of what the caller threw: it has the error itself. */
class Thrown extends Error {
  readonly question: number;

  constructor(question: number) {
    super("a callback on the other side has thrown");
    this.question = question;
  }
}

interface Running extends Context {
  readonly answers: Map<unknown, { resolve(value: unknown): void; reject(error: Error): void }>;
}

/** Answers whatever comes through a port. */
export function serve(port: Port): void {
  const session = new Session();
  const running = new Map<number, Running>();
  const send = (reply: Reply) => postMoving((message, transfer) => port.post(message, transfer), "answer", reply, buffersIn(reply));

  const answer = async (id: number, name: string, args: unknown): Promise<void> => {
    const call = begin(id, send);
    running.set(id, call);
    try {
      const value = await perform(session, call, name, args);
      if (id > 0) deliver(send, { id, value });
    } catch (error) {
      if (id > 0) send(failure(id, error, call.controller.signal));
    } finally {
      running.delete(id);
    }
  };

  const take = (data: unknown) => {
    if (typeof data !== "object" || data === null) return;
    const request = data as Request;
    if ("hello" in request) return send({ welcome: PROTOCOL });
    const { id } = request;
    if (typeof id !== "number") return;
    if ("call" in request) {
      if (!running.has(id)) void answer(id, request.call, request.args);
    } else if ("cancel" in request) running.get(id)?.controller.abort();
    else if ("stop" in request) running.get(id)?.training?.stop();
    else if ("answer" in request) {
      const waiting = running.get(id)?.answers.get(request.answer);
      running.get(id)?.answers.delete(request.answer);
      if (request.failed) waiting?.reject(new Thrown(request.answer));
      else waiting?.resolve(request.value);
    }
  };
  port.listen(take, () => send({ unread: true }));
  send({ welcome: PROTOCOL });
}

function begin(id: number, send: (reply: Reply) => void): Running {
  const answers: Running["answers"] = new Map();
  let questions = 0;
  const ask = (name: string, value?: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      const question = ++questions;
      answers.set(question, { resolve, reject });
      deliver(send, { id, ask: question, name, value });
    });
  return { controller: new AbortController(), ask, answers };
}

async function perform({ calls }: Session, context: Context, name: string, args: unknown): Promise<unknown> {
  const call = Object.hasOwn(calls, name) ? calls[name] : undefined;
  if (!call || !Array.isArray(args))
    throw new ArgumentError("call", `one of ${Object.keys(calls).join(", ")}, and its arguments`, show(name));
  return call(context, ...(args as never[]));
}

/** @throws {FormatError} on what cannot be sent: what functions of the user's return may be anything */
function deliver(send: (reply: Reply) => void, reply: Reply & { value: unknown }): void {
  try {
    send(reply);
  } catch (cause) {
    const got = `${show(reply.value)} (${cause instanceof ArgumentError ? "with an array that was moved by an earlier answer: return a copy" : cause})`;
    throw new FormatError(`answer: expected what can be sent, got ${got}`, { cause });
  }
}

function failure(id: number, error: unknown, signal: AbortSignal): Reply {
  if (signal.aborted && error === signal.reason) return { id, aborted: true };
  try {
    if (error instanceof Thrown) return { id, thrown: error.question };
  } catch {
    // A revoked Proxy: it is of no class.
  }
  return { id, error: packError(error) };
}
