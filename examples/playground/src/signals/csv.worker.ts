/** Reads a CSV file away from the page. */
import { expose, transfer } from "comlink";
import { tableOf } from "./csv";
import { textOf } from "./decode";

const reader = {
  async read(file: Blob, name: string) {
    const table = tableOf(name, await textOf(file));
    const buffers = new Set([...table.columns.map(({ values }) => values.buffer), ...(table.times ? [table.times.buffer] : [])]);
    return transfer(table, [...buffers]);
  },
};

export type Reader = typeof reader;
expose(reader);
