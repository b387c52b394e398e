/** The packed and installed package in Chromium, as plain files without a bundler. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type InstalledPackage, installPackage, ROOT } from "../helpers/package.js";
import { launchChromium } from "./chromium.js";
import { fitted, notebook, sums, trainAndStream } from "./scenario.js";
import { type StaticServer, serve } from "./server.js";

const PACKAGE = "/node_modules/wasm-rnn/dist";
type Result = Awaited<ReturnType<typeof trainAndStream>>;

let installed: InstalledPackage;
let server: StaticServer;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  installed = installPackage();
  const scripts = join(installed.folder, "scripts");
  await esbuild.build({
    ...{ entryPoints: ["scenario", "worker"].map((name) => join(ROOT, `tests/browser/${name}.ts`)), outdir: scripts },
    ...{ format: "esm", target: "es2022", logLevel: "warning" },
  });
  server = await serve(installed.folder, {
    "/scenario.js": join(scripts, "scenario.js"),
    "/worker.js": join(scripts, "worker.js"),
  });
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  installed?.dispose();
});

beforeEach(async () => {
  server.missing = null;
  server.served.length = 0;
  complaints = [];
  page = await browser.newPage();
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await page.goto(server.origin);
});

afterEach(async () => {
  await page.close();
});

/** The scenario in the page, with an entry of the package. */
function inPage(entry: string, build?: "baseline" | "relaxed"): Promise<Result> {
  return callInPage(`scenario.trainAndStream(library, ${JSON.stringify(build)})`, entry);
}

/** As text, since the test runner would rewrite the imports of a function. */
function callInPage<R>(call: string, entry: string): Promise<R> {
  return page.evaluate(`(async () => {
    const [scenario, library] = await Promise.all([import("/scenario.js"), import("${PACKAGE}/${entry}.js")]);
    return ${call};
  })()`);
}

function inNode(entry: string) {
  return import(/* @vite-ignore */ pathToFileURL(`${installed.folder}${PACKAGE}/${entry}.js`).href);
}

/** The binaries' modules that were loaded. */
function binaries(): string[] {
  const name = /\/dist\/binaries\/([\w-]+)\.js$/;
  return server.served.flatMap(({ path }) => name.exec(path)?.[1] ?? []);
}

describe("in the page", () => {
  test("trains and streams on the relaxed build", async () => {
    const result = await inPage("index");
    expect(result.build).toBe("relaxed");
    expect(result.losses.every(Number.isFinite)).toBe(true);
    expect(result.losses.at(-1)).toBeLessThan(result.losses[0] / 2);
    expect(binaries()).toEqual(["relaxed-f32"]);
    expect(complaints).toEqual([]);
  });

  test("the baseline gives Node's bits: initial weights, gradients, outputs, trained weights", async () => {
    const result = await inPage("index", "baseline");
    expect(result).toEqual(await trainAndStream(await inNode("index"), "baseline"));
    expect(binaries()).toEqual(["baseline-f32"]);
  });

  test("fit gives Node's checkpoints, byte for byte: order, dropout, orthogonal weights, moments", async () => {
    const result = await callInPage("scenario.fitted(library)", "index");
    expect(result).toEqual(await fitted(await inNode("index")));
    expect(result).toMatchObject({ count: 3 });
    expect(complaints).toEqual([]);
  });

  test("the same seed gives the same initial weights on either build", async () => {
    const [relaxed, baseline] = [await inPage("index", "relaxed"), await inPage("index", "baseline")];
    expect(relaxed.initial).toBe(baseline.initial);
    expect(relaxed.outputs).not.toBe(baseline.outputs); // they do differ in the last bits
  });

  test("int8: whole sums are Node's, on either build", async () => {
    const here = await callInPage<Record<string, number>>(
      `scenario.sums(library, await import("${PACKAGE}/int8.js"), ["baseline", "relaxed"])`,
      "index",
    );
    const there = await sums(await inNode("index"), await inNode("int8"), ["baseline"]);
    expect(here).toEqual({ baseline: there.baseline, relaxed: there.baseline });
    expect(binaries()).toEqual(["baseline-f32", "baseline-int8", "relaxed-f32", "relaxed-int8"]);
  });

  test("a binary that is not served is an error that names it", async () => {
    server.missing = /baseline-f32/;
    const refused = inPage("index", "baseline");
    await expect(refused).rejects.toThrow(/FormatError: build: expected the module of the "baseline" build, got .*baseline-f32/);
  });

  test("the single file needs no other beside it", async () => {
    server.missing = /dist\/(?!inline\.js)/;
    const result = await inPage("inline", "baseline");
    expect(result).toEqual(await trainAndStream(await inNode("index"), "baseline"));
    expect((await inPage("inline")).build).toBe("relaxed");
  });

  test("the notebook's functions give Node's bits", async () => {
    const result = await callInPage("scenario.notebook(library)", "notebook");
    expect(result).toEqual(await notebook(await inNode("notebook")));
  });
});

describe("in a worker", () => {
  test.each(["index", "inline"])("%s: the same bits", async (entry) => {
    const result = await page.evaluate(async (library) => {
      const worker = new Worker("/worker.js", { type: "module" });
      try {
        return await new Promise<Result>((resolve, reject) => {
          worker.onmessage = ({ data }) => ("error" in data ? reject(new Error(data.error)) : resolve(data));
          worker.onerror = (event) => reject(new Error(event.message));
          worker.postMessage({ library, build: "baseline" });
        });
      } finally {
        worker.terminate();
      }
    }, `${PACKAGE}/${entry}.js`);
    expect(result).toEqual(await trainAndStream(await inNode("index"), "baseline"));
  });
});
