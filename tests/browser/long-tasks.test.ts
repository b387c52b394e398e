/**
 * `fit` on the main thread of a page: no task takes more than 50 ms of the processor. What is left out is the beginning: loading, and the first
 * twenty steps, until the engine has optimised the code. By the clock a busy machine makes any task long: that is printed, not held.
 */
import { join } from "node:path";
import * as esbuild from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type InstalledPackage, installPackage, ROOT } from "../helpers/package.js";
import type { Noticed } from "./busy.js";
import { launchChromium } from "./chromium.js";
import { type StaticServer, serve } from "./server.js";
import { tasksBetween } from "./trace.js";

let installed: InstalledPackage;
let server: StaticServer;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  installed = installPackage();
  const busy = join(installed.folder, "busy.js");
  await esbuild.build({
    ...{ entryPoints: [join(ROOT, "tests/browser/busy.ts")], outfile: busy },
    ...{ format: "esm", target: "es2022", logLevel: "warning" },
  });
  server = await serve(installed.folder, { "/busy.js": busy });
  browser = await launchChromium();
  page = await browser.newPage();
  await page.goto(server.origin);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  installed?.dispose();
});

/** Runs it in the page, which is clicked meanwhile. @returns also the processor's milliseconds of every task but the first ones */
async function noticedOf(call: string): Promise<Noticed & { tasks: number[] }> {
  let running = true;
  await browser.startTracing(page, { categories: ["toplevel", "blink.user_timing"] });
  const result: Promise<Noticed> = page
    .evaluate<Noticed>(
      `Promise.all([import("/busy.js"), import("/node_modules/wasm-rnn/dist/index.js")]).then(([busy, lib]) => busy.${call})`,
    )
    .finally(() => {
      running = false;
    });
  const clicks = (async () => {
    while (running) {
      await page.mouse.click(5, 5);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  })();
  const noticed = await result;
  await clicks;
  return { ...noticed, tasks: tasksBetween(JSON.parse((await browser.stopTracing()).toString()).traceEvents, "warm", "done") };
}

const share = (values: readonly number[], part: number) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] as number;

function summary(name: string, { steps, long, early, frames, inputs, total, tasks }: Awaited<ReturnType<typeof noticedOf>>): string {
  const of = (values: readonly number[]) => [0.5, 0.95, 1].map((part) => share(values, part).toFixed(1)).join(" / ");
  return [
    `${name}: ${steps.length} steps in ${(total / 1000).toFixed(1)} s; p50 / p95 / most, in ms: steps ${of(steps)},`,
    `frames ${of(frames)}, input ${of(inputs)}; longest task ${share(tasks, 1).toFixed(1)} ms of the processor;`,
    `long tasks by the clock ${long.length} (${long.join()}), in the beginning ${early.length} (${early.join()})`,
  ].join(" ");
}

test("an LSTM of 128 units: no long task, frames, timers and input come in", async () => {
  const noticed = await noticedOf("trainLSTM(lib, 5)");
  console.log(summary("LSTM 128", noticed));
  expect(noticed.steps.length).toBeGreaterThan(20);
  expect(noticed.tasks.length).toBeGreaterThan(noticed.steps.length);
  expect(noticed.tasks.filter((task) => task > 50)).toEqual([]);
  const bound = 50 + 2 * share(noticed.steps, 0.5);
  expect(share(noticed.frames, 0.5)).toBeLessThan(bound);
  expect(share(noticed.inputs, 0.5)).toBeLessThan(bound);
  expect(noticed.timers).toBeGreaterThan(noticed.total / bound / 2);
});

test("300,000 samples in buckets, and checkpoints of 5 MB: no long task either", async () => {
  const noticed = await noticedOf("trainOnMany(lib)");
  console.log(summary("many samples", noticed));
  expect(noticed.steps.length).toBeGreaterThan(200);
  expect(noticed.tasks.filter((task) => task > 50)).toEqual([]);
});
