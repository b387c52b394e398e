/** The names that a pickle of weights may use: what each stands for is made here. Nothing else is called, or looked up. */
import { FormatError } from "../errors.js";
import type { Stored } from "../io/elements.js";
import { Global, Opaque, Storage, TensorEntry, Tuple } from "./values.js";

const STORAGES: Readonly<Record<string, Stored>> = {
  ...{
    Double: "F64",
    Float: "F32",
    Half: "F16",
    BFloat16: "BF16",
    Long: "I64",
    Int: "I32",
    Short: "I16",
    Char: "I8",
    Byte: "U8",
    Bool: "BOOL",
  },
};

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function sizesOf(value: unknown): number[] | undefined {
  const items = value instanceof Tuple ? value.items : Array.isArray(value) ? value : undefined;
  return items?.every(isSize) ? [...(items as number[])] : undefined;
}

function tensorOf([storage, offset, size, stride]: readonly unknown[]): TensorEntry {
  const [shape, strides] = [sizesOf(size), sizesOf(stride)];
  if (storage instanceof Storage && isSize(offset) && shape && strides && shape.length === strides.length)
    return new TensorEntry(storage, offset, shape, strides);
  throw new FormatError("pytorch: expected a tensor over a storage, got one of other parts");
}

const opaque = (name: string) => () => new Opaque(name);

/** Pairs, where there are any. */
function dictOf([pairs]: readonly unknown[]): Map<unknown, unknown> {
  const items = pairs instanceof Tuple ? pairs.items : Array.isArray(pairs) ? pairs : [];
  return new Map(items.map((pair) => (pair instanceof Tuple ? pair.items : (pair as unknown[])) as [unknown, unknown]));
}

/** What a call of each gives. */
const CALLS: Readonly<Record<string, (args: readonly unknown[]) => unknown>> = {
  "collections.OrderedDict": dictOf,
  "collections.defaultdict": () => new Map(),
  "torch._utils._rebuild_tensor": tensorOf,
  "torch._utils._rebuild_tensor_v2": tensorOf,
  "torch._utils._rebuild_parameter": ([data]) => data,
  "torch._utils._rebuild_parameter_with_state": ([data]) => data,
  "torch.Size": ([items]) => items,
  "torch.device": opaque("a device"),
  "builtins.set": ([items]) => items ?? [],
  "builtins.list": ([items]) => items ?? [],
  "builtins.dict": dictOf,
  "builtins.bytearray": opaque("bytes"),
  "builtins.complex": opaque("a complex number"),
  "_codecs.encode": opaque("bytes"),
  "numpy.dtype": opaque("a type of NumPy"),
  "numpy.core.multiarray.scalar": opaque("a scalar of NumPy"),
  "numpy._core.multiarray.scalar": opaque("a scalar of NumPy"),
  "datetime.datetime": opaque("a date"),
};

/** Names that stand for themselves: types of elements and of storages. */
const NAMES = /^torch\.(u?int\d+|float\d+|bfloat16|half|double|float|long|int|short|bool|strided|contiguous_format|preserve_format)$/;
const STORAGE = /^torch\.(?:cuda\.)?(\w+)Storage$/;

const CURES: readonly (readonly [RegExp, string])[] = [
  [/^torch\.(nn|jit)\.|Module$|\.model|\.models/, "a whole model is pickled code: save its weights, torch.save(model.state_dict(), path)"],
  [
    /^torch\._utils\._rebuild_(sparse|.*q|wrapper|nested|meta)/,
    "dense tensors of plain numbers alone are read (tensor.to_dense(), dequantize())",
  ],
  [/^torch\._utils\._rebuild/, "tensors of an ordinary kind alone are read"],
];

/** A name that the pickle brings in. @throws {FormatError} when it is none that weights use */
export function globalOf(module: string, name: string): Global {
  const full = `${module === "__builtin__" ? "builtins" : module}.${name}`;
  const isKnown = Object.hasOwn(CALLS, full) || NAMES.test(full) || storedOf(full) !== undefined;
  if (isKnown) return new Global(full);
  const cure = CURES.find(([pattern]) => pattern.test(full))?.[1];
  throw new FormatError(
    `pytorch: expected tensors and dictionaries, got ${full.slice(0, 200)}, which is not called${cure ? ` (${cure})` : " (save what is needed of it as tensors, numbers and texts)"}`,
  );
}

/** @throws {FormatError} when what is called is no name */
export function called(callable: unknown, args: unknown): unknown {
  const call = callable instanceof Global && Object.hasOwn(CALLS, callable.name) ? CALLS[callable.name] : undefined;
  if (call && args instanceof Tuple) return call(args.items);
  throw new FormatError(
    `pytorch: expected a call that makes a tensor or a dictionary, got one of ${callable instanceof Global ? callable.name : "something else"}`,
  );
}

function storedOf(full: string): Stored | undefined {
  const kind = STORAGE.exec(full)?.[1];
  return kind !== undefined && Object.hasOwn(STORAGES, kind) ? STORAGES[kind] : undefined;
}

/** What stands for a storage: ("storage", type, key, device, elements). @throws {FormatError} */
export function storageOf(id: unknown): Storage {
  const [kind, type, key, , count] = id instanceof Tuple ? id.items : [];
  const stored = type instanceof Global ? storedOf(type.name) : undefined;
  if (kind === "storage" && stored && typeof key === "string" && isSize(count)) return new Storage(stored, key, count);
  throw new FormatError(`pytorch: expected a storage of numbers, got ${type instanceof Global ? type.name : "something else"}`);
}
