/**
 * Writes bindings/generated/kernels.ts from the exports of assembly/index.ts: the kernels of one element type as functions that take
 * their arguments by name, and the fields of the sequence descriptor. One line an export is the form that tests/architecture.test.ts holds.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

const SOURCE = new URL("../assembly/index.ts", import.meta.url);
const OUTPUT = new URL("../bindings/generated/kernels.ts", import.meta.url);

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

/** @param source of assembly/index.ts */
export function generateKernels(source: string): string {
  const functions = functionsOf(source);
  const typed = functions.flatMap((f) => (f.name.endsWith("_f32") ? [{ ...f, name: f.name.slice(0, -4) }] : []));
  const plain = functions.filter(({ name }) => !/_(f32|f64|bf16)$/.test(name) && name !== "heap_base");
  const fields = [...source.matchAll(/^export const Sequence_(\w+)/gm)].map(([, field]) => field).filter((field) => field !== "size");
  return [
    "/** Generated from assembly/index.ts by scripts/generate-kernels.ts: neither edited nor committed. */",
    "",
    "/** Bytes from the start of linear memory. */",
    "export type Address = number;",
    "/** An export of a binary. */",
    "export type Raw = (...args: number[]) => number;",
    "",
    ...bound("Kernels", "bindKernels", "The kernels of one element type. Lengths are elements.", typed),
    ...bound("CommonKernels", "bindCommonKernels", "The kernels that know no element type.", plain),
    "/** Fields of the descriptor that the sequence kernels take (assembly/layout.ts says what each means). */",
    `export const SEQUENCE_FIELDS = [${fields.map((field) => `"${field}"`).join(", ")}] as const;`,
    "",
  ].join("\n");
}

/** Writes the file where it differs. */
export function writeKernels(): void {
  const text = generateKernels(readFileSync(SOURCE, "utf8"));
  mkdirSync(new URL(".", OUTPUT), { recursive: true });
  try {
    if (readFileSync(OUTPUT, "utf8") === text) return;
  } catch {
    // There is none yet.
  }
  const unfinished = new URL(`kernels.${process.pid}.tmp`, OUTPUT);
  writeFileSync(unfinished, text);
  renameSync(fileURLToPath(unfinished), fileURLToPath(OUTPUT));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) writeKernels();
