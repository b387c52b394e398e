/** The script of a worker: the runtime behind messages. A worker of one's own is this one line: `import "wasm-rnn/worker-thread"`. */
import { WorkerError } from "./errors.js";
import { type Port, serve } from "./worker/serve.js";

interface WebScope {
  readonly document?: unknown;
  postMessage?(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(type: "message" | "messageerror", listener: (event: { data: unknown }) => void): void;
}

/** A page's Worker, or one of Node's. @throws {WorkerError} elsewhere */
function portOf(scope: WebScope): Port {
  const { parentPort } = globalThis.process?.getBuiltinModule?.("node:worker_threads") ?? {};
  if (parentPort)
    return {
      post: (message, transfer) => parentPort.postMessage(message, transfer),
      listen: (listener, unread) => parentPort.on("message", listener).on("messageerror", unread),
    };
  if (scope.document === undefined && scope.postMessage)
    return {
      post: (message, transfer) => scope.postMessage?.(message, transfer),
      listen: (listener, unread) => {
        scope.addEventListener("message", ({ data }) => listener(data));
        scope.addEventListener("messageerror", unread);
      },
    };
  throw new WorkerError("worker-thread: expected to be the script of a Worker, got another place");
}

serve(portOf(globalThis as unknown as WebScope));
