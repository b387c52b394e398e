import { inflateSync } from "fflate";
import { FormatError } from "../errors.js";
import { textOf } from "../host.js";

/** Stand-in until the archive reader of the house is there. */
export function readZip(bytes: Uint8Array, what: string): Map<string, { size: number; read(): Uint8Array }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fail = (): never => {
    throw new FormatError(`${what}: expected a zip archive, got other bytes`);
  };
  const members = new Map<string, { size: number; read(): Uint8Array }>();
  let end = bytes.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) fail();
  let at = view.getUint32(end + 16, true);
  for (let i = view.getUint16(end + 10, true); i > 0; i--) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== 0x02014b50) fail();
    const [method, packed, size, nameLength] = [
      view.getUint16(at + 10, true),
      view.getUint32(at + 20, true),
      view.getUint32(at + 24, true),
      view.getUint16(at + 28, true),
    ];
    const local = view.getUint32(at + 42, true);
    const name = textOf(bytes.slice(at + 46, at + 46 + nameLength));
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    const read = () => {
      if (local + 30 > bytes.length || size > bytes.length * 1032) fail();
      const begin = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
      const data = bytes.subarray(begin, begin + packed);
      if (data.length !== packed) fail();
      try {
        return method === 0 ? data.slice() : inflateSync(data, { out: new Uint8Array(size) });
      } catch {
        return fail();
      }
    };
    members.set(name, { size, read });
  }
  return members;
}
