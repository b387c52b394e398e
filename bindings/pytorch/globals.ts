/** The names that a pickle of weights may use: what each stands for is made here. Nothing else is called, or looked up. */
import { MOST_AXES } from "../checks.js";
import { FormatError } from "../errors.js";
import { bytesOf, type Stored } from "../io/elements.js";
import { Global, Opaque, Storage, TensorEntry, Tuple } from "./values.js";

const STORAGES: Readonly<Record<string, Stored>> = {
  ...{ Double: "F64", Float: "F32", Half: "F16", BFloat16: "BF16", Long: "I64", Int: "I32", Short: "I16", Char: "I8" },
  ...{ Byte: "U8", Bool: "BOOL" },
};

/** A storage of bytes, whose tensors say what they are. */
const UNTYPED = "torch.storage.UntypedStorage";
const DTYPES: Readonly<Record<string, Stored>> = { uint16: "U16", uint32: "U32", uint64: "U64" };

/** @throws {FormatError} when there is too much of it */
type Spend = (work: number) => void;

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function sizesOf(value: unknown): number[] | undefined {
  const items = value instanceof Tuple ? value.items : Array.isArray(value) ? value : [];
  if (items.length > MOST_AXES) return undefined; // before it is copied: one list may be the shape of every tensor
  return items.every(isSize) ? [...(items as number[])] : undefined;
}

function tensorOf([storage, offset, size, stride, , , metadata]: readonly unknown[]): TensorEntry {
  if (metadata instanceof Map && (metadata.get("neg") || metadata.get("conj")))
    throw new FormatError("pytorch: expected a tensor of its own numbers, got one of their negatives (resolve_neg())");
  const [shape, strides] = [sizesOf(size), sizesOf(stride)];
  if (storage instanceof Storage && isSize(offset) && shape && strides && shape.length === strides.length)
    return new TensorEntry(storage, offset, shape, strides);
  throw new FormatError(`pytorch: expected a tensor over a storage, of up to ${MOST_AXES} axes, got one of other parts`);
}

/** Of the types that PyTorch 2.3 has added: over bytes. */
function untypedTensorOf([storage, offset, size, stride, , , dtype, metadata]: readonly unknown[]): TensorEntry {
  const name = dtype instanceof Global ? dtype.name.replace("torch.", "") : "something else";
  const stored = Object.hasOwn(DTYPES, name) ? DTYPES[name] : undefined;
  if (!stored) throw new FormatError(`pytorch: expected a tensor of ${Object.keys(DTYPES).join(", ")} over bytes, got one of ${name}`);
  const count = storage instanceof Storage ? storage.count / (bytesOf(stored) / bytesOf(storage.stored)) : 0;
  return tensorOf([
    storage instanceof Storage ? new Storage(stored, storage.key, count) : storage,
    offset,
    size,
    stride,
    null,
    null,
    metadata,
  ]);
}

const opaque = (name: string) => () => new Opaque(name);

/** Pairs, where there are any: old Pythons give a dictionary to its class. */
function dictOf([pairs]: readonly unknown[], spend: Spend): Map<unknown, unknown> {
  const items = pairs instanceof Tuple ? pairs.items : Array.isArray(pairs) ? pairs : [];
  spend(items.length); // one list may make many
  const pair = (value: unknown): [unknown, unknown] => {
    const parts = value instanceof Tuple ? value.items : value;
    if (Array.isArray(parts) && parts.length === 2) return parts as [unknown, unknown];
    throw new FormatError("pytorch: expected a dictionary of pairs, got one of other things");
  };
  return new Map(items.map(pair));
}

/** What a call of each gives. */
const CALLS: Readonly<Record<string, (args: readonly unknown[], spend: Spend) => unknown>> = {
  "collections.OrderedDict": dictOf,
  "collections.defaultdict": () => new Map(),
  "torch._utils._rebuild_tensor": tensorOf,
  "torch._utils._rebuild_tensor_v2": tensorOf,
  "torch._utils._rebuild_tensor_v3": untypedTensorOf,
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
  "numpy.ndarray": opaque("an array of NumPy"),
  "numpy.core.multiarray._reconstruct": opaque("an array of NumPy"),
  "numpy._core.multiarray._reconstruct": opaque("an array of NumPy"),
  "datetime.datetime": opaque("a date"),
};

/** Names that stand for themselves: types of elements, of storages, of what a dictionary begins with. */
const NAMES =
  /^(torch\.(u?int\d+|float\d+|bfloat16|half|double|float|long|int|short|bool|strided|contiguous_format|preserve_format)|builtins\.(int|float|str|bool|tuple))$/;
const STORAGE = /^torch\.(?:cuda\.)?(\w+)Storage$/;

const CURES: readonly (readonly [RegExp, string])[] = [
  [/^torch\.storage\._load_from_bytes$/, "pickle.dump has written this: save it by torch.save"],
  [
    /^torch\.(Q\w+Storage|Complex\w+Storage|q\w+|complex\w+|float8\w+)$/,
    "numbers of ordinary kinds alone are read (dequantize(), torch.view_as_real, float())",
  ],
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
  const isKnown = full === UNTYPED || Object.hasOwn(CALLS, full) || NAMES.test(full) || storedOf(full) !== undefined;
  if (isKnown) return new Global(full);
  const cure = CURES.find(([pattern]) => pattern.test(full))?.[1];
  throw new FormatError(
    `pytorch: expected tensors and dictionaries, got ${full.slice(0, 200)}, which is not called${cure ? ` (${cure})` : " (of a whole model save the weights, torch.save(model.state_dict(), path); of another object what is needed, as tensors, numbers and texts)"}`,
  );
}

/** @param spend is told of work that no byte stands for @throws {FormatError} when what is called is no name of the list */
export function called(callable: unknown, args: unknown, spend: Spend): unknown {
  const call = callable instanceof Global && Object.hasOwn(CALLS, callable.name) ? CALLS[callable.name] : undefined;
  if (call && args instanceof Tuple) return call(args.items, spend);
  throw new FormatError(
    `pytorch: expected a call that makes a tensor or a dictionary, got one of ${callable instanceof Global ? callable.name : "something else"}`,
  );
}

function storedOf(full: string): Stored | undefined {
  const kind = STORAGE.exec(full)?.[1];
  return kind !== undefined && Object.hasOwn(STORAGES, kind) ? STORAGES[kind] : undefined;
}

/** What stands for a storage: ("storage", type, key, device, elements); before 0.4 a part of another, too. @throws {FormatError} */
export function storageOf(id: unknown): Storage {
  const [kind, type, key, , count, part = null] = id instanceof Tuple ? id.items : [];
  const name = type instanceof Global ? type.name : "something else";
  const stored = name === UNTYPED ? "U8" : storedOf(name);
  if (kind !== "storage" || !stored || typeof key !== "string" || !isSize(count))
    throw new FormatError(`pytorch: expected a storage of numbers, got ${name}`);
  if (part === null) return new Storage(stored, key, count);
  throw new FormatError("pytorch: expected a storage of its own, got a view of another (load and save it again in a newer PyTorch)");
}
