/** `npx wasm-rnn`: looks into files of weights and models, converts them, runs them. Node only. */
import { parseArgs } from "node:util";
import { checkOneOf } from "./checks.js";
import { CommandError } from "./cli/command-error.js";
import { convert } from "./cli/convert.js";
import { inspect } from "./cli/inspect.js";
import { run } from "./cli/run.js";
import { oneLine } from "./cli/table.js";
import { WasmRnnError } from "./errors.js";

const HELP = `Usage: wasm-rnn <command>

  inspect FILE                  what is in a file, and what of it runs here
  convert FROM TO [--dtype F16] weights to .safetensors, .npz or .npy; a whole model to .safetensors or .onnx
  run MODEL --input x.npy       runs a model on arrays; --input name=x.npy for each of several, --output y.npz keeps the results

Files may be of safetensors, PyTorch (.pt, .pth), NumPy (.npy, .npz), Keras (.keras, .h5), TensorFlow.js (model.json) or ONNX. Of them a MODEL is what
model.save() wrote, and what is of Keras, TensorFlow.js or ONNX; a network of ONNX is run, not converted.
--dtype: F64, F32, F16 or BF16, what numbers become in .safetensors.
`;

const OPTIONS = {
  help: { type: "boolean", short: "h" },
  dtype: { type: "string" },
  input: { type: "string", multiple: true },
  output: { type: "string" },
} as const;

/** With the files that each takes. */
const COMMANDS = new Map([
  ["inspect", 1],
  ["convert", 2],
  ["run", 1],
]);

const write = (text: string): void => void process.stdout.write(text);

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const [command, ...files] = positionals;
  if (values.help || command === undefined) {
    write(HELP);
    return values.help ? 0 : 1;
  }
  const expected = COMMANDS.get(command);
  if (expected === undefined) throw new CommandError(`there is no command ${command}: expected inspect, convert or run`);
  if (files.length !== expected)
    throw new CommandError(`${command}: expected ${expected === 1 ? "a file" : "two files"}, got ${files.length}`);
  const dtype = values.dtype === undefined ? undefined : checkOneOf("--dtype", values.dtype.toUpperCase(), ["F64", "F32", "F16", "BF16"]);
  const [first, second] = files as [string, string];
  if (command === "inspect") return (await inspect(first, write)) ? 0 : 1;
  if (command === "convert") await convert(first, second, dtype ? { dtype } : {}, write);
  else await run(first, values.input ?? [], values.output, write);
  return 0;
}

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(); // whoever reads has read enough, as `head` does
});

try {
  process.exitCode = await main();
} catch (error) {
  const { code = "" } = error as NodeJS.ErrnoException;
  const isExpected = error instanceof CommandError || error instanceof WasmRnnError || /^(ERR_PARSE_ARGS|E[A-Z]+$)/.test(code);
  if (!isExpected) throw error;
  process.stderr.write(`wasm-rnn: ${oneLine((error as Error).message)}\n`);
  process.exitCode = 1;
}
