/** An optimizer's state as the bytes of a file. */
import { sameShape, show } from "../checks.js";
import { ArgumentError, DTypeError, FormatError, ShapeError } from "../errors.js";
import { type LoadedArray, loadSafetensors, type NamedArray, saveSafetensors } from "../io/safetensors.js";
import type { FloatArray, TypedArray } from "../tensor.js";

/** Where the file says what is not a tensor. */
const STATE = "wasm-rnn.optimizer";

/** What is not a tensor, and moments by name: "m.0" is the first parameter's. */
interface State {
  readonly tensors: Readonly<Record<string, FloatArray>>;
}

type Shaped = readonly { readonly shape: readonly number[] }[];

/** @internal */
export function packState({ tensors, ...rest }: State, parameters: Shaped): Uint8Array<ArrayBuffer> {
  const arrays = Object.entries(tensors).map(([name, data]): [string, NamedArray] => [
    name,
    { shape: shapeOf(name, parameters) ?? [data.length], data },
  ]);
  return saveSafetensors(Object.fromEntries(arrays), { [STATE]: JSON.stringify(rest) });
}

/**
 * @internal The state in a file, as it is read where it is no file.
 * @throws {FormatError} also where `read` would have an argument to blame @throws {ShapeError} @throws {DTypeError}
 */
export function unpackState<S>(bytes: Uint8Array, parameters: Shaped, read: (state: object) => S): S {
  const { tensors, metadata } = loadSafetensors(bytes);
  const text = Object.hasOwn(metadata, STATE) ? metadata[STATE] : undefined;
  if (text === undefined) throw new FormatError("optimizer: expected the state of one, got a file of something else");
  const state = parsed(text);
  for (const [name, { shape }] of Object.entries(tensors)) {
    const wanted = shapeOf(name, parameters);
    if (wanted && !sameShape(wanted, shape)) throw new ShapeError(`state.tensors.${name}`, show([...wanted]), show([...shape]));
  }
  const data = Object.entries(tensors).map(([name, array]: [string, LoadedArray]): [string, TypedArray] => [name, array.data]);
  try {
    return read({ ...state, tensors: Object.fromEntries(data) });
  } catch (cause) {
    if (!(cause instanceof ArgumentError) || cause instanceof ShapeError || cause instanceof DTypeError) throw cause;
    throw new FormatError(`optimizer: ${cause.message}`, { cause });
  }
}

function parsed(text: string): object {
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch (cause) {
    throw new FormatError("optimizer: expected a state in JSON, got text that does not parse", { cause });
  }
  if (typeof state === "object" && state !== null && !Array.isArray(state)) return state;
  throw new FormatError(`optimizer: expected a state in JSON, got ${show(state)}`);
}

/** Of the parameter whose moment it is. */
function shapeOf(name: string, parameters: Shaped): readonly number[] | undefined {
  return parameters[Number(name.slice(name.lastIndexOf(".") + 1))]?.shape;
}
