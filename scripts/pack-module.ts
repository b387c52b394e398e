/** A binary as a module: deflated, in base64 (bindings/unpack.ts reads it). Its type is said, or the declaration would hold all of the text. */
import { deflateRawSync } from "node:zlib";

export function packModule(binary: Uint8Array): string {
  return `export default "${deflateRawSync(binary, { level: 9 }).toString("base64")}" as string;\n`;
}
