import { readFileSync } from "node:fs";
import { createRuntime, type FloatType, type Parameter, type Runtime, type RuntimeOptions, type Tensor } from "../../bindings/index.js";
import { loadOperators } from "../../bindings/ops.js";
import { BUILD } from "./raw.js";

export const DTYPES: readonly FloatType[] = ["f32", "f64"];

let compiled: Promise<WebAssembly.Module> | undefined;

/** A runtime on the build under test, which can do both element types whatever its own is. */
export async function testRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  compiled ??= WebAssembly.compile(readFileSync(new URL(`../../build/${BUILD}.wasm`, import.meta.url)));
  const rt = await createRuntime(options.build || options.module ? options : { module: await compiled, ...options });
  rt.memory.poisons = true; // a read of what nothing has written yet gives NaN
  return rt;
}

let operators: Promise<WebAssembly.Module> | undefined;

/** A runtime on the build under test, with operators of both element types. */
export async function operatorRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  const rt = await testRuntime(options);
  operators ??= WebAssembly.compile(
    readFileSync(new URL(`../../build/${BUILD === "debug" ? BUILD : `${BUILD}-ops`}.wasm`, import.meta.url)),
  );
  await loadOperators(rt, { module: await operators });
  return rt;
}

interface HasParameters {
  parameters(): Parameter[];
}

/** The parameter of this name; there must be one. */
export function parameterOf(layer: HasParameters, name: string): Parameter {
  const found = layer.parameters().find((parameter) => parameter.name === name);
  if (!found) throw new Error(`no parameter ${name}`);
  return found;
}

/** Sets all parameters by name: a name too many or too few is an error. */
export function setParameters(layer: HasParameters, values: Readonly<Record<string, ArrayLike<number>>>): void {
  const names = layer.parameters().map((parameter) => parameter.name);
  if (names.join() !== Object.keys(values).join()) throw new Error(`expected ${names.join()}, got ${Object.keys(values).join()}`);
  for (const parameter of layer.parameters()) parameter.set(values[parameter.name]);
}

/** The goldens' single-layer weights by the layer's names. */
export function singleLayer(g: { weight_ih: number[]; weight_hh: number[]; bias_ih: number[]; bias_hh: number[] }) {
  return { weight_ih_l0: g.weight_ih, weight_hh_l0: g.weight_hh, bias_ih_l0: g.bias_ih, bias_hh_l0: g.bias_hh };
}

/** The gradients by name, copied. */
export function gradientsOf(layer: HasParameters): Record<string, ArrayLike<number>> {
  return Object.fromEntries(layer.parameters().map((parameter) => [parameter.name, parameter.grad]));
}

/** The values by name, copied. */
export function valuesOf(layer: HasParameters): Record<string, ArrayLike<number>> {
  return Object.fromEntries(layer.parameters().map((parameter) => [parameter.name, parameter.toArray()]));
}

/** A tensor of a dtype from any numbers. */
export function tensorOf(rt: Runtime, dtype: FloatType, data: ArrayLike<number>, shape: readonly number[]): Tensor {
  return rt.tensor(data, shape, { dtype });
}

/** An i32 tensor. */
export function tokensOf(rt: Runtime, data: ArrayLike<number>, shape: readonly number[] = [data.length]): Tensor {
  return rt.tensor(Int32Array.from(data), shape);
}
