/** wasm-rnn/worker in a page, from plain files: the page stays free while its worker trains. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type InstalledPackage, installPackage } from "../helpers/package.js";
import { launchChromium } from "./chromium.js";
import { type StaticServer, serve } from "./server.js";
import { type Traced, tasksBetween } from "./trace.js";

const MODULE = `
  export default ({ rt, library: { Dense, LSTM, MSELoss, SGD, Sequential, ArgumentError } }, { hiddenSize }) => {
    const model = new Sequential(rt, [new LSTM(rt, { inputSize: 1, hiddenSize }), new Dense(rt, { inputSize: hiddenSize, outputSize: 1 })]);
    const data = Array.from({ length: 8 }, (_, n) => ({ x: [n / 8, n / 4], y: [n / 8, n / 4] }));
    const raise = () => { throw new ArgumentError("a", "b", "c"); };
    const later = () => void setTimeout(() => { throw new TypeError("later"); });
    return { model, data, loss: new MSELoss(rt), optimizer: new SGD(model.parameters(), { lr: 0.1 }), methods: { raise, later } };
  };`;

/** In each page: the library, and a model with its data. */
const SETUP = `
  const lib = await import("/node_modules/wasm-rnn/dist/worker.js");
  const { createRuntime, fit, evaluate, generate } = lib;
  const layers = (H) => ({
    embedding: ["Embedding", { numEmbeddings: 30, embeddingDim: 32 }],
    lstm: ["LSTM", { inputSize: 32, hiddenSize: H }],
    head: ["Dense", { inputSize: H, outputSize: 30 }],
  });
  const samples = (count, T) => Array.from({ length: count }, (_, n) => {
    const x = Int32Array.from({ length: T }, (_, t) => (n * 7 + t * t) % 30);
    return { x, y: Int32Array.from(x, (token) => (token + 1) % 30) };
  });
  const training = { loss: ["CrossEntropyLoss"], optimizer: ["Adam", { lr: 0.003 }] };`;

let installed: InstalledPackage;
let server: StaticServer;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  installed = installPackage();
  writeFileSync(join(installed.folder, "model.js"), MODULE);
  writeFileSync(join(installed.folder, "own-worker.js"), 'import "./node_modules/wasm-rnn/dist/worker-thread.js";');
  buildSync({
    ...{ entryPoints: [join(installed.folder, "node_modules/wasm-rnn/dist/worker.js")], outfile: join(installed.folder, "app.js") },
    ...{ bundle: true, format: "esm", logLevel: "error" },
  });
  server = await serve(installed.folder, {});
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  installed?.dispose();
});

beforeEach(async () => {
  complaints = [];
  page = await browser.newPage();
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(server.origin);
});

afterEach(async () => {
  await page.close();
  expect(complaints).toEqual([]);
});

/** The body of an asynchronous function, as text: the test runner would rewrite its imports. */
function inPage<R>(body: string): Promise<R> {
  return page.evaluate(`(async () => { ${SETUP} ${body} })()`);
}

// By the processor's clock, which other programs do not move much; yet they take caches and the like: one of three goes is enough.
test("while a model of 128 units trains, and samples are moved, no task of the page takes 50 ms", { retry: 2 }, async () => {
  await browser.startTracing(page, { categories: ["toplevel", "blink.user_timing"] });
  const result = await inPage<{ told: number; loss: [number, number] }>(`
    const rt = await createRuntime({ seed: 1 });
    const model = await rt.sequential(layers(128));
    const data = samples(2000, 50);
    const losses = [];
    const controller = new AbortController();
    performance.mark("begin");
    const run = fit(model, { ...training, data, epochs: 100, batchSize: 32, signal: controller.signal });
    for await (const { loss } of run) {
      losses.push(loss);
      document.title = String(loss);
      if (losses.length === 40) break;
    }
    controller.abort();
    await run.catch(() => {});
    performance.mark("end");
    await new Promise((resolve) => setTimeout(resolve, 10));
    for (const start = performance.now(); performance.now() - start < 300; ); // such a task would be seen
    await new Promise((resolve) => setTimeout(resolve, 10));
    performance.mark("control");
    rt.dispose();
    return { told: losses.length, loss: [losses[0], losses.at(-1)] };`);
  const trace: Traced[] = JSON.parse((await browser.stopTracing()).toString()).traceEvents;
  const tasks = tasksBetween(trace, "begin", "end");
  console.log(`${tasks.length} tasks, the longest ${Math.max(...tasks).toFixed(1)} ms of the processor`);
  expect(tasks.length).toBeGreaterThan(40);
  expect(tasks.filter((task) => task > 50)).toEqual([]);
  expect(Math.max(...tasksBetween(trace, "end", "control"))).toBeGreaterThan(50);
  expect(result.told).toBe(40);
  expect(result.loss[1]).toBeLessThan(result.loss[0]);
});

