/** Files from memory on the loopback, gzipped before anyone asks, and never to be cached. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { gzipSync } from "node:zlib";

export interface ServedFile {
  readonly type: string;
  readonly body: Uint8Array;
}

/** What a page says once it has its first prediction. */
export interface ColdReport {
  /** Since the navigation began. */
  readonly ms: number;
  readonly output: readonly number[];
}

export interface ColdServer {
  readonly origin: string;
  /** Bytes of bodies, gzipped, since the last call. */
  served(): number;
  /** What the next page posts. */
  report(): Promise<ColdReport>;
  close(): void;
}

export async function serveCold(files: ReadonlyMap<string, ServedFile>): Promise<ColdServer> {
  const zipped = new Map([...files].map(([path, { type, body }]) => [path, { type, body: gzipSync(body, { level: 9 }) }]));
  let bytes = 0;
  let waiting: (report: ColdReport) => void = () => {};
  const server = createServer(async (request, response) => {
    if (request.url === "/report") {
      waiting((await json(request)) as ColdReport);
      return response.writeHead(204).end();
    }
    const file = zipped.get(request.url ?? "");
    if (!file) return response.writeHead(404).end();
    bytes += file.body.length;
    const headers = {
      "content-type": file.type,
      "content-encoding": "gzip",
      "content-length": file.body.length,
      "cache-control": "no-store",
    };
    return response.writeHead(200, headers).end(file.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    served() {
      const before = bytes;
      bytes = 0;
      return before;
    },
    report: () =>
      new Promise((resolve) => {
        waiting = resolve;
      }),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
