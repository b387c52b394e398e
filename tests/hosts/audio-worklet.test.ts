/** An AudioWorklet: an LSTM of 64 units, a step a sample. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { launchChromium } from "../browser/chromium.js";
import { type StaticServer, serve } from "../browser/server.js";
import { expectReport, MODULES, printedBy, run } from "./project.js";
import type { Rendered } from "./web-audio.js";

const BUNDLE = "audio/processor.js --bundle --format=esm --outfile=dist/processor.js --log-level=warning";
const NODE_24 = join(MODULES, "node24/bin/node");

let server: StaticServer;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  const folder = inject("project");
  const lib = await import(/* @vite-ignore */ pathToFileURL(join(folder, "node_modules/wasm-rnn/dist/index.js")).href);
  const rt = await lib.createRuntime({ seed: 3 });
  const layers = { lstm: new lib.LSTM(rt, { inputSize: 1, hiddenSize: 64 }), head: new lib.Dense(rt, { inputSize: 64, outputSize: 1 }) };
  writeFileSync(join(folder, "audio/filter.safetensors"), new lib.Sequential(rt, layers).save({ of: "häuser" }));
  rt.dispose();
  expect(run("esbuild", BUNDLE.split(" "))).toMatchObject({ stderr: "", status: 0 });
  server = await serve(folder, {});
  browser = await launchChromium();
  page = await browser.newPage();
  await page.goto(server.origin);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** As text, since the test runner would rewrite the import of a function. */
function inPage<R>(call: string): Promise<R> {
  return page.evaluate(`import("/web/web-audio.js").then((audio) => audio.${call})`);
}

/** Milliseconds of the processor that Chromium's pages have taken. */
async function processorTime(): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  return processInfo.reduce((sum, { type, cpuTime }) => sum + (type === "renderer" ? 1000 * cpuTime : 0), 0);
}

test("the example gives Node's bits, bundled or not, and leaves no garbage", async () => {
  const node = JSON.parse(printedBy(NODE_24, ["--expose-gc", "--max-semi-space-size=1", "audio-node.js"]));
  expect(Math.abs(node.last)).toBeGreaterThan(0.01); // it is no silence
  for (const call of ["bundled(0.5)", "byPath(0.5)"]) expect(await inPage(call)).toMatchObject({ hash: node.hash, last: node.last });
  expect(node.bytes).toBeLessThan(12); // a block of 128 steps
  expect(node.control).toBeGreaterThan(128 * 12); // an object a step would be seen
});

test("an LSTM of 64 units, a step a sample, is five times as fast as it sounds", async () => {
  const [byClock, byProcessor]: [number[], number[]] = [[], []];
  const seconds = 4; // in the first quarter of one V8 still optimises
  for (let i = 0; i < 3; i++) {
    const before = await processorTime();
    const { ms } = await inPage<Rendered>(`bundled(${seconds})`);
    byClock.push((1000 * seconds) / ms);
    byProcessor.push((1000 * seconds) / ((await processorTime()) - before));
  }
  const show = (factors: number[]) => factors.map((factor) => factor.toFixed(1)).join(", ");
  console.log(`44.1 kHz: ${show(byClock)} times real time by the clock, ${show(byProcessor)} by all of the page's processor time`);
  // Whoever else is at work makes it slower by the clock, whatever else the page does by the processor's time.
  expect(Math.max(...byClock, ...byProcessor)).toBeGreaterThan(5);
});

test("the smoke: Node's bits, and refusals that say what to do", async () => {
  const smoke = await inPage<Record<"without" | "inline" | "debug", string>>("probe()");
  await expectReport(JSON.stringify(smoke), "relaxed");
  const nothing = "where nothing can be loaded, pass { module }, or bytes to createRuntimeSync";
  expect(smoke.without).toMatch(new RegExp(`^FormatError: build: .* import\\(\\) is disallowed .*: ${nothing}$`));
  expect(smoke.inline).toMatch(/^FormatError: build: expected a host with atob, got one without: pass .*createRuntimeSync$/);
  expect(smoke.debug).toMatch(/^FormatError: build: expected "debug" in Node, beside the package, got none: elsewhere compile/);
});

test("the processor's one file holds no binary", () => {
  const file = readFileSync(join(inject("project"), "dist/processor.js"), "utf8");
  expect(file.length).toBeGreaterThan(10_000);
  expect(file).not.toMatch(/[A-Za-z0-9+/]{1000}/);
});