test("arrays move, progress comes, a signal ends it by its reason, the weights come back", async () => {
  const result = await inPage(`
    const rt = await createRuntime({ seed: 1, build: "baseline" });
    const model = await rt.sequential(layers(16));
    const data = samples(300, 10);
    const before = await model.save();
    const controller = new AbortController();
    const run = fit(model, { ...training, data, epochs: 1e6, signal: controller.signal });
    let steps = 0;
    for await (const { step } of run) if ((steps = step) > 5) break;
    controller.abort("enough");
    const reason = await run.catch((reason) => reason);
    const after = await model.save();
    const tokens = await generate(model, [1, 2], { length: 5, seed: 3 });
    const size = before.length;
    await model.load(before);
    const stream = await model.stream();
    const output = await stream.step([3]);
    rt.dispose();
    const disposed = await model.save().catch((error) => error instanceof lib.DisposedError);
    return { moved: data.every(({ x, y }) => x.byteLength + y.byteLength === 0), steps: steps > 5, reason,
      same: size === after.length, tokens: tokens.length, output: [output.length, output instanceof Float32Array], left: before.byteLength, disposed };`);
  expect(result).toEqual({
    ...{ moved: true, steps: true, reason: "enough", same: true, tokens: 5, output: [30, true], left: 0, disposed: true },
  });
});

test("errors are of the very class; modules of one's own; a worker of one's own", async () => {
  const result = await inPage(`
    const rt = await createRuntime({ worker: () => new Worker("/own-worker.js", { type: "module" }) });
    const shape = await (await (await rt.sequential([["LSTM", { inputSize: 2, hiddenSize: 3 }]])).stream()).step([1]).catch((error) => error);
    const model = await rt.module("/model.js", { hiddenSize: 4 });
    const { steps } = await fit(model, { epochs: 3, batchSize: 4 });
    const { loss } = await evaluate(model);
    const raised = await model.call("raise").catch((error) => error);
    const missing = await rt.module("/none.js").catch((error) => error);
    const ours = await import("/node_modules/wasm-rnn/dist/index.js");
    return [shape instanceof ours.ShapeError && shape instanceof lib.ShapeError, shape.message, shape.stack.includes("worker-thread.js"),
      steps, loss > 0, raised instanceof ours.ArgumentError && raised.argument, missing instanceof ours.FormatError];`);
  expect(result).toEqual([true, "sample: expected 2 elements, got 1", true, 6, true, "a", true]);
});

test("in a bundle of esbuild the script is missing: the error says where, and the cure, which helps", async () => {
  const result = await inPage(`
    const bundled = await import("/app.js");
    const error = await bundled.createRuntime().catch((error) => error);
    const rt = await bundled.createRuntime({ worker: () => new Worker("/own-worker.js", { type: "module" }) });
    rt.dispose();
    return [error instanceof bundled.WorkerError, error.message];`);
  expect(result).toEqual([true, expect.stringMatching(/worker-thread\.js.*createRuntime\(\{ worker: \(\) => new Worker/)]);
  expect((result as string[])[1]).toContain(`${server.origin}/worker-thread.js`);
});

test("a worker that cannot be loaded, or fails on its way, rejects all that waits", async () => {
  const result = await inPage(`
    const missing = await createRuntime({ worker: () => new Worker("/none.js", { type: "module" }) }).catch((error) => error);
    const rt = await createRuntime();
    const model = await rt.module("/model.js", { hiddenSize: 4 });
    const run = fit(model, { epochs: 1e6 });
    await model.call("later");
    const error = await run.catch((error) => error);
    const later = await model.save().catch((error) => error);
    return [missing instanceof lib.WorkerError, error instanceof lib.WorkerError, error.message, later === error];`);
  expect(result).toEqual([true, true, expect.stringMatching(/later/), true]);
  complaints = complaints.filter((text) => !/later/.test(text)); // the browser tells of it, too
});
