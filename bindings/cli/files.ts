/** Files from a disk and onto one. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { CommandError } from "./command-error.js";

/** A file in memory. @throws {CommandError} when it cannot be read */
export function readFile(path: string): Uint8Array {
  try {
    if (statSync(path).isDirectory()) throw new CommandError(`${path} is a folder`);
    const bytes = readFileSync(path);
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new CommandError(`cannot read ${path}: ${code === "ENOENT" ? "there is no such file" : code}`);
  }
}

/** @throws {CommandError} when it cannot be written */
export function writeFile(path: string, bytes: Uint8Array): void {
  try {
    writeFileSync(path, bytes);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new CommandError(`cannot write ${path}: ${code === "ENOENT" ? "there is no such folder" : code}`);
  }
}
