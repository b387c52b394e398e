/** A part of a binary: what its other exports need, and nothing else. */
import binaryen from "binaryen";
import { features } from "./fold-offsets.js";

/**
 * @param target its name in asconfig.json
 * @param wanted whether an export is kept
 */
export function withExports(binary: Uint8Array, target: string, wanted: (name: string) => boolean): Uint8Array {
  const module = binaryen.readBinary(binary);
  module.setFeatures(features(target));
  const names = Array.from({ length: module.getNumExports() }, (_, i) => binaryen.getExportInfo(module.getExportByIndex(i)).name);
  for (const name of names) if (!wanted(name)) module.removeExport(name);
  module.runPasses(["remove-unused-module-elements"]);
  const text = withoutUnusedData(module.emitText());
  module.dispose();
  const cut = binaryen.parseText(text);
  cut.setFeatures(features(target));
  if (!cut.validate()) throw new Error(`a part of ${target} does not validate`);
  const part = cut.emitBinary(); // as written: the same code
  cut.dispose();
  return part;
}

/**
 * Without the constants of the other parts, which binaryen cannot tell from memory that is read: a segment stays where any number in the
 * code, as an address or as the offset of an access, lies in it. (asc gives each array a segment, and reaches it from its own address.)
 */
function withoutUnusedData(text: string): string {
  const lines = text.split("\n");
  const isData = (line: string) => line.startsWith(" (data ");
  const code = lines.filter((line) => !isData(line)).join("\n");
  const numbers = new Set(Array.from(code.matchAll(/(?:i32\.const |offset=)(\d+)/g), ([, digits]) => Number(digits)));
  return lines.filter((line) => !isData(line) || [...addresses(line)].some((address) => numbers.has(address))).join("\n");
}

/** Of a segment's bytes. */
function* addresses(line: string): Generator<number> {
  const [, start, bytes] = /i32\.const (\d+)\) "(.*)"/.exec(line) ?? [];
  if (start === undefined || bytes === undefined) throw new Error(`no segment of data: ${line}`);
  const { length } = bytes.replace(/\\(?:[0-9a-f]{2}|.)/g, "."); // \00 and \" are a byte each
  for (let i = 0; i < length; i++) yield Number(start) + i;
}
