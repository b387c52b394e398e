/** Buffers that change hands with a message. */
import { ArgumentError } from "../errors.js";

/**
 * The buffers in which the arrays of a value lie, each once: what is handed over with it. Shared memory is left out.
 *
 * @throws what a getter in it throws, and {TypeError} on a revoked Proxy
 */
export function buffersIn(value: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const seen = new Set<object>();
  const waiting: unknown[] = [value]; // a list, not a recursion: however deep it is, or round in circles
  while (waiting.length > 0) {
    const at = waiting.pop();
    if (typeof at !== "object" || at === null || seen.has(at)) continue;
    seen.add(at);
    const buffer = ArrayBuffer.isView(at) ? at.buffer : at;
    if (isBuffer(buffer)) found.add(buffer);
    else if (!ArrayBuffer.isView(at))
      for (const inner of Array.isArray(at) ? at : Object.values(at)) if (typeof inner === "object") waiting.push(inner);
  }
  return [...found];
}

const WASM_PAGE = 65536;

/** By its tag: one of another realm, as of an iframe, is no heir of this one's class. */
function isBuffer(value: object): value is ArrayBuffer {
  return Object.prototype.toString.call(value) === "[object ArrayBuffer]";
}

/** @param cure to end the message with @throws {ArgumentError} on a buffer that was moved before, of which nothing is left */
export function assertHere(argument: string, buffer: ArrayBufferLike, cure = ""): void {
  if (buffer.byteLength > 0) return;
  try {
    new Uint8Array(buffer); // of a buffer that is only empty, it can be made
  } catch {
    throw new ArgumentError(argument, "an array that is still here", `one that was moved to a worker before${cure}`);
  }
}

/**
 * Posts a message with its buffers; those that cannot be moved, as a view of a WebAssembly memory, are copied. One that was moved before is
 * refused here: Node sends it, and the other side cannot read the message.
 *
 * @throws {ArgumentError} of `name`, on what was moved before, and what the host throws on what cannot be sent
 */
export function postMoving(
  post: (message: unknown, transfer: ArrayBuffer[]) => void,
  name: string,
  message: unknown,
  transfer: ArrayBuffer[],
): void {
  for (const buffer of buffersIn(message)) assertHere(name, buffer);
  // A message that is refused has moved nothing. Some hosts refuse it for a WebAssembly memory, which has whole pages: then without those.
  const ways = [transfer, transfer.filter(({ byteLength }) => byteLength % WASM_PAGE !== 0), []];
  for (const [i, way] of ways.entries()) {
    try {
      post(message, way);
      return;
    } catch (cause) {
      if (way.length === 0 || i === ways.length - 1) throw cause;
    }
  }
}
