/** State dicts of PyTorch, out of both forms of its files. Source: torch/serialization.py; Python's pickletools.py. */
import { checkOptions, show, typedKind } from "../checks.js";
import { ArgumentError, FormatError } from "../errors.js";
import { charactersOf } from "../host.js";
import { bytesOf } from "../io/elements.js";
import { foreignFile } from "../io/foreign-files.js";
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

/** Bytes of all storages for each byte of the file: torch.save compresses none, and no weights are compressed to so little. */
const MOST_INFLATED = 64;

/** Bytes of a pickle for each byte of the file, where it is longer than so many. */
const [MOST_PROGRAM, SHORT] = [4, 2 ** 16];

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
  throw new FormatError(`pytorch: expected a file of torch.save, got ${own.length < 4 ? `${own.length} bytes` : strangerOf(own)}`);
}

function strangerOf(bytes: Uint8Array): string {
  if (charactersOf(bytes.subarray(257, 262)) === "ustar")
    return "a tar archive, the form before PyTorch 0.1.10 (load and save it again in a newer PyTorch)";
  return foreignFile(bytes) ?? "other bytes";
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
  if (!pickle) {
    const foreign = /\.(npy|json)$/.test(names[0] ?? "") ? foreignFile(bytes) : undefined;
    throw new FormatError(
      `pytorch: expected an archive of torch.save, got ${foreign ?? `one of ${names.slice(0, 5).map(show).join(", ") || "nothing"}`}`,
    );
  }
  const order = members.get(`${folder}byteorder`);
  if (order && order.size < 16 && charactersOf(order.read()) === "big")
    throw new FormatError("pytorch: expected bytes in little-endian order, got big-endian ones");
  const program = members.get(pickle) as Member;
  const longest = Math.max(SHORT, MOST_PROGRAM * bytes.length);
  if (program.size > longest) throw new FormatError(`pytorch: expected a pickle of ${longest} bytes at most, got ${program.size}`);
  const { value } = unpickle(program.read());
  const most = MOST_INFLATED * bytes.length;
  let inflated = 0;
  const bytesFor = ({ key: storage, stored, count }: Storage) => {
    const member = members.get(`${folder}data/${storage}`);
    if (!member) throw new FormatError(`pytorch: expected storage ${show(storage)} in the archive, got none`);
    const wanted = count * bytesOf(stored);
    inflated += wanted;
    if (member.size !== wanted || inflated > most)
      throw new FormatError(`pytorch: storage ${show(storage)}: expected ${wanted} bytes, and ${most} of all at most, got ${member.size}`);
    return member.read();
  };
  return tensorsIn(value, key, bytesFor, bytes.length);
}

/** The form before PyTorch 1.6: pickles one after another, then the storages in the order of their keys, each behind its count. */
function fromStream(bytes: Uint8Array, key: string | undefined): Record<string, LoadedArray> {
  const magic = unpickle(bytes);
  if (magic.value !== MAGIC) throw new FormatError("pytorch: expected a file of torch.save, got another pickle");
  const protocol = unpickle(bytes, magic.end);
  const system = unpickle(bytes, protocol.end);
  if (system.value instanceof Map && system.value.get("little_endian") === false)
    throw new FormatError("pytorch: expected bytes in little-endian order, got big-endian ones");
  const { value, storages, end } = unpickle(bytes, system.end);
  const keys = unpickle(bytes, end);
  const places = placesOf(keys.value, keys.end, storages, bytes);
  const bytesFor = ({ key: storage, stored, count }: Storage) => {
    const at = places.get(storage);
    if (at === undefined) throw new FormatError(`pytorch: expected storage ${show(storage)} in the file, got none`);
    return bytes.subarray(at, at + count * bytesOf(stored));
  };
  return tensorsIn(value, key, bytesFor, bytes.length);
}

/** Where the storages' numbers begin. @throws {FormatError} */
function placesOf(keys: unknown, from: number, storages: ReadonlyMap<string, Storage>, bytes: Uint8Array): Map<string, number> {
  if (!Array.isArray(keys)) throw new FormatError("pytorch: expected a list of storages behind the pickles, got something else");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const places = new Map<string, number>();
  let at = from;
  for (const key of keys) {
    const storage = typeof key === "string" ? storages.get(key) : undefined;
    if (!storage || places.has(storage.key))
      throw new FormatError(`pytorch: expected each storage of the pickle once behind it, got ${show(key)}`);
    const count = at + 8 > bytes.length ? Number.NaN : Number(view.getBigInt64(at, true));
    const next = at + 8 + storage.count * bytesOf(storage.stored);
    if (count !== storage.count || next > bytes.length)
      throw new FormatError(
        `pytorch: storage ${show(key)}: expected ${storage.count} numbers at byte ${at}, got ${count === storage.count ? "a file that ends" : count}`,
      );
    places.set(storage.key, at + 8);
    at = next;
  }
  return places;
}
