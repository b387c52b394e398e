/** The documents by themselves: each link leads to a file and to a heading in it, each snippet is run by somebody, each page is in the site. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { deadAnchors } from "../scripts/dead-anchors.js";
import { filesBelow } from "../scripts/files-below.js";
import { anchorOf } from "../site/.vitepress/anchor.js";
import { sectionsOfApi, weightOf } from "../site/.vitepress/search.js";
import { DOCUMENTS, EXAMPLES as EXAMPLES_AT_SIDE } from "../site/.vitepress/sidebar.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const textOf = (file: string): string => readFileSync(join(ROOT, file), "utf8");

const PAGES = readdirSync(join(ROOT, "docs")).filter((file) => file.endsWith(".md"));
const EXAMPLES = readdirSync(join(ROOT, "examples")).map((name) => `examples/${name}/README.md`);
const FILES = [
  ...["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "bench/README.md", "examples/README.md"],
  ...EXAMPLES.filter((file) => existsSync(join(ROOT, file))),
  ...["docs", "docs/adr", "docs/math"].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((file) => file.endsWith(".md"))
      .map((file) => `${folder}/${file}`),
  ),
];

/** The anchors of a page, as GitHub and the site make them of its headings, and those that it gives itself. */
function anchorsOf(text: string): string[] {
  const seen = new Map<string, number>();
  const headings = [...text.replace(/^```[\s\S]*?^```/gm, "").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => {
    const anchor = anchorOf(heading.replace(/\]\([^)]*\)/g, "]"));
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    return times === 0 ? anchor : `${anchor}-${times}`;
  });
  return [...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = ""]) => id)];
}

/** What a page refers to, in Markdown and in HTML. */
function linksOf(text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "`code`");
  return [...prose.matchAll(/\]\(([^)\s]+)\)|<(?:img|a)\b[^>]*?\b(?:src|href)="([^"]+)"/g)].map(([, link, tag]) => link ?? tag ?? "");
}

function deadOf(file: string): string[] {
  return linksOf(textOf(file)).filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = "", anchor] = link.split("#");
    const to = path === "" ? file : join(dirname(file), path);
    if (to.startsWith("docs/api/")) return false; // made by `npm run docs`, whose links the site's build checks
    if (!existsSync(join(ROOT, to))) return true;
    return anchor !== undefined && !anchorsOf(textOf(to)).includes(anchor);
  });
}

describe("links", () => {
  test.each(FILES)("%s: each leads to a file, and to a heading in it", (file) => {
    expect(deadOf(file)).toEqual([]);
  });

  test("are found, and dead ones too", () => {
    expect(linksOf('[a](b.md#c) `[no](code.md)` <img src="d.svg" width="2">\n```js\n[x](y)\n```\n')).toEqual(["b.md#c", "d.svg"]);
    expect(anchorsOf('# A b, `c`\n## A b c\n<a id="own"></a>')).toEqual(["a-b-c", "a-b-c-1", "own"]);
    expect(anchorsOf("## wasm-rnn/worker")).toEqual(["wasm-rnnworker"]); // as GitHub has it
    expect(FILES.length).toBeGreaterThan(55);
  });

  test("of the built site to no place are found", () => {
    const folder = mkdtempSync(join(tmpdir(), "site-"));
    mkdirSync(join(folder, "docs"));
    writeFileSync(
      join(folder, "index.html"),
      '<h2 id="a&amp;b">A</h2> <a href="/base/docs/x.html#here"> <a href="docs/x#nowhere"> <a href="#a&amp;b">',
    );
    const links = ["../#a%26b", "#here", "#there", "/base/#c", "https://example.org/#d", "gone.html#e", "x.html?q#here"];
    writeFileSync(join(folder, "docs/x.html"), `<p id="here">${links.map((link) => `<a href="${link}">`).join(" ")}`);
    expect(deadAnchors(folder, "/base/").sort()).toEqual(["docs/x.html: #there", "docs/x.html: /base/#c", "index.html: docs/x#nowhere"]);
    rmSync(folder, { recursive: true });
  });
});

/** What stands before a snippet that somebody runs: the pages' tests, those of hosts, or those beside ONNX Runtime; "quoted" names the file that it is in. */
const MARK = /<!-- (?:example|file|served|quoted): ([^ ]+) -->\s*$/;

interface Fence {
  readonly language: string;
  readonly code: string;
  readonly mark: string | undefined;
}

function fencesOf(text: string): Fence[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)].map((match) => {
    const [, language = "", code = ""] = match;
    return { language, code, mark: MARK.exec(text.slice(0, match.index))?.[0].trim() };
  });
}

