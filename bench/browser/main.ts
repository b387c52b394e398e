/**
 * npm run bench:browser [-- words] [--quick] [--json FILE]: the kernels and layers in a page of headless Chromium; by the word `cold` a cold start
 * instead, beside onnxruntime-web's.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Browser, chromium } from "playwright-core";
import { serve } from "../../tests/browser/server.js";
import { assembleLoop } from "../kernels/assemble.js";
import { LOOPS } from "../kernels/roofline.js";
import { coldStart } from "./cold.js";

const { values, positionals: words } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false }, json: { type: "string" } },
});

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run"],
});
try {
  const machine = {
    cpu: cpus()[0]?.model ?? "unknown",
    host: `Chromium ${browser.version()}`,
    date: new Date().toISOString().slice(0, 10),
  };
  console.log(`${machine.host}, ${machine.cpu}. Minimum and median of interleaved rounds; one thread; % of the measured roofline.\n`);
  const { quick } = values;
  const result = words.includes("cold") ? { cases: await coldStart(browser, { quick, print: console.log }) } : await suite(browser);
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ machine, ...result }, null, 1)}\n`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  await browser.close();
}

async function suite(browser: Browser): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), "wasm-rnn-bench-"));
  const extra: Record<string, string> = { "/page.js": "build/bench/page.js" };
  for (const build of ["baseline", "relaxed"]) {
    for (const loop of LOOPS) {
      const path = join(folder, `${build}-${loop}.wasm`);
      writeFileSync(path, assembleLoop(build, loop));
      extra[`/loops/${build}-${loop}.wasm`] = path;
    }
  }
  // Cross-origin isolation: the page's clock then ticks in steps of 5 µs instead of 100.
  const isolation = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
  const server = await serve(process.cwd(), extra, isolation);
  try {
    const page = await browser.newPage();
    page.on("console", (message) => console.log(message.text()));
    await page.goto(server.origin);
    await page.addScriptTag({ type: "importmap", content: '{ "imports": { "wasm-rnn": "/dist/index.js" } }' });
    await page.addScriptTag({ type: "module", url: "/page.js" });
    await page.waitForFunction("window.runBench");
    return await page.evaluate((options) => window.runBench(options), { quick: values.quick, words });
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
