/** A large file cut into spans of whole lines, each known by the hash of its bytes. Of the file a chunk at a time is in memory. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";

export interface Span {
  readonly file: string;
  /** In bytes. */
  readonly offset: number;
  readonly bytes: number;
  /** The number of its first line in the file, from 1. */
  readonly line: number;
  readonly lines: number;
  /** SHA-256 of its bytes. */
  readonly hash: string;
}

/** Beyond it a span is not read: one of its lines is none that anybody meant. */
const MOST_BYTES = 64 * 2 ** 20;
const NEWLINE = 10;

/** @param most lines of a span */
export async function* cut(file: string, most: number): AsyncGenerator<Span> {
  let [offset, bytes, line, lines] = [0, 0, 1, 0];
  let hash = createHash("sha256");
  const closed = (): Span => {
    const span = { file, offset, bytes, line, lines, hash: hash.digest("hex") };
    [offset, bytes, line, lines, hash] = [offset + bytes, 0, line + lines, 0, createHash("sha256")];
    return span;
  };
  let isWithin = false; // a line, whose end has not come
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    for (let from = 0; from < chunk.length; ) {
      const found = chunk.indexOf(NEWLINE, from);
      const to = found < 0 ? chunk.length : found + 1;
      hash.update(chunk.subarray(from, to));
      bytes += to - from;
      from = to;
      isWithin = found < 0;
      if (!isWithin && ++lines === most) yield closed();
    }
  }
  lines += Number(isWithin);
  if (lines > 0) yield closed();
}

/** What was cut is not there any more, or too much of it. */
export class UnreadableSpanError extends Error {}

/** @returns its lines, without their ends @throws {UnreadableSpanError} */
export async function readSpan({ file, offset, bytes, line, lines, hash }: Span): Promise<string[]> {
  if (bytes > MOST_BYTES) throw new UnreadableSpanError(`${bytes} bytes from line ${line} on: at most ${MOST_BYTES} are read`);
  const handle = await open(file);
  try {
    const buffer = Buffer.alloc(bytes);
    const { bytesRead } = await handle.read(buffer, 0, bytes, offset);
    if (bytesRead < bytes || createHash("sha256").update(buffer).digest("hex") !== hash)
      throw new UnreadableSpanError(`the file is not what it was from line ${line} on`);
    return buffer.toString("utf8").split("\n").slice(0, lines);
  } finally {
    await handle.close();
  }
}
