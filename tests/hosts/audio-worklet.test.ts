/** An AudioWorklet: an LSTM of 64 units, a step a sample. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { launchChromium } from "../browser/chromium.js";
import { type StaticServer, serve } from "../browser/server.js";
import { expectReport, MODULES, printedBy, run } from "./project.js";

const BUNDLE = "audio/processor.js --bundle --format=esm --outfile=dist/processor.js --log-level=warning";
const NODE_24 = join(MODULES, "node24/bin/node");

let server: StaticServer;
beforeAll(async () => {
  const folder = inject("project");
  const lib = await import(/* @vite-ignore */ pathToFileURL(join(folder, "node_modules/wasm-rnn/dist/index.js")).href);
  const rt = await lib.createRuntime({ seed: 3 });
  const layers = { lstm: new lib.LSTM(rt, { inputSize: 1, hiddenSize: 64 }), head: new lib.Dense(rt, { inputSize: 64, outputSize: 1 }) };
  writeFileSync(join(folder, "audio/filter.safetensors"), new lib.Sequential(rt, layers).save({ of: "häuser" }));
  rt.dispose();
  expect(run("esbuild", BUNDLE.split(" "))).toMatchObject({ stderr: "", status: 0 });
  writeFileSync(join(folder, "web/audio.html"), '<!doctype html><script type="module" src="/web/web-audio.js"></script>');
  server = await serve(folder, {});
});
afterAll(() => server?.close());

test("the example runs there, five times as fast as it sounds, and leaves no garbage; the smoke gives Node's bits", async () => {
  const browser = await launchChromium();
  const page = await browser.newPage();
  await page.goto(`${server.origin}/web/audio.html`);
  const { byPath, bundled, smoke } = JSON.parse(await server.report());
  await browser.close();

  const node = JSON.parse(printedBy(NODE_24, ["--expose-gc", "--max-semi-space-size=1", "audio-node.js"]));
  for (const { hash, last } of [byPath, ...bundled]) expect([hash, last]).toEqual([node.hash, node.last]);
  expect(Math.abs(node.last)).toBeGreaterThan(0.01); // it is no silence
  expect(node.bytes).toBeLessThan(12); // a block of 128 steps
  expect(node.control).toBeGreaterThan(128 * 12); // an object a step would be seen

  const factors = bundled.map(({ factor }: { factor: number }) => factor.toFixed(1));
  console.log(`LSTM of 64 units, a step a sample at 44.1 kHz: ${factors.join(", ")} times real time`);
  expect(Math.max(...factors.map(Number))).toBeGreaterThan(5); // the best of them: whoever else is at work makes the others slower

  await expectReport(JSON.stringify(smoke), "relaxed");
  const nothing = "where nothing can be loaded, pass { module }, or bytes to createRuntimeSync";
  expect(smoke.without).toMatch(new RegExp(`^FormatError: build: .* import\\(\\) is disallowed .*: ${nothing}$`));
  expect(smoke.inline).toMatch(/^FormatError: build: expected a host with atob, got one without: pass .*createRuntimeSync$/);
  expect(smoke.debug).toMatch(/^FormatError: build: expected "debug" in Node/);
});

test("the processor's one file holds no binary", () => {
  const file = readFileSync(join(inject("project"), "dist/processor.js"), "utf8");
  expect(file.length).toBeGreaterThan(10_000);
  expect(file).not.toMatch(/[A-Za-z0-9+/]{1000}/);
});
