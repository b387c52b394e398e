/** Loads the operators' kernels: a binary of their own, which works over the runtime's memory. */
import { checkOptions, show } from "../checks.js";
import { ArgumentError, FormatError } from "../errors.js";
import type { Raw } from "../generated/kernels.js";
import { bindOperatorKernels, type OperatorKernels } from "../generated/operators.js";
import { Runtime } from "../runtime.js";
import type { FloatType, WeightStorage } from "../tensor.js";
import { instantiateModule, instantiateSync, isModule, type RawExports } from "../wasm.js";
import { operatorBinary } from "./binaries.js";

/** Gives kernels their names: of a generated file. */
type Bind<K> = (exported: (name: string) => Raw) => K;

interface Loaded {
  readonly exports: RawExports;
  readonly bound: Map<Bind<unknown>, Partial<Record<WeightStorage, unknown>>>;
}

const loaded = new WeakMap<Runtime, Loaded>();

/** Options of loadOperators. */
export interface LoadOptions {
  /** A compiled binary (`WebAssembly.Module`) of wasm-rnn/build, such as baseline-ops-f32.wasm, where the host compiles ahead of time. */
  module?: object;
}

/**
 * Gives a runtime the operators: once, before the first is used. Their kernels are of the runtime's own build.
 *
 * @example
 * const rt = await createRuntime();
 * await loadOperators(rt);
 * @throws {ArgumentError} when it is no runtime, or the module is of another build
 * @throws {FormatError} when the binary cannot be loaded or run @throws {DisposedError}
 */
export async function loadOperators(runtime: Runtime, options: LoadOptions = {}): Promise<void> {
  const rt = checkRuntime(runtime);
  const { module } = checkOptions(options, ["module"]);
  if (module !== undefined && !isModule(module)) throw new ArgumentError("module", "a WebAssembly.Module", show(module));
  if (loaded.has(rt)) return;
  if (module === undefined && rt.exports.op_tanh_f32) return keep(rt, rt.exports); // the debug build has all in one
  const { memory } = rt.memory;
  const { exports, build } = module
    ? await instantiateModule(module, memory)
    : instantiateSync(await operatorBinary(rt.build, rt.precision), memory);
  rt.assertAlive(); // it may have ended meanwhile
  if (build !== rt.build) throw new ArgumentError("module", `operators of the "${rt.build}" build, as the runtime`, `"${build}"`);
  keep(rt, exports);
}

function keep(rt: Runtime, exports: RawExports): void {
  if (!exports.op_tanh_f32) throw new FormatError("module: expected a binary of the operators (build/*-ops*.wasm), got another");
  loaded.set(rt, { exports, bound: new Map() });
}

function checkRuntime(runtime: unknown): Runtime {
  if (!(runtime instanceof Runtime)) throw new ArgumentError("runtime", "a Runtime of createRuntime() (of the same entry)", show(runtime));
  runtime.assertAlive();
  return runtime;
}

/** @internal The operators' kernels of an element type. @throws {ArgumentError} when they have not been loaded */
export function operatorKernels(rt: Runtime, dtype: FloatType): OperatorKernels {
  return loadedKernels(rt, dtype, bindOperatorKernels);
}

/**
 * @internal Others of the same binary. bf16, int8: those that read weights stored so, and f32's others.
 *
 * @param bind a function of a module: what it gives is kept @throws {ArgumentError} when they have not been loaded
 */
export function loadedKernels<K>(rt: Runtime, storage: WeightStorage, bind: Bind<K>): K {
  const found = loaded.get(rt);
  if (!found) throw new ArgumentError("runtime", "one with operators: await loadOperators(rt), of wasm-rnn/ops", "one without");
  const of = found.bound.get(bind) as Partial<Record<WeightStorage, K>> | undefined;
  return of?.[storage] ?? bindNow(rt, storage, bind, found);
}

/** Apart from the look that is taken at every step: what its closure holds is allocated on entry. */
function bindNow<K>(rt: Runtime, storage: WeightStorage, bind: Bind<K>, { exports, bound }: Loaded): K {
  const kernels = bind((name) => {
    const own = exports[`${name}_${storage}`] ?? (storage === "int8" ? rt.int8?.exports[`${name}_int8`] : undefined);
    const kernel = own ?? (storage === "f64" ? undefined : exports[`${name}_f32`]);
    if (!kernel) throw new ArgumentError("dtype", "one that the operators were loaded for", storage);
    return kernel;
  });
  bound.set(bind, { ...bound.get(bind), [storage]: kernels });
  return kernels;
}
