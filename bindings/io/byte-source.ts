/** Bytes as they come: from an address, a response, a stream, a blob, a file of Node. */
import { show, typedKind } from "../checks.js";
import { ArgumentError, FormatError } from "../errors.js";

/** Where weights come from. A text is an address (`https://…`, or any in a browser) or, in Node, the path of a file. */
export type ByteSource = string | URL | Response | Blob | AsyncIterable<Uint8Array> | Uint8Array;

/** @internal Chunk by chunk; whoever stops early ends the stream. @throws {FormatError} on an answer that is no success @throws {ArgumentError} */
export async function* chunksOf(source: ByteSource): AsyncGenerator<Uint8Array> {
  for await (const chunk of await opened(source)) {
    if (typedKind(chunk) !== "Uint8Array") throw new ArgumentError("source", "chunks that are Uint8Arrays", show(chunk));
    yield chunk;
  }
}

async function opened(source: ByteSource): Promise<AsyncIterable<Uint8Array> | Iterable<Uint8Array>> {
  if (typedKind(source) === "Uint8Array") return [source as Uint8Array];
  if (typeof source === "string" || source instanceof URL) {
    const fs = globalThis.process?.getBuiltinModule?.("node:fs");
    const isFile = typeof source === "string" ? !/^(https?|blob|data):/i.test(source) : source.protocol === "file:";
    return fs && isFile ? fs.createReadStream(source) : bodyOf(await fetch(source));
  }
  const { body, stream } = (source ?? {}) as Partial<Response & Blob>;
  if (body !== undefined) return bodyOf(source as Response);
  if (typeof stream === "function") return iterated((source as Blob).stream());
  return iterated(source as AsyncIterable<Uint8Array>);
}

function bodyOf({ ok, status, body }: Response): AsyncIterable<Uint8Array> {
  if (!ok || !body) throw new FormatError(`weights: expected an answer with the file, got status ${status}${body ? "" : " and no body"}`);
  return iterated(body);
}

/** A stream's chunks also where it cannot be iterated itself. */
function iterated(stream: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  if (typeof stream === "object" && stream !== null) {
    if (Symbol.asyncIterator in stream) return stream;
    if ("getReader" in stream) return read(stream as ReadableStream<Uint8Array>);
  }
  throw new ArgumentError("source", "an address, a path, a Response, a stream, a Blob or bytes", show(stream));
}

async function* read(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let isOver = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      isOver = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!isOver) await reader.cancel().catch(() => {});
  }
}
