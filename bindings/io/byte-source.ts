/** Bytes as they come: from an address, a response, a stream, a blob, a file of Node. */
import { show, typedKind } from "../checks.js";
import { ArgumentError, FormatError } from "../errors.js";

/** Where weights come from. A text is an address (`https://…`, or any in a browser) or, in Node, the path of a file. */
export type ByteSource = string | URLLike | ResponseLike | BlobLike | ByteStreamLike | AsyncIterable<Uint8Array> | Uint8Array;

// As far as they are used: their own names are known only to the types of browsers and of Node.

/** A `URL`. */
export interface URLLike {
  readonly href: string;
  readonly protocol: string;
}

/** A `ReadableStream` of bytes. */
export interface ByteStreamLike {
  getReader(): { read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>; cancel(): Promise<void> };
}

/** A `Response` of `fetch`. */
export interface ResponseLike {
  readonly ok: boolean;
  readonly status: number;
  readonly body: ByteStreamLike | null;
}

/** A `Blob` or a `File`. */
export interface BlobLike {
  stream(): ByteStreamLike;
}

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
  const { body, stream } = (source ?? {}) as Partial<ResponseLike & BlobLike>;
  if (body !== undefined) return bodyOf(source as ResponseLike);
  if (typeof stream === "function") return iterated((source as BlobLike).stream());
  return iterated(source as AsyncIterable<Uint8Array>);
}

function bodyOf({ ok, status, body }: ResponseLike): AsyncIterable<Uint8Array> {
  if (!ok || !body) throw new FormatError(`weights: expected an answer with the file, got status ${status}${body ? "" : " and no body"}`);
  return iterated(body);
}

/** A stream's chunks also where it cannot be iterated itself. */
function iterated(stream: AsyncIterable<Uint8Array> | ByteStreamLike): AsyncIterable<Uint8Array> {
  if (typeof stream === "object" && stream !== null) {
    if (Symbol.asyncIterator in stream) return stream;
    if ("getReader" in stream) return read(stream as ByteStreamLike);
  }
  throw new ArgumentError("source", "an address, a path, a Response, a stream, a Blob or bytes", show(stream));
}

async function* read(stream: ByteStreamLike): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let isOver = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      isOver = done;
      if (done) return;
      yield value as Uint8Array; // what it is, chunksOf asks
    }
  } finally {
    if (!isOver) await reader.cancel().catch(() => {});
  }
}
