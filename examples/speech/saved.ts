/** The network in a file, with its symbols and what its front end must know. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { loadModel, loadSafetensors, type Runtime, type Sequential, WasmRnnError } from "wasm-rnn";
import { readBytes, UserError } from "../shared/program.js";
import type { Recogniser } from "./listen.js";

/** In the file's header. */
const KEY = "speech";

export function keep(file: string, { model, symbols, statistics }: Recogniser): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, model.save({ [KEY]: JSON.stringify({ symbols, statistics }) }));
}

/** @throws {UserError} when it is no file of `keep` */
export function recogniserIn(rt: Runtime, file: string): Recogniser {
  const bytes = readBytes(file, "model");
  try {
    const { [KEY]: header } = loadSafetensors(bytes).metadata;
    if (header !== undefined) return { model: loadModel<Sequential>(rt, bytes), ...JSON.parse(header) };
  } catch (error) {
    if (!(error instanceof WasmRnnError)) throw error;
  }
  throw new UserError(`${file} is no model of letters, words and digits that this program saved`);
}
