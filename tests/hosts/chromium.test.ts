/** Chromium: page, Worker, service worker; policies; what is not served. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { launchChromium } from "../browser/chromium.js";
import { type StaticServer, serve } from "../browser/server.js";
import { expectReport, printedBy } from "./project.js";

/** What starts a script in each of the places. A page under a policy runs no script in its text. */
const STARTS = {
  page: 'import("/web/web-main.js");',
  worker: 'new Worker("/web/web-main.js", { type: "module" });',
  service: 'navigator.serviceWorker.register("/web/web-service.js", { type: "module" });',
  predict: `await navigator.serviceWorker.register("/service-worker.js", { type: "module" });
    await new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve));
    const answer = await fetch("/predict", { method: "POST", body: "[0.1, 0.2, 0.3]" });
    await fetch("/report", { method: "POST", body: await answer.text() });`,
};
type Place = keyof typeof STARTS;

let browser: Browser;
let page: Page;
let server: StaticServer;
const servers: StaticServer[] = [];

beforeAll(async () => {
  for (const [name, script] of Object.entries(STARTS)) {
    writeFileSync(join(inject("project"), `web/${name}.js`), script);
    const html = `<!doctype html><link rel="icon" href="data:,"><script type="module" src="/web/${name}.js"></script>`;
    writeFileSync(join(inject("project"), `web/${name}.html`), html);
  }
  browser = await launchChromium();
  server = await serveProject();
});

afterAll(async () => {
  await browser?.close();
  for (const each of servers) await each.close();
});

beforeEach(async () => {
  server.missing = null;
  page = await (await browser.newContext()).newPage();
  return () => page.context().close();
});

/** The project behind a server of its own. */
async function serveProject(policy?: string): Promise<StaticServer> {
  const served = await serve(inject("project"), {}, policy === undefined ? {} : { "content-security-policy": policy });
  servers.push(served);
  return served;
}

/** What comes of the smoke there. */
async function reportOf(place: Place, from = server): Promise<string> {
  await page.goto(`${from.origin}/web/${place}.html`);
  return from.report();
}

describe("Node's bits", () => {
  test.each(["page", "worker"] as const)("in a %s", async (place) => {
    await expectReport(await reportOf(place), "relaxed");
  });

  test("in a service worker, with a module or in one file; without either it says what to do", async () => {
    const report = await reportOf("service");
    await expectReport(report, "relaxed");
    expect(JSON.parse(report).without).toMatch(
      /^FormatError: build: expected the module of the "relaxed" build, got import\(\) is .*: where nothing can be loaded, pass \{ module \}/,
    );
  });
});

describe("the examples", () => {
  const expected = () => Number(printedBy(process.execPath, ["app.js"]).split(" ")[1]);

  test("app.js in page.html", async () => {
    const [message] = await Promise.all([
      page.waitForEvent("console", (message) => message.type() === "log"),
      page.goto(`${server.origin}/page.html`),
    ]);
    const [build, value] = message.text().split(" ");
    expect(build).toBe("relaxed");
    expect(Number(value)).toBeCloseTo(expected(), 5);
  });

  test("service-worker.js answers a page", async () => {
    expect(JSON.parse(await reportOf("predict")).at(-1)).toBeCloseTo(expected(), 5);
  });
});

describe("a Content-Security-Policy", () => {
  test.each(["page", "worker"] as const)("with 'wasm-unsafe-eval' suffices, in a %s", async (place) => {
    const strict = await serveProject("default-src 'self'; script-src 'self' 'wasm-unsafe-eval'");
    await expectReport(await reportOf(place, strict), "relaxed");
  });

  test.each(["page", "worker"] as const)("without it is named, in a %s", async (place) => {
    const strict = await serveProject("default-src 'self'; script-src 'self'");
    expect(await reportOf(place, strict)).toContain(
      "FormatError: build: expected leave to compile WebAssembly, got a Content-Security-Policy without: add 'wasm-unsafe-eval' to its script-src",
    );
  });
});

describe("a binary that does not come is named", () => {
  const refused =
    /^FormatError: build: expected the module of the "relaxed" build, got Failed to fetch .*binaries\/relaxed-f32\.js: where nothing/;

  test("not served", async () => {
    server.missing = /binaries\/relaxed-f32/;
    expect(await reportOf("page")).toMatch(refused);
  });

  test("offline", async () => {
    await page.goto(`${server.origin}/web/worker.html`); // the page has everything but the binary
    await server.report();
    const lib = "/node_modules/wasm-rnn/dist/index.js";
    await page.evaluate(`import("${lib}").then((lib) => { globalThis.lib = lib; })`);
    await page.context().setOffline(true);
    expect(await page.evaluate("lib.createRuntime().catch(String)")).toMatch(refused);
  });
});
