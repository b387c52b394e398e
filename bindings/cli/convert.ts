/** `wasm-rnn convert A B`: weights, or whole models, from one format to another. */
import { extname } from "node:path";
import { arraysIn, FORMAT_NAMES, fileFormat, modelIn } from "../inspect.js";
import type { SaveOptions } from "../io/safetensors.js";
import { exportOnnx } from "../onnx.js";
import { createRuntime } from "../runtime.js";
import { writeArrays } from "./arrays.js";
import { CommandError } from "./command-error.js";
import { readFile, writeFile } from "./files.js";
import { beside } from "./shards.js";
import { counted } from "./table.js";

/** @throws {CommandError} @throws {FormatError} */
export async function convert(from: string, to: string, options: SaveOptions, write: (text: string) => void): Promise<void> {
  const bytes = readFile(from);
  const format = fileFormat(bytes);
  const isOnnx = extname(to) === ".onnx";
  if (!isOnnx && format !== "keras" && format !== "tfjs") {
    const arrays = arraysIn(format, bytes, from);
    if (!arrays) throw new CommandError(`${from}: a network of ONNX is run as it is; nothing here turns it into another file`);
    writeArrays(to, arrays, options);
    write(`${to}: ${counted(Object.keys(arrays).length, "array")}\n`);
    return;
  }
  if (isOnnx && options.dtype) throw new CommandError("--dtype: only a .safetensors file has one");
  if (!isOnnx && extname(to) !== ".safetensors")
    throw new CommandError(`${to}: expected a name that ends in .safetensors or .onnx, for a whole model`);
  using rt = await createRuntime();
  const model = await modelIn(rt, format, bytes, beside(from));
  if (!model)
    throw new CommandError(`${from}: ${FORMAT_NAMES[format]} without a model: an .onnx file needs its layers (model.save() writes both)`);
  writeFile(to, isOnnx ? exportOnnx(model) : model.save({}, options));
  write(`${to}: a whole model\n`);
}
