/**
 * Checkpoints: a safetensors file whose metadata holds a JSON document and the SHA-256 of the whole file, the digits of the sum
 * itself taken as zeros. Any tool that reads safetensors reads the weights in it.
 */

import { SHA256 } from "@noble/hashes/sha2";
import { bytesToHex } from "@noble/hashes/utils";
import { show } from "../checks.js";
import { FormatError } from "../errors.js";
import { charactersOf, utf8Of } from "../host.js";
import { beginSafetensors, type LoadedArray, loadSafetensors, type NamedArray } from "./safetensors.js";

const FORMAT = "wasm-rnn checkpoint 2";
const NON_FINITE = ["NaN", "Infinity", "-Infinity"];
const NO_SUM = "0".repeat(64);

/** Names in the metadata that are the checkpoint's own. */
export const OWN_METADATA: readonly string[] = ["format", "details", "sha256"];

/** Bytes between two pauses: SHA-256 in JavaScript takes some milliseconds for them. */
const SLICE = 1 << 19;

/**
 * Packs a checkpoint, array by array, and then takes the sum, slice by slice. The details are read at once; the arrays stay as they are meanwhile.
 *
 * @param details for JSON, in the order of its names: equal details give equal bytes; numbers that are not finite are kept too
 * @param metadata strings of one's own by name, none of OWN_METADATA
 * @param pause lets other work in
 */
export async function packCheckpoint(
  tensors: Readonly<Record<string, NamedArray>>,
  details: unknown,
  metadata: Readonly<Record<string, string>> = {},
  pause: () => Promise<void> | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const own = { format: FORMAT, details: JSON.stringify(details, canonical), sha256: NO_SUM };
  const { file: bytes, writes } = beginSafetensors(tensors, { ...metadata, ...own });
  for (const write of writes) {
    await pause();
    write();
  }
  const at = placeOfSum(bytes, NO_SUM);
  const sum = new SHA256();
  for (let from = 0; from < bytes.length; from += SLICE) {
    await pause();
    sum.update(bytes.subarray(from, from + SLICE));
  }
  bytes.set(utf8Of(bytesToHex(sum.digest())), at);
  return bytes;
}

/** Reads a checkpoint. @throws {FormatError} when it is cut off, altered, or something else */
export function unpackCheckpoint(bytes: Uint8Array): { tensors: Record<string, LoadedArray>; details: unknown } {
  const { tensors, metadata } = loadSafetensors(bytes);
  if (metadata.format !== FORMAT) {
    const got = metadata.format === undefined ? "none, as of a file of weights alone" : show(metadata.format);
    throw new FormatError(`checkpoint: expected the format "${FORMAT}", got ${got}`);
  }
  const { sha256: sum = "", details = "" } = metadata;
  const zeroed = bytes.slice();
  const at = /^[0-9a-f]{64}$/.test(sum) ? placeOfSum(bytes, sum) : -1;
  if (at >= 0) zeroed.fill(0x30, at, at + 64);
  const got = bytesToHex(new SHA256().update(zeroed).digest());
  if (got !== sum)
    throw new FormatError(`checkpoint: expected the checksum ${sum.slice(0, 64) || "(none)"}, got ${got}: the file has been altered`);
  try {
    return { tensors, details: JSON.parse(details, backToNonFinite) };
  } catch (cause) {
    throw new FormatError("checkpoint: expected details in JSON, got text that does not parse", { cause });
  }
}

/** Names in their order. JSON has no number that is not finite: they become { "number": "NaN" } and the like. */
function canonical(_: string, value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) return { number: String(value) };
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function backToNonFinite(_: string, value: unknown): unknown {
  const { number } = (value ?? {}) as { number?: unknown };
  return typeof number === "string" && NON_FINITE.includes(number) && Object.keys(value as object).length === 1 ? Number(number) : value;
}

/** Byte at which the digits stand in the header. */
function placeOfSum(bytes: Uint8Array, sum: string): number {
  const headerLength = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = charactersOf(bytes.subarray(8, 8 + headerLength));
  const at = header.lastIndexOf(`"sha256":"${sum}"`);
  return at < 0 ? -1 : 8 + at + '"sha256":"'.length;
}
