/** How workers build a model, as bytes: one part of a pool. */
import { textOf, utf8Of } from "../host.js";
import { shareable } from "./host.js";
import type { ReplicaSetup } from "./wire.js";

/** The length of the text, then the text in UTF-8, then the file, where there is one. */
export function writeSetup(setup: ReplicaSetup): Uint8Array {
  const { source } = setup;
  const file = "file" in source ? source.file : new Uint8Array(0);
  const text = utf8Of(JSON.stringify({ ...setup, source: "file" in source ? { file: [] } : source }));
  const bytes = shareable(4 + text.length + file.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  bytes.set(file, 4 + text.length);
  return bytes;
}

export function readSetup(bytes: Uint8Array): ReplicaSetup {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const copy = bytes.slice(4); // text decoders of browsers refuse what is shared
  const setup = JSON.parse(textOf(Uint8Array.from(copy.subarray(0, length)))) as ReplicaSetup;
  return "file" in setup.source ? { ...setup, source: { file: Uint8Array.from(copy.subarray(length)) } } : setup;
}
