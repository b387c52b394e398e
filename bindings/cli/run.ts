/** `wasm-rnn run MODEL --input x.npy`: what a model makes of arrays in files. */
import { extname } from "node:path";
import { Frame } from "../graph/frame.js";
import { FORMAT_NAMES, fileFormat, modelIn } from "../inspect.js";
import type { LoadedArray } from "../io/safetensors.js";
import { loadNpy } from "../numpy.js";
import { loadOnnx } from "../onnx.js";
import { createRuntime, type Runtime } from "../runtime.js";
import type { Tensor } from "../tensor.js";
import { writeArrays } from "./arrays.js";
import { CommandError } from "./command-error.js";
import { readFile } from "./files.js";
import { beside } from "./shards.js";
import { counted, oneLine, shapeText } from "./table.js";

/** Numbers of a result that are shown. */
const SHOWN = 8;

/** @param given of --input: a path, or a name with one: "x=x.npy" */
export async function run(
  path: string,
  given: readonly string[],
  output: string | undefined,
  write: (text: string) => void,
): Promise<void> {
  if (given.length === 0) throw new CommandError("run: expected --input x.npy, or --input name=x.npy for each input");
  const bytes = readFile(path);
  using rt = await createRuntime();
  const results = fileFormat(bytes) === "onnx" ? await runOnnx(rt, bytes, given) : await runModel(rt, bytes, path, given);
  for (const [name, { dtype, shape, data }] of Object.entries(results)) {
    const numbers = [...data.slice(0, SHOWN)].map((value) => Number(value.toPrecision(7))).join(" ");
    write(`${oneLine(name)}  ${dtype} ${shapeText(shape)}  ${numbers}${data.length > SHOWN ? " …" : ""}\n`);
  }
  if (output === undefined) return;
  writeArrays(output, results, {});
  write(`${output}: ${counted(Object.keys(results).length, "array")}\n`);
}

async function runOnnx(rt: Runtime, bytes: Uint8Array, given: readonly string[]): Promise<Record<string, LoadedArray>> {
  using session = await loadOnnx(rt, bytes);
  const names = session.inputs.map(({ name }) => name);
  const [only] = session.inputs.length === 1 ? session.inputs : [];
  const feeds = Object.fromEntries(
    given.map((each) => {
      const [name, file] = named(each, only?.name, names);
      const port = session.inputs.find((input) => input.name === name);
      return [name, tensorOf(rt, file, port?.dtype)];
    }),
  );
  const missing = session.inputs.filter(({ name }) => !Object.hasOwn(feeds, name));
  if (missing.length > 0)
    throw new CommandError(
      `run: expected ${missing.map(({ name, shape }) => `--input ${name}=FILE.npy of ${shapeText(shape)}`).join(" and ")} too`,
    );
  return read(await session.run(feeds));
}

async function runModel(rt: Runtime, bytes: Uint8Array, path: string, given: readonly string[]): Promise<Record<string, LoadedArray>> {
  const format = fileFormat(bytes);
  const model = await modelIn(rt, format, bytes, beside(path));
  if (!model) throw new CommandError(`${path}: ${FORMAT_NAMES[format]} without a model: it says weights, and no layers`);
  const inputs = given.map((each) => named(each, given.length === 1 ? "x" : undefined));
  const tensors = Object.fromEntries(inputs.map(([name, file]) => [name, tensorOf(rt, file, undefined)]));
  using frame = new Frame(rt);
  const result = frame.run(() => model.eval().forward(given.length === 1 ? (Object.values(tensors)[0] as Tensor) : tensors));
  return read("shape" in result && "toArray" in result ? { y: result as Tensor } : (result as Record<string, Tensor>));
}

function named(given: string, only: string | undefined, names: readonly string[] = []): [string, string] {
  const at = given.indexOf("=");
  if (at > 0) return [given.slice(0, at), given.slice(at + 1)];
  if (only !== undefined) return [only, given];
  throw new CommandError(
    `--input ${given}: expected name=${given}, since there are several inputs${names.length > 0 ? `: ${names.join(", ")}` : ""}`,
  );
}

function tensorOf(rt: Runtime, file: string, dtype: Tensor["dtype"] | undefined): Tensor {
  if (extname(file) !== ".npy") throw new CommandError(`--input ${file}: expected a .npy file`);
  const { shape, data, dtype: own } = loadNpy(readFile(file));
  const wanted = dtype ?? (own === "i32" ? "i32" : rt.dtype);
  return rt.tensor(data, shape.length === 0 ? [1] : shape, { dtype: wanted });
}

function read(tensors: Readonly<Record<string, Tensor>>): Record<string, LoadedArray> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, { dtype: tensor.dtype, shape: tensor.shape, data: tensor.toArray() }]),
  );
}
