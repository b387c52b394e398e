/** The model in a file, with the names of the actions. */
import { loadModel, type Runtime } from "wasm-rnn";
import { readSaved } from "../shared/saved.js";
import { Watcher } from "./model.js";

/** @throws {UserError} when the file is no model of this example */
export function readModel(rt: Runtime, file: string): Watcher {
  return readSaved(file, "video", (bytes) => {
    const model = loadModel(rt, bytes, { classes: { Watcher } });
    return model instanceof Watcher ? { model } : undefined;
  }).model;
}
