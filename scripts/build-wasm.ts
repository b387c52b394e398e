/**
 * Compiles assembly/ to build/{baseline,relaxed,debug}.wasm and, of f32 alone, build/{baseline,relaxed}-f32.wasm; the operators (assembly/operators.ts,
 * sequence_learning.ts and more_cells.ts) likewise to build/{baseline,relaxed}-ops.wasm and -ops-f32.wasm, those of int8 (int8_kernels.ts) to
 * build/{baseline,relaxed}-int8.wasm, which work over the memory of the others; debug.wasm has all. The release
 * builds also as modules of bindings/generated/binaries, for the package to import, and as text with names, build/named, for those who read it.
 *
 * All of a build is compiled as one and then cut apart: constants lie at the same addresses in each part, so that two can share a memory.
 *
 * asc compiles and optimises; binaryen then folds constant address offsets into the load and store instructions
 * (asc cannot know that no pointer lies below memoryBase, so it leaves an addition before each access).
 * A binary appears under its name when it is whole: whoever loads it meanwhile finds the old one.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { foldOffsets } from "./fold-offsets.js";
import { exportsOf, INT8_ENTRY, OPERATOR_ENTRIES } from "./generate-kernels.js";
import { writeNamed } from "./named-build.js";
import { packModule } from "./pack-module.js";
import { withExports } from "./with-exports.js";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const MODULES = "bindings/generated/binaries";
for (const folder of ["build", MODULES]) mkdirSync(folder, { recursive: true });

const namesIn = (entry: string) => exportsOf(readFileSync(`assembly/${entry}.ts`, "utf8"));
const operators = new Set(OPERATOR_ENTRIES.flatMap(({ entry }) => [...namesIn(entry)]));
const int8 = namesIn(INT8_ENTRY.entry);
/** What tells of every part which build it is, and where its data end. */
const SHARED = new Set(["memory", "build", "heap_base"]);

const { targets }: { targets: Record<string, { outFile: string }> } = JSON.parse(readFileSync("asconfig.json", "utf8"));
const [, file = "", wanted] = process.argv;
if (wanted === undefined) {
  // A process for each: a compilation takes one thread for most of a minute.
  const ends = await Promise.all(
    Object.keys(targets).map((target) => ended(spawn(process.execPath, [...process.execArgv, file, target], { stdio: "inherit" }))),
  );
  process.exitCode = Math.max(...ends);
} else {
  await build(wanted, (targets[wanted] as { outFile: string }).outFile);
}

/** Its exit status; 1 where a signal ended it. */
async function ended(child: ChildProcess): Promise<number> {
  const [status] = (await once(child, "exit")) as [number | null];
  return status ?? 1;
}

async function build(target: string, outFile: string): Promise<void> {
  const unfinished = outFile.replace(/\.wasm$/, `.${process.pid}.wasm.tmp`);
  const names = target === "debug" ? [] : ["--debug"]; // adds names and changes no code
  const { error, stderr } = await asc.main(["--config", "asconfig.json", "--target", target, ...names, "--outFile", unfinished]);
  if (error) {
    process.stderr.write(stderr.toString());
    process.exit(1);
  }
  if (target === "debug") return renameSync(unfinished, outFile);
  const named = readFileSync(unfinished);
  rmSync(unfinished);
  writeNamed(target, named);
  const binary = foldOffsets(named, target);
  const inCore = (name: string) => !operators.has(name) && !int8.has(name);
  const inOperators = (name: string) => operators.has(name) || SHARED.has(name);
  for (const [part, belongs] of [
    [target, inCore],
    [`${target}-ops`, inOperators],
  ] as const) {
    const isSingle = (name: string) => belongs(name) && !name.endsWith("_f64");
    put(part, withExports(binary, target, belongs)); // the same code: the same bits
    put(`${part}-f32`, withExports(binary, target, isSingle));
  }
  put(
    `${target}-int8`,
    withExports(binary, target, (name) => int8.has(name) || SHARED.has(name)),
  );
}

function put(name: string, bytes: Uint8Array): void {
  write(`build/${name}.wasm`, bytes);
  write(`${MODULES}/${name}.ts`, packModule(bytes));
}

function write(file: string, content: Uint8Array | string): void {
  writeFileSync(`${file}.${process.pid}.tmp`, content);
  renameSync(`${file}.${process.pid}.tmp`, file);
}
