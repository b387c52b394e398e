/** `wasm-rnn inspect FILE`: what is in it, and what of it will run. */
import { sizeOf } from "../checks.js";
import { FormatError } from "../errors.js";
import { arraysIn, type FileFormat, FORMAT_NAMES, fileFormat, type ListedArray, listedIn, modelIn, networkIn } from "../inspect.js";
import { type LoadedArray, loadSafetensors } from "../io/safetensors.js";
import { createRuntime } from "../runtime.js";
import { readFile } from "./files.js";
import { beside } from "./shards.js";
import { counted, grouped, oneLine, printable, shapeText, table } from "./table.js";

type Arrays = Readonly<Record<string, LoadedArray>>;

/** Operators, arrays and whatever else that are listed. */
const MOST = 200;

/** @returns whether all of it can be used here */
export async function inspect(path: string, write: (text: string) => void): Promise<boolean> {
  const bytes = readFile(path);
  const format = fileFormat(bytes);
  const say = (text: string) => write(`${printable(text)}\n`);
  say(`${path}: ${FORMAT_NAMES[format]}, ${grouped(bytes.length)} bytes\n`);
  if (format === "onnx") return inspectOnnx(bytes, say);
  const arrays = readArrays(format, bytes, path, say);
  if (arrays === "refused") return false;
  using rt = await createRuntime({ dtype: "f64" }); // has both element types
  try {
    const model = await modelIn(rt, format, bytes, beside(path));
    if (model) say(`${arrays ? "\n" : ""}${model.summary()}\n\nThis model runs here.`);
    return true;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    say(`\nThis model does not run here:\n  ${oneLine(error.message).split("; ").join("\n  ")}`);
    return false;
  }
}

/** Says what arrays there are: all that is listed, where their numbers are not read here. */
function readArrays(format: FileFormat, bytes: Uint8Array, path: string, say: (text: string) => void): Arrays | undefined | "refused" {
  try {
    const arrays = arraysIn(format, bytes, path);
    if (format === "safetensors") sayMetadata(loadSafetensors(bytes).metadata, say);
    if (arrays) say(arrayTable(Object.entries(arrays).map(([name, { dtype, shape }]) => ({ name, type: dtype, shape }))));
    return arrays;
  } catch (error) {
    const listed = error instanceof FormatError ? listedIn(format, bytes) : undefined;
    if (!listed) throw error;
    say(`${arrayTable(listed)}\n\nThese numbers are not read here:\n  ${oneLine((error as Error).message)}`);
    return "refused";
  }
}

function sayMetadata(metadata: Readonly<Record<string, string>>, say: (text: string) => void): void {
  const own = Object.entries(metadata).filter(([name]) => !name.startsWith("wasm-rnn."));
  if (own.length > 0)
    say(
      `${table(
        ["metadata", ""],
        own.slice(0, MOST).map(([name, text]) => [name, text.slice(0, 100)]),
      )}\n`,
    );
}

function arrayTable(all: readonly ListedArray[]): string {
  const rows = all.slice(0, MOST).map(({ name, type, shape }) => [name, type, shapeText(shape), grouped(sizeOf(shape))]);
  const numbers = all.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const more = all.length > MOST ? ` (the first ${MOST} of them)` : "";
  return `${table(["name", "dtype", "shape", "numbers"], rows)}\n\n  ${counted(all.length, "array")}${more}, ${counted(numbers, "number")}`;
}

function inspectOnnx(bytes: Uint8Array, say: (text: string) => void): boolean {
  const { opset, producer, inputs, outputs, nodes, arrays, faults } = networkIn(bytes);
  say(`  opset ${opset}${producer ? `, made by ${oneLine(producer.slice(0, 100))}` : ""}\n`);
  const ports = [...inputs.map((port) => ["input", port] as const), ...outputs.map((port) => ["output", port] as const)];
  say(
    table(
      ["", "name", "type", "shape"],
      ports.slice(0, MOST).map(([kind, { name, type, shape }]) => [kind, name, type, shapeText(shape)]),
    ),
  );
  const counts = new Map<string, number>();
  for (const { op } of nodes) counts.set(op, (counts.get(op) ?? 0) + 1);
  const rows = [...counts].sort(([, a], [, b]) => b - a).slice(0, MOST);
  say(
    `\n${table(
      ["operator", "nodes"],
      rows.map(([op, count]) => [op, `${count}`]),
    )}`,
  );
  const numbers = [...arrays.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  say(`\n  ${counted(nodes.length, "node")}, ${counted(arrays.size, "array")} with ${counted(numbers, "number")}\n`);
  say(faults.length === 0 ? "This network runs here." : `This network does not run here:\n  ${faults.map(oneLine).join("\n  ")}`);
  return faults.length === 0;
}
