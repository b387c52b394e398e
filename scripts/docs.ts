/**
 * `npm run docs`: the API reference, docs/api. typedoc drops the type of a `@throws {ShapeError} when …`, and takes a source for a part of the
 * example before it; so it reads a copy of bindings/ in which both are said otherwise.
 */
import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./ensure-build.js";
import { ENTRIES } from "./entries.js";

process.chdir(root);
const copy = "build/docs";
rmSync(copy, { recursive: true, force: true });
cpSync("bindings", `${copy}/bindings`, { recursive: true });
for (const path of readdirSync(copy, { recursive: true, encoding: "utf8" })) {
  if (!path.endsWith(".ts")) continue;
  const file = join(copy, path);
  const said = readFileSync(file, "utf8")
    .replace(/@throws \{(\w+)\}/g, "@throws `$1`")
    .replace(/^( *\* )Source: /gm, "$1@remarks Source: ");
  writeFileSync(file, said);
}
const { compilerOptions } = JSON.parse(readFileSync("tsconfig.json", "utf8"));
writeFileSync(`${copy}/tsconfig.json`, JSON.stringify({ compilerOptions, include: ["bindings"] }));
const entries = [...ENTRIES, "terminal"].flatMap((name) => ["--entryPoints", `${copy}/bindings/${name}.ts`]);
const args = ["--import", "@oxc-node/core/register", "node_modules/typedoc/bin/typedoc", "--tsconfig", `${copy}/tsconfig.json`, ...entries];
execFileSync(process.execPath, args, { stdio: "inherit" });
rmSync(copy, { recursive: true });

// What each entry is for stands at its own beginning; in the list of entries typedoc leaves it out.
const index = "docs/api/README.md";
const entryOf = /^- \[([^\]]+)\]\((.+)\)$/gm;
const purposeOf = (file: string): string => {
  const [, first = ""] = readFileSync(join("docs/api", file), "utf8").split("\n\n");
  return first.replace(/\s+/g, " ").replace(/^wasm-rnn[\w/-]*: /, "");
};
const listed = readFileSync(index, "utf8").replace(entryOf, (line, _, file: string) => `${line}: ${purposeOf(file)}`);
writeFileSync(index, listed.replace(/^# .*/, "# API reference").replace("## Modules", "## Entries"));
