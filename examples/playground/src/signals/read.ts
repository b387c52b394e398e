/** A file → a table, in a worker that lives as long as that takes. */
import { wrap } from "comlink";
import type { Reader } from "./csv.worker";
import type { Table } from "./table";

/** @throws {Error} in plain words, where it is no table of numbers */
export async function readTable(file: Blob, name: string): Promise<Table> {
  const worker = new Worker(new URL("./csv.worker.ts", import.meta.url), { type: "module" });
  const died = new Promise<never>((_, reject) => {
    worker.onerror = () => reject(new Error("The file could not be read: perhaps it is too large for the memory that is left."));
  });
  try {
    return await Promise.race([wrap<Reader>(worker).read(file, name), died]);
  } finally {
    worker.terminate();
  }
}
