/** A binary as it lies in a module: deflated, in base64. A server that compresses sends as many bytes as for the binary itself. */
import { FormatError } from "./errors.js";

/** Of a browser; its own type is known only to the types of browsers. */
interface Streams {
  readonly Response: new (
    body: unknown,
  ) => { readonly body: { pipeThrough(through: unknown): unknown }; arrayBuffer(): Promise<ArrayBuffer> };
  readonly DecompressionStream?: new (format: "deflate-raw") => unknown;
}

/** @throws {FormatError} when the host has nothing to inflate with */
export async function unpack(packed: string): Promise<Uint8Array<ArrayBuffer>> {
  if (!globalThis.atob) throw missing("atob");
  const text = atob(packed);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i); // from() with a function takes 10 ms in a page that has just begun
  // Where there is zlib it is at hand; streams take Node 20 ms to load.
  const zlib = globalThis.process?.getBuiltinModule?.("node:zlib");
  if (zlib) return Uint8Array.from(zlib.inflateRawSync(bytes));
  const { Response, DecompressionStream } = globalThis as unknown as Streams;
  if (!DecompressionStream) throw missing("DecompressionStream");
  const stream = new Response(bytes).body; // a Blob's would ask another process
  const inflated = stream.pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(inflated).arrayBuffer());
}

function missing(name: string): FormatError {
  return new FormatError(`build: expected a host with ${name}, got one without: pass { module }, or bytes to createRuntimeSync`);
}
