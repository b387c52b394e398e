import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";

const TYPES: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".csv": "text/csv; charset=utf-8",
  ".webmanifest": "application/manifest+json",
};

export interface StaticServer {
  readonly origin: string;
  /** Paths that are answered with 404 although the file is there. */
  missing: RegExp | null;
  /** What was served, since last emptied: path, and bytes gzipped. */
  readonly served: { readonly path: string; readonly gzip: number }[];
  /** What the next page, worker or worklet says of itself: the text that it posts to /report. */
  report(): Promise<string>;
  close(): Promise<void>;
}

interface State {
  missing: RegExp | null;
  readonly served: { path: string; gzip: number }[];
  readonly reports: string[];
  readonly waiting: ((report: string) => void)[];
}

/** Plain files on the loopback, at a free port; `extra` adds single files, `headers` go with every answer. */
export async function serve(
  folder: string,
  extra: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<StaticServer> {
  const state: State = { missing: null, served: [], reports: [], waiting: [] };
  const server: Server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname));
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (path === "/report") {
      const report = await text(request);
      (state.waiting.shift() ?? ((late) => state.reports.push(late)))(report);
      return response.writeHead(204).end();
    }
    if (path === "/")
      return response
        .writeHead(200, { "content-type": "text/html" })
        .end("<!doctype html><link rel=icon href=data:,><title>wasm-rnn</title>");
    try {
      if (state.missing?.test(path)) throw new Error("none here");
      const body = await readFile(extra[path] ?? join(folder, path));
      state.served.push({ path, gzip: gzipSync(body, { level: 9 }).length });
      response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(state, {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    report: () =>
      new Promise<string>((resolve) => {
        const early = state.reports.shift();
        if (early === undefined) state.waiting.push(resolve);
        else resolve(early);
      }),
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}
