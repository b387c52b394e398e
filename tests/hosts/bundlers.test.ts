/** One tiny app by each bundler, without configuration, as docs/hosts.md has it: what it puts out, what a page loads of that, and that it runs. */
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { launchChromium } from "../browser/chromium.js";
import { type StaticServer, serve } from "../browser/server.js";
import { ROOT } from "../helpers/package.js";
import { environment, printedBy, run } from "./project.js";

const BINARIES = ["baseline", "baseline-f32", "relaxed", "relaxed-f32"] as const;
/** Text within a binary's module, of no other. */
const marks = BINARIES.map((name) => {
  const module = readFileSync(join(ROOT, `bindings/generated/binaries/${name}.ts`), "utf8");
  return [name, module.slice(module.length / 2, module.length / 2 + 80)] as const;
});

let browser: Browser;
const servers: StaticServer[] = [];
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  for (const server of servers) await server.close();
});

/** The commands of the page's table, by what the app's folder is called. */
function commands(): [string, string][] {
  const page = readFileSync(join(ROOT, "docs/hosts.md"), "utf8");
  const rows = [...page.matchAll(/^\| [\w ]+ \| `(\w+) (.*?)` \|/gm)];
  return rows.map(([, bundler = "", args = ""]) => [`${bundler} ${args}`, `${bundler}${args.includes("--splitting") ? "-splitting" : ""}`]);
}

/** The app in a folder of its own. */
function project(name: string): string {
  const folder = join(inject("project"), "apps", name);
  mkdirSync(folder, { recursive: true });
  for (const file of ["app.js", "index.html"]) cpSync(join(inject("project"), file), join(folder, file));
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  return folder;
}

/** Builds the app. @returns the folder of what was put out */
function build(command: string, name: string): string {
  const folder = project(name);
  const { status, stdout, stderr } = run("sh", ["-c", `cd ${folder} && ${command}`]);
  if (status !== 0 || /warning/i.test(stdout + stderr)) throw new Error(`${command}: ${stdout}${stderr}`);
  return join(folder, "dist");
}

/** A page for what is no page yet; webpack finds its other files by the script that runs, which a module is not. */
function pageOf(folder: string): void {
  const files = readdirSync(folder);
  if (files.includes("index.html")) return;
  const script = files.includes("main.js") ? '<script src="main.js" defer>' : '<script type="module" src="app.js">';
  writeFileSync(join(folder, "index.html"), `<!doctype html>${script}</script>`);
}

/** Opens the page; what the app says, or why it does not. */
async function said(address: string): Promise<string> {
  const page = await browser.newPage();
  try {
    const logged = page.waitForEvent("console", (message) => message.type() === "log").then((message) => message.text());
    const failed = page.waitForEvent("pageerror").then(String);
    const first = Promise.race([logged, failed]);
    await page.goto(address);
    return await first;
  } finally {
    await page.close();
  }
}

/** What app.js says everywhere. */
function expectSaid(text: string): void {
  const [build, value] = text.split(" ");
  expect(build).toBe("relaxed");
  expect(Number(value)).toBeCloseTo(Number(printedBy(process.execPath, ["app.js"]).split(" ")[1]), 5);
}

test.each(commands())("%s", async (command, name) => {
  const folder = build(command, name);
  pageOf(folder);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => /\.\w+$/.test(file));
  expect(files.filter((file) => file.endsWith(".wasm"))).toEqual([]);
  for (const file of files) expect(readFileSync(join(folder, file), "latin1")).not.toContain("AGFzbQ"); // nor one in base64

  const server = await serve(folder, {});
  servers.push(server);
  expectSaid(await said(`${server.origin}/index.html`));
  const loaded = server.served.filter(({ path }) => path.endsWith(".js"));
  const textOf = (path: string) => readFileSync(join(folder, path), "utf8").replaceAll("\\\n", ""); // long strings go over several lines
  const holds = (path: string) => marks.flatMap(([binary, mark]) => (textOf(path).includes(mark) ? [binary] : []));
  const binaries = loaded.filter(({ path }) => holds(path).length > 0);
  const isSplit = name !== "esbuild";
  expect(binaries.flatMap(({ path }) => holds(path))).toEqual(isSplit ? ["relaxed-f32"] : expect.arrayContaining([...BINARIES]));
  const sizeOf = (list: typeof loaded) => `${(list.reduce((sum, { gzip }) => sum + gzip, 0) / 1024).toFixed(1)} KB`;
  const scripts = loaded.filter((file) => !binaries.includes(file));
  console.log(`${name}: scripts ${sizeOf(scripts)} gzipped, ${isSplit ? "the binary" : "with all binaries"} ${sizeOf(binaries)}`);

  if (!isSplit) return;
  server.missing = new RegExp(`${binaries[0]?.path}$`);
  expect(await said(`${server.origin}/index.html`)).toMatch(/^FormatError: build: expected the module of the "relaxed" build, got /);
});

test("Vite's server, while an app is written", async () => {
  const folder = project("vite-server");
  const vite = spawn("vite", ["--port", "0", "--host", "127.0.0.1"], {
    cwd: folder,
    env: environment(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    let text = "";
    for await (const chunk of vite.stdout) {
      text += stripVTControlCharacters(String(chunk));
      if (/http:\S+/.test(text)) break;
    }
    expectSaid(await said(/http:\S+/.exec(text)?.[0] as string));
  } finally {
    vite.kill();
  }
});
