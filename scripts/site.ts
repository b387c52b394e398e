/**
 * `npm run site [-- dev]`: all documents as a static site, site/dist, with the API reference. VitePress wants its pages below its own folder, so they are
 * copied there. SITE_BASE names the folder of a server where it will lie (default "/").
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { deadAnchors } from "./dead-anchors.js";
import { root } from "./ensure-build.js";
import { filesBelow } from "./files-below.js";

const site = join(root, "site");
const pages = join(site, "pages");
/** Files and folders with documents, and the pictures that they show. */
const SOURCES = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs", "examples", "bench/README.md"];

function documentsIn(source: string): string[] {
  if (source.endsWith(".md")) return [source];
  const isShown = (file: string) => /\.(md|svg|png)$/.test(file) && !/\/(dist|public)\//.test(file);
  return filesBelow(join(root, source))
    .filter(isShown)
    .map((file) => join(source, file));
}

/** A folder's README is its first page; links to it say so. A picture in HTML lies beside its page, as one in Markdown does: Vite would look for a package. */
const asPage = (text: string): string =>
  text.replace(/(\]\([^)\s]*)README\.md/g, "$1index.md").replace(/(<img src=")(?!\.|\/|https?:)/g, "$1./");

function put(file: string): void {
  const to = join(pages, file.replace(/README\.md$/, "index.md"));
  mkdirSync(dirname(to), { recursive: true });
  if (file.endsWith(".md")) writeFileSync(to, asPage(readFileSync(join(root, file), "utf8")));
  else cpSync(join(root, file), to);
}

if (!existsSync(join(root, "docs/api/README.md"))) execFileSync("npm", ["run", "--silent", "docs"], { cwd: root, stdio: "inherit" });
if (!existsSync(join(site, "node_modules/vitepress"))) execFileSync("npm", ["ci", "--ignore-scripts"], { cwd: site, stdio: "inherit" });
rmSync(pages, { recursive: true, force: true });
for (const file of SOURCES.flatMap(documentsIn)) put(file);
cpSync(join(root, "examples/playground/public/icon.svg"), join(pages, "public/icon.svg"));
const [command = "build", ...args] = process.argv.slice(2);
const vitepress = join(site, "node_modules/vitepress/bin/vitepress.js");
process.exitCode = spawnSync(process.execPath, [vitepress, command, ".", ...args], { cwd: site, stdio: "inherit" }).status ?? 1;
if (command === "build" && process.exitCode === 0) {
  const dead = deadAnchors(join(site, "dist"), process.env.SITE_BASE ?? "/");
  for (const link of dead) console.error(`No such place: ${link}`);
  if (dead.length > 0) process.exitCode = 1;
  else console.log("site/dist: to see it, npm run site -- preview");
}
