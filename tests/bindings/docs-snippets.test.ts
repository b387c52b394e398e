/**
 * The snippets of the pages: each `<!-- example: name -->` block runs as it stands, in a process of its own, in a folder where
 * `wasm-rnn` is this package as it was built, beside the page's `<!-- file: name.js -->` blocks. That none is unmarked: tests/documents.test.ts. What a comment behind `console.log(…)` states is what it prints: word for word up to a "; ",
 * "…" standing for anything, or "above" and "below" a number.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "../helpers/package.js";

const PAGES = readdirSync(join(ROOT, "docs"))
  .filter((file) => file.endsWith(".md") && file !== "hosts.md") // what stands there is run on its hosts: npm run test:hosts
  .map((file) => `docs/${file}`);
/** Prose about numbers, symbols and files of the sources. */
const WITHOUT = ["README", "adding-a-cell", "notation", "numerics"].map((name) => `docs/${name}.md`);

interface Snippet {
  readonly page: string;
  readonly name: string;
  readonly code: string;
}

const textOf = (page: string): string => readFileSync(join(ROOT, page), "utf8");

const SNIPPETS: readonly Snippet[] = PAGES.flatMap((page) =>
  [...textOf(page).matchAll(/<!-- example: ([\w-]+) -->\s*```js\n([\s\S]*?)```/g)].map(([, name = "", code = ""]) => ({
    page,
    name,
    code,
  })),
);

/** Modules that snippets name, `<!-- file: name.js -->`: they lie beside them. */
const MODULES = PAGES.flatMap((page) => [...textOf(page).matchAll(/<!-- file: ([\w-]+\.js) -->\s*```js\n([\s\S]*?)```/g)]);

/** What the comments of a snippet say that it prints, in their order. */
function statedOf(code: string): string[] {
  return [...code.matchAll(/^.*\bconsole\.log\(.*\);?\s\/\/ (.+)$/gm)].map(([, comment = ""]) => comment.replace(/; .*$/, "").trim());
}

/** Whether a printed line is what a comment states. */
function agrees(stated: string, printed: string): boolean {
  const bound = /^(above|below) (-?[\d.]+)$/.exec(stated);
  if (bound) {
    const number = Number(/-?[\d.]+(e-?\d+)?(?=\D*$)/.exec(printed)?.[0] ?? Number.NaN);
    return bound[1] === "above" ? number > Number(bound[2]) : number < Number(bound[2]);
  }
  const parts = stated.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(printed);
}

/** The stated lines that were not printed, in their order, others in between. */
function missingOf(stated: readonly string[], printed: readonly string[]): string[] {
  let from = 0;
  return stated.filter((each) => {
    const at = printed.findIndex((line, i) => i >= from && agrees(each, line));
    if (at >= 0) from = at + 1;
    return at < 0;
  });
}

const run = promisify(execFile);
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wasm-rnn-snippets-"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(ROOT, join(folder, "node_modules/wasm-rnn"), "junction");
  symlinkSync(join(ROOT, "node_modules/piscina"), join(folder, "node_modules/piscina"), "junction");
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const [, name = "", code = ""] of MODULES) writeFileSync(join(folder, name), code);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the pages' snippets", () => {
  test("there are some on every page that teaches, and each has a name of its own", () => {
    const teaching = PAGES.filter((page) => !WITHOUT.includes(page));
    expect(teaching.filter((page) => !SNIPPETS.some((snippet) => snippet.page === page))).toEqual([]);
    const names = [...SNIPPETS.map(({ name }) => `${name}.js`), ...MODULES.map(([, name]) => name)];
    expect(new Set(names).size).toBe(names.length);
  });

  test.concurrent.each(SNIPPETS)("$page: $name", async ({ name, code }) => {
    const stated = statedOf(code);
    expect(stated, "what it prints is stated").not.toEqual([]);
    writeFileSync(join(folder, `${name}.mjs`), code);
    const { stdout } = await run(process.execPath, [`${name}.mjs`], { cwd: folder, timeout: 60_000 });
    expect(missingOf(stated, stdout.split("\n")), stdout).toEqual([]);
  }, 65_000);
});
