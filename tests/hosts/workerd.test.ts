/** Cloudflare's workerd, on the loopback. */
import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as esbuild from "esbuild";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { expectReport, MODULES, printedBy } from "./project.js";

const WORKERD = join(MODULES, "@cloudflare/workerd-linux-64/bin/workerd");
const NAMES = ["smoke", "bare", "example"] as const;
const ports = {} as Record<(typeof NAMES)[number], number>;
let workerd: ChildProcess;

/** Newer dates bring a part of Node. What wrangler does: bundles the script, and hands over what ends in .wasm as compiled modules. */
const CONFIG = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [ ${NAMES.map((name) => `(name = "${name}", worker = .${name})`).join(", ")} ],
  sockets = [ ${NAMES.map((name) => `(name = "${name}", address = "127.0.0.1:0", http = (), service = "${name}")`).join(", ")} ],
);
${NAMES.map(
  (name) => `const ${name} :Workerd.Worker = (
  compatibilityDate = "${name === "bare" ? "2025-01-01" : "2026-11-01"}",
  modules = [
    (name = "${name}.js", esModule = embed "${name}.js"),
    (name = "wasm-rnn/build/baseline-f32.wasm", wasm = embed "../node_modules/wasm-rnn/build/baseline-f32.wasm"),
    (name = "wasm-rnn/build/relaxed-f32.wasm", wasm = embed "../node_modules/wasm-rnn/build/relaxed-f32.wasm"),
  ],
);`,
).join("\n")}
`;

beforeAll(async () => {
  const folder = join(inject("project"), "workerd");
  const entryPoints = { smoke: "workerd-smoke.js", bare: "workerd-smoke.js", example: "workerd.js" };
  await esbuild.build({
    ...{ absWorkingDir: inject("project"), entryPoints, outdir: folder, external: ["*.wasm"] },
    ...{ bundle: true, format: "esm", target: "es2022", logLevel: "warning" },
  });
  writeFileSync(join(folder, "config.capnp"), CONFIG);
  workerd = spawn(WORKERD, ["serve", join(folder, "config.capnp"), "--control-fd=3"], { stdio: ["ignore", "inherit", "inherit", "pipe"] });
  for await (const line of createInterface({ input: workerd.stdio[3] as NodeJS.ReadableStream })) {
    const { event, socket, port } = JSON.parse(line);
    if (event === "listen") ports[socket as (typeof NAMES)[number]] = port;
    if (Object.keys(ports).length === NAMES.length) break;
  }
});

afterAll(() => void workerd?.kill());

test.each(["smoke", "bare"] as const)("with a compiled module, at once or not: Node's bits (%s)", async (name) => {
  const text = await (await fetch(`http://127.0.0.1:${ports[name]}/`)).text();
  await expectReport(text, "relaxed");
  const { without, bytes, debug, saved } = JSON.parse(text);
  const leave = "FormatError: build: expected leave to compile WebAssembly, got a host without: pass { module }";
  expect([without, bytes]).toEqual([expect.stringContaining(leave), expect.stringContaining(leave)]);
  expect(debug).toContain('FormatError: build: expected "debug" in Node');
  const none = "ArgumentError: file: expected none, this host having no file system (use checkpoint.save), got a path";
  expect(saved).toBe(name === "bare" ? none : "Error: operation not permitted"); // Node's file system, but read-only
});

test("the example gives what Node gives", async () => {
  const response = await fetch(`http://127.0.0.1:${ports.example}/`, { method: "POST", body: "[0.1, 0.2, 0.3]" });
  const [, last] = printedBy(process.execPath, ["app.js"]).split(" ");
  expect((await response.json()).at(-1)).toBeCloseTo(Number(last), 5);
});
