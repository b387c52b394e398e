/**
 * Writes bindings/generated/kernels.ts from the exports of assembly/index.ts: the kernels of one element type as functions that take
 * their arguments by name, and the fields of the sequence descriptor (assembly/layout.ts); and likewise a file from each of the entries of the operators' binary
 * and of that of int8.
 * One line an export is the form that tests/architecture.test.ts holds.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

const GENERATED = new URL("../bindings/generated/", import.meta.url);

/** Entries of assembly/ beside index.ts, which go into the operators' binary: the file that is made of each, and what it has. */
export const OPERATOR_ENTRIES = [
  { entry: "operators", file: "operators", name: "Operator", doc: "The operators' kernels" },
  { entry: "sequence_learning", file: "sequence-learning", name: "SequenceLearning", doc: "Kernels of losses and attention" },
  { entry: "more_cells", file: "more-cells", name: "MoreCell", doc: "Kernels of further cells" },
] as const;

/** The entry of the binary of int8, likewise. */
export const INT8_ENTRY = {
  entry: "int8_kernels",
  file: "int8",
  name: "Int8",
  doc: "Kernels of weights in int8",
  storage: "int8",
} as const;

interface Exported {
  /** In snake_case. */
  readonly name: string;
  readonly args: readonly { readonly name: string; readonly type: string }[];
  readonly result: string;
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function functionsOf(source: string): Exported[] {
  return [...source.matchAll(/^export function (\w+)\(([^)]*)\): (\w+) \{/gm)].map(([, name = "", list = "", result = ""]) => ({
    name,
    result,
    args: [...list.matchAll(/(\w+): (\w+)/g)].map(([, arg = "", type = ""]) => ({ name: arg, type })),
  }));
}

/** The names of all exported functions. */
export function exportsOf(source: string): ReadonlySet<string> {
  return new Set(functionsOf(source).map(({ name }) => name));
}

/** A kernel's type and its binding. One argument goes by its place: only one cannot be swapped. */
function kernel({ name, args, result }: Exported): { type: string; local?: string; value: string } {
  const camel = camelCase(name);
  const returns = result === "void" ? "void" : "number";
  const names = args.map((arg) => arg.name);
  const units = args.map((arg) => `${arg.name}: ${arg.type === "usize" || arg.type === "Sequence" ? "Address" : "number"}`);
  if (args.length < 2) {
    return { type: `  ${camel}(${units.join(", ")}): ${returns};`, value: `    ${camel}: exported("${name}") as Kernels["${camel}"],` };
  }
  return {
    type: `  ${camel}(args: { ${units.join("; ")} }): ${returns};`,
    local: `  const ${camel} = exported("${name}");`,
    value: `    ${camel}: (args) => ${camel}(${names.map((arg) => `args.${arg}`).join(", ")}),`,
  };
}

function bound(interfaceName: string, functionName: string, doc: string, functions: readonly Exported[]): string[] {
  const kernels = functions.map(kernel);
  return [
    `/** ${doc} */`,
    `export interface ${interfaceName} {`,
    ...kernels.map(({ type }) => type),
    "}",
    "",
    "/** @param exported finds an export by its name, or throws */",
    `export function ${functionName}(exported: (name: string) => Raw): ${interfaceName} {`,
    ...kernels.flatMap(({ local }) => local ?? []),
    "  return {",
    ...kernels.map(({ value }) => value.replace("Kernels[", `${interfaceName}[`)),
    "  };",
    "}",
    "",
  ];
}

/** The kernels of one element type. */
function typedOf(functions: readonly Exported[], storage = "f32"): Exported[] {
  return functions.flatMap((f) => (f.name.endsWith(`_${storage}`) ? [{ ...f, name: f.name.slice(0, -storage.length - 1) }] : []));
}

/** @param source of assembly/index.ts @param layout that of assembly/layout.ts */
export function generateKernels(source: string, layout: string): string {
  const functions = functionsOf(source);
  const plain = functions.filter(({ name }) => !/_(f32|f64|bf16)$/.test(name) && name !== "heap_base");
  const fields = [...(layout.split("export class Sequence {")[1] ?? "").matchAll(/^ {2}(\w+): (?:i32|u32|usize) = 0;/gm)].map(
    ([, field]) => field,
  );
  return [
    "/** Generated from assembly/index.ts by scripts/generate-kernels.ts: neither edited nor committed. */",
    "",
    "/** Bytes from the start of linear memory. */",
    "export type Address = number;",
    "/** An export of a binary. */",
    "export type Raw = (...args: number[]) => number;",
    "",
    ...bound("Kernels", "bindKernels", "The kernels of one element type. Lengths are elements.", typedOf(functions)),
    ...bound("CommonKernels", "bindCommonKernels", "The kernels that know no element type.", plain),
    "/** Fields of the descriptor that the sequence kernels take, a word each, in their order (assembly/layout.ts says what each means). */",
    `export const SEQUENCE_FIELDS = [${fields.map((field) => `"${field}"`).join(", ")}] as const;`,
    "",
  ].join("\n");
}

/** @param source of an entry's file */
export function generateOperators(
  { entry, name, doc, ...rest }: (typeof OPERATOR_ENTRIES)[number] | typeof INT8_ENTRY,
  source: string,
): string {
  return [
    `/** Generated from assembly/${entry}.ts by scripts/generate-kernels.ts: neither edited nor committed. */`,
    'import type { Address, Raw } from "./kernels.js";',
    "",
    ...bound(
      `${name}Kernels`,
      `bind${name}Kernels`,
      "storage" in rest ? `${doc}.` : `${doc} of one element type.`,
      typedOf(functionsOf(source), "storage" in rest ? rest.storage : "f32"),
    ),
  ].join("\n");
}

/** Writes the files where they differ. */
export function writeKernels(): void {
  mkdirSync(GENERATED, { recursive: true });
  write("kernels", generateKernels(sourceOf("index"), sourceOf("layout")));
  for (const each of [...OPERATOR_ENTRIES, INT8_ENTRY]) write(each.file, generateOperators(each, sourceOf(each.entry)));
}

function sourceOf(name: string): string {
  return readFileSync(new URL(`../assembly/${name}.ts`, import.meta.url), "utf8");
}

function write(name: string, text: string): void {
  const file = new URL(`${name}.ts`, GENERATED);
  try {
    if (readFileSync(file, "utf8") === text) return;
  } catch {
    // There is none yet.
  }
  const unfinished = new URL(`${name}.${process.pid}.tmp`, GENERATED);
  writeFileSync(unfinished, text);
  renameSync(fileURLToPath(unfinished), fileURLToPath(file));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) writeKernels();
