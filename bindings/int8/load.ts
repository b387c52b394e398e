/** Loads the kernels of int8: a binary of their own, which works over the runtime's memory. */
import { checkOptions, show } from "../checks.js";
import { ArgumentError, FormatError } from "../errors.js";
import { bindInt8Kernels, type Int8Kernels } from "../generated/int8.js";
import type { Int8 } from "../kernels.js";
import { Runtime } from "../runtime.js";
import { type Instantiated, instantiateModule, instantiateSync, isModule, type RawExports } from "../wasm.js";
import { int8Binary } from "./binaries.js";

/** Options of loadInt8. */
export interface LoadInt8Options {
  /** A compiled binary (`WebAssembly.Module`) of wasm-rnn/build, such as baseline-int8.wasm, where the host compiles ahead of time. */
  module?: object;
}

type Scratched = Parameters<Int8["withCodes"]>[0];

const bound = new WeakMap<Runtime, Int8Kernels>();

/**
 * Gives a runtime the kernels of int8: once, before the first layer with `weights: "int8"`. They are of the runtime's own build.
 *
 * @example
 * await loadInt8(rt);
 * const lstm = new LSTM(rt, { inputSize: 64, hiddenSize: 512, weights: "int8" });
 * @throws {ArgumentError} when it is no runtime, or the module is of another build
 * @throws {FormatError} when the binary cannot be loaded or run @throws {DisposedError}
 */
export async function loadInt8(runtime: Runtime, options: LoadInt8Options = {}): Promise<void> {
  if (!(runtime instanceof Runtime)) throw new ArgumentError("runtime", "a Runtime of createRuntime() (of the same entry)", show(runtime));
  runtime.assertAlive();
  const { module } = checkOptions(options, ["module"]);
  if (module !== undefined && !isModule(module)) throw new ArgumentError("module", "a WebAssembly.Module", show(module));
  if (bound.has(runtime)) return;
  if (module === undefined && runtime.exports.quantize_int8) return keep(runtime, runtime.exports); // the debug build has all in one
  const { exports, build } = await instantiated(runtime, module);
  runtime.assertAlive(); // it may have ended meanwhile
  if (build !== runtime.build) throw new ArgumentError("module", `int8 of the "${runtime.build}" build, as the runtime`, `"${build}"`);
  keep(runtime, exports);
}

/** @internal @throws {ArgumentError} when they have not been loaded */
export function int8Kernels(runtime: Runtime): Int8Kernels {
  const kernels = bound.get(runtime);
  if (kernels) return kernels;
  throw new ArgumentError("runtime", "one with int8: await loadInt8(rt)", "one without");
}

async function instantiated({ build, memory: { memory } }: Runtime, module: object | undefined): Promise<Instantiated> {
  return module ? instantiateModule(module, memory) : instantiateSync(await int8Binary(build), memory);
}

function keep(runtime: Runtime, exports: RawExports): void {
  if (!exports.quantize_int8) throw new FormatError("module: expected a binary of int8 (build/*-int8*), got another");
  const kernels = bindInt8Kernels((name) => exports[`${name}_int8`] as RawExports[string]);
  bound.set(runtime, kernels);
  runtime.int8 = {
    exports,
    withCodes: (kind, cells) => withCodes(kernels, kind, Math.max(...cells.map(({ I }) => I))),
    denseScratch: (I) => kernels.denseScratch(checkPlaces(I)),
  };
}

/** Columns of a matrix: beyond, a sum of products of at most 127·127 could pass 32 bits. */
const MOST_PLACES = Math.floor(2 ** 31 / 127 ** 2);

/** @internal @throws {ArgumentError} */
export function checkPlaces(columns: number): number {
  if (columns <= MOST_PLACES) return columns;
  throw new ArgumentError("weights", `at most ${MOST_PLACES} columns for int8`, `${columns}`);
}

/** A pass has codes of the rows of a chunk, or of x and h of one row, or of what a product of a step reads. */
function withCodes<Kind extends Scratched>({ codeRow }: Int8Kernels, kind: Kind, I: number): Kind {
  const { H, P, K } = kind;
  const [input, state] = [codeRow(checkPlaces(I)), codeRow(checkPlaces(Math.max(H, P, K)))];
  const scratch = (extent: { chunkRows: number; N: number }) => ({
    ...kind.scratch(extent as never),
    scratch: Math.max(extent.chunkRows * input, input + state, extent.N * state) / 4, // elements of f32
  });
  return { ...kind, scratch };
}
