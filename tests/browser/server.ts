import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const TYPES: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".json": "application/json" };

/** How the server answers for binaries. */
export type Binaries = "application/wasm" | "application/octet-stream" | "missing";

export interface StaticServer {
  readonly origin: string;
  binaries: Binaries;
  /** Paths of the binaries that were asked for, since last emptied. */
  readonly asked: string[];
  close(): Promise<void>;
}

/** Plain files on the loopback, at a free port; `extra` adds single files, `headers` go with every answer. */
export async function serve(
  folder: string,
  extra: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<StaticServer> {
  const state: { binaries: Binaries; asked: string[] } = { binaries: "application/wasm", asked: [] };
  const server: Server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname));
    const binary = path.endsWith(".wasm");
    if (binary) state.asked.push(path);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (path === "/")
      return response
        .writeHead(200, { "content-type": "text/html" })
        .end("<!doctype html><link rel=icon href=data:,><title>wasm-rnn</title>");
    try {
      if (binary && state.binaries === "missing") throw new Error("none here");
      const body = await readFile(extra[path] ?? join(folder, path));
      response.writeHead(200, { "content-type": binary ? state.binaries : (TYPES[extname(path)] ?? "application/octet-stream") }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(state, {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}