const isScript = ({ language, code }: Fence): boolean =>
  /^(js|ts|javascript|typescript|mjs)$/.test(language) || (/^(text|)$/.test(language) && /\bawait |=>|^import |^export /m.test(code));

describe("snippets", () => {
  test.each(["README.md", ...PAGES.map((page) => `docs/${page}`)])("%s: each of JavaScript is marked, so that it is run", (file) => {
    const unmarked = fencesOf(textOf(file)).filter((fence) => isScript(fence) && fence.mark === undefined);
    expect(unmarked.map(({ code }) => code)).toEqual([]);
  });

  test("an unmarked one is seen, whatever its fence says", () => {
    const text = "<!-- example: a -->\n```js\n1\n```\n\n```js\n2\n```\n\n```text\nawait 3\n```\n\n```sh\nnpm 4\n```\n";
    const scripts = fencesOf(text).filter(isScript);
    expect(scripts.map(({ code, mark }) => [code, mark])).toEqual([
      ["1\n", "<!-- example: a -->"],
      ["2\n", undefined],
      ["await 3\n", undefined],
    ]);
  });

  test("what is quoted stands in the file that is named", () => {
    const bare = (code: string): string => code.replace(/\/\/.*$/gm, "").replace(/\s+|,(?=\s*[\])}])/g, "");
    const quoted = PAGES.flatMap((page) => fencesOf(textOf(`docs/${page}`))).filter(({ mark }) => mark?.includes("quoted"));
    expect(quoted.length).toBeGreaterThan(0);
    for (const { mark = "", code } of quoted) {
      const source = bare(textOf(/quoted: ([^ ]+)/.exec(mark)?.[1] ?? ""));
      expect(source).toContain(bare(code));
    }
  });
});

describe("the reference", () => {
  const ENTRIES = [
    "index",
    "worker",
    "parallel",
    "int8",
    "ops",
    "cells",
    "sequence",
    "pytorch",
    "numpy",
    "keras",
    "onnx",
    "terminal",
    "notebook",
  ];

  test.each(ENTRIES)("names all that bindings/%s.ts gives, or the page of errors does", async (entry) => {
    const named = new Set(`${textOf("docs/reference.md")}${textOf("docs/errors.md")}`.match(/\w+/g));
    const given = Object.keys(await import(`../bindings/${entry}.ts`));
    expect(given.length).toBeGreaterThan(0);
    expect(given.filter((name) => !named.has(name))).toEqual([]);
  });
});

describe("the site", () => {
  const linksIn = (side: typeof DOCUMENTS) => side.flatMap(({ items = [] }) => items.map(({ link = "" }) => link));

  test("has every page of docs/ and docs/math/ at its side", () => {
    const math = readdirSync(join(ROOT, "docs/math")).map((page) => `math/${page}`);
    const pages = [...PAGES.filter((page) => page !== "README.md"), ...math].map((page) => `/docs/${page.replace(/\.md$/, "")}`);
    expect(linksIn(DOCUMENTS).sort()).toEqual(["/docs/", ...pages].sort());
  });

  test("has every example at the examples' side", () => {
    const pages = EXAMPLES.filter((file) => existsSync(join(ROOT, file))).map((file) => `/${file.replace(/README\.md$/, "")}`);
    expect(linksIn(EXAMPLES_AT_SIDE).sort()).toEqual(["/examples/", ...pages].sort());
  });

  test("finds of the reference a page and its own members, each with what stands below it", () => {
    const heading = (level: number, title: string) =>
      `<h${level} id="a">${title} <a class="header-anchor" href="#${anchorOf(title)}">​</a></h${level}>`;
    const html = `${heading(1, "Class: Gru")}<p>It is <b>one</b>.</p>${heading(2, "Constructors")}${heading(3, "no")}${heading(4, "Inherited from")}<p>Layer</p>${heading(2, "Methods")}
${heading(3, "step()")}<p>Goes on.</p>${heading(4, "Returns")}<p>nothing</p>${heading(3, "save()")}${heading(4, "Inherited from")}<p>Layer</p>`;
    expect(sectionsOfApi(html)).toEqual([
      { titles: ["Class: Gru"], text: "It is one. Layer" }, // whose constructor is another's
      { anchor: "step", titles: ["Class: Gru", "step()"], text: "Goes on. nothing" },
    ]);
    expect(["/docs/crf.html#numbers", "/docs/api/a.html", "/docs/api/a.html#b", "/bench/"].map(weightOf)).toEqual([1, 1, 0.5, 0.5]);
  });

  test("draws no diagrams that only GitHub draws", () => {
    const documents = [...FILES, ...filesBelow(join(ROOT, "docs/math")).map((file) => `docs/math/${file}`)];
    expect(documents.filter((file) => textOf(file).includes("```mermaid"))).toEqual([]);
  });
});
