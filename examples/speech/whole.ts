/** Files that are written whole or not at all. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Under another name first, so that whoever ends the program leaves no half of it. */
export function writeWhole(file: string, bytes: Uint8Array): void {
  const scratch = `${file}.${process.pid}`;
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(scratch, bytes);
    renameSync(scratch, file);
  } finally {
    rmSync(scratch, { force: true });
  }
}
