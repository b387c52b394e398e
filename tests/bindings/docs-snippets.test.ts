/**
 * The snippets of the pages for newcomers: each `<!-- example: name -->` block runs as it stands, in a process of its own, in a folder where
 * `wasm-rnn` is this package as it was built. What a comment behind `console.log(…)` states is what it prints: word for word up to a "; ",
 * "…" standing for anything, or "above" and "below" a number.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "../helpers/package.js";

const PAGES = [
  "getting-started",
  "recipes",
  "coming-from",
  "errors",
  "how-it-is-fast",
  "int8",
  "weights",
  "weights-keras",
  "weights-onnx-export",
  "scaling",
  "parallel",
  "README",
].map((name) => `docs/${name}.md`);

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
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the pages' snippets", () => {
  test("there are some on every page that teaches, each with a name of its own, and all of JavaScript are marked", () => {
    for (const page of PAGES.slice(0, -1)) expect(SNIPPETS.filter((snippet) => snippet.page === page).length, page).toBeGreaterThan(0);
    expect(new Set(SNIPPETS.map(({ name }) => name)).size).toBe(SNIPPETS.length);
    const fences = PAGES.flatMap((page) => textOf(page).match(/^```(js|ts|javascript|typescript)\b/gm) ?? []);
    expect(fences.length).toBe(SNIPPETS.length);
  });

  test.concurrent.each(SNIPPETS)("$page: $name", async ({ name, code }) => {
    const stated = statedOf(code);
    expect(stated, "what it prints is stated").not.toEqual([]);
    writeFileSync(join(folder, `${name}.mjs`), code);
    const { stdout } = await run(process.execPath, [`${name}.mjs`], { cwd: folder, timeout: 25_000 });
    expect(missingOf(stated, stdout.split("\n")), stdout).toEqual([]);
  });
});

describe("the pages' links", () => {
  /** The anchors of a page's headings, as GitHub makes them. */
  const anchorsOf = (file: string): string[] =>
    [...readFileSync(file, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .replace(/ /g, "-"),
    );

  test.each(PAGES)("%s: each leads to a file, and to a heading in it", (page) => {
    const links = [
      ...textOf(page)
        .replace(/```[\s\S]*?```/g, "")
        .matchAll(/\]\(([^)\s]+)\)/g),
    ].map(([, link = ""]) => link);
    const dead = links
      .filter((link) => !/^[a-z]+:/.test(link) && !link.startsWith("api/"))
      .filter((link) => {
        const [path = "", anchor] = link.split("#");
        const file = path === "" ? join(ROOT, page) : join(ROOT, dirname(page), path);
        return !existsSync(file) || (anchor !== undefined && !anchorsOf(file).includes(anchor));
      });
    expect(links.length).toBeGreaterThan(3);
    expect(dead).toEqual([]);
  });
});
