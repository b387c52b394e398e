/** State dicts of PyTorch, out of both forms of its files. Source: torch/serialization.py; Python's pickletools.py. */
import { checkOptions, show, typedKind } from "../checks.js";
import { ArgumentError, FormatError } from "../errors.js";
import { charactersOf } from "../host.js";
import { bytesOf } from "../io/elements.js";
import type { LoadedArray } from "../io/safetensors.js";
import { type Member, readZip } from "../io/zip.js";
import { unpickle } from "./pickle.js";
import { tensorsIn } from "./tensors.js";
import type { Storage } from "./values.js";

/** Options of loadPyTorch. */
export interface LoadPyTorchOptions {
  /** Of a checkpoint that holds more, the dictionary that is wanted, such as "state_dict". Default: all tensors, with names such as state_dict.weight. */
  key?: string;
}

/** What the older form begins with, after its first pickle's own bytes. */
const MAGIC = Number(0x1950a86a20f9469cfc6cn);

/**
 * Reads the tensors of a .pt or .pth file that `torch.save(model.state_dict(), path)` has written: copies, by their names. float16 and bfloat16
 * become f32, integers and bool i32. A pickle is read as data: of names only those of tensors and dictionaries are known, and nothing is called.
 *
 * @example
 * lstm.loadStateDict(loadPyTorch(readFileSync("lstm.pt")));
 * @throws {FormatError} on a whole model, TorchScript, other pickles, and files that are damaged @throws {ArgumentError}
 */
export function loadPyTorch(bytes: Uint8Array, options: LoadPyTorchOptions = {}): Record<string, LoadedArray> {
  if (typedKind(bytes) !== "Uint8Array") throw new ArgumentError("bytes", "a Uint8Array", show(bytes));
  const { key } = checkOptions(options, ["key"]);
  if (key !== undefined && typeof key !== "string") throw new ArgumentError("key", "a string", show(key));
  const own = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = charactersOf(own.subarray(0, 4));
  if (head === "PK\x03\x04") return fromZip(own, key);
  if (own[0] === 0x80) return fromStream(own, key);
  throw new FormatError(`pytorch: expected a file of torch.save, got ${own.length < 4 ? `${own.length} bytes` : "other bytes"}`);
}

function fromZip(bytes: Uint8Array, key: string | undefined): Record<string, LoadedArray> {
  const members = readZip(bytes, "pytorch");
  const names = [...members.keys()];
  const pickle = names.find((name) => /^([^/]+\/)?data\.pkl$/.test(name));
  const folder = pickle?.slice(0, -"data.pkl".length) ?? "";
  if (names.some((name) => name.endsWith("constants.pkl") || name.startsWith(`${folder}code/`)))
    throw new FormatError(
      "pytorch: expected a state dict, got TorchScript (in Python: torch.save(torch.jit.load(path).state_dict(), path))",
    );
  if (!pickle)
    throw new FormatError(`pytorch: expected an archive of torch.save, got one of ${names.slice(0, 5).map(show).join(", ") || "nothing"}`);
  const order = members.get(`${folder}byteorder`);
  if (order && order.size < 16 && charactersOf(order.read()) === "big")
    throw new FormatError("pytorch: expected bytes in little-endian order, got big-endian ones");
  const { value } = unpickle((members.get(pickle) as Member).read());
  const bytesFor = ({ key: storage }: Storage) => {
    const member = members.get(`${folder}data/${storage}`);
    if (!member) throw new FormatError(`pytorch: expected storage ${show(storage)} in the archive, got none`);
    return member.read();
  };
  return tensorsIn(value, key, bytesFor, bytes.length);
}

/** The form before PyTorch 1.6: pickles one after another, then the storages. */
function fromStream(bytes: Uint8Array, key: string | undefined): Record<string, LoadedArray> {
  const magic = unpickle(bytes);
  if (magic.value !== MAGIC) throw new FormatError("pytorch: expected a file of torch.save, got another pickle");
  const protocol = unpickle(bytes, magic.end);
  const system = unpickle(bytes, protocol.end);
  if (system.value instanceof Map && system.value.get("little_endian") === false)
    throw new FormatError("pytorch: expected bytes in little-endian order, got big-endian ones");
  const { value, end } = unpickle(bytes, system.end);
  const keys = unpickle(bytes, end);
  if (!Array.isArray(keys.value)) throw new FormatError("pytorch: expected a list of storages behind the pickles, got something else");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const places = keys.value.map(String);
  /** Storages lie in the order of their keys, each behind its count; their widths the tensors tell. */
  const bytesFor = (storage: Storage) => {
    const i = places.indexOf(storage.key);
    if (i < 0) throw new FormatError(`pytorch: expected storage ${show(storage.key)} in the file, got none`);
    const at = offsets[i];
    if (at === undefined)
      throw new FormatError(`pytorch: expected storage ${show(storage.key)} in the file, got one that nothing tells the place of`);
    return bytes.subarray(at, at + storage.count * bytesOf(storage.stored));
  };
  const widths = new Map(storagesIn(value).map((storage) => [storage.key, bytesOf(storage.stored)]));
  const offsets: number[] = [];
  let at = keys.end;
  for (const storage of places) {
    const width = widths.get(storage);
    if (width === undefined || at + 8 > bytes.length) break;
    const count = Number(view.getBigInt64(at, true));
    if (!(count >= 0) || at + 8 + count * width > bytes.length)
      throw new FormatError(`pytorch: storage ${show(storage)}: expected ${count} numbers at byte ${at}, got a file that ends`);
    offsets.push(at + 8);
    at += 8 + count * width;
  }
  return tensorsIn(value, key, bytesFor, bytes.length);
}

function storagesIn(value: unknown): Storage[] {
  const found = new Map<unknown, Storage>();
  const visited = new Set<unknown>();
  const waiting = [value];
  while (waiting.length > 0) {
    const each = waiting.pop();
    if (typeof each !== "object" || each === null || visited.has(each)) continue;
    visited.add(each);
    if ("storage" in each) found.set((each.storage as Storage).key, each.storage as Storage);
    else if (each instanceof Map) waiting.push(...each.values());
    else if (Array.isArray(each)) for (const item of each) waiting.push(item);
  }
  return [...found.values()];
}
