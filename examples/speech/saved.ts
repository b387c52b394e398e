/** The network in a file, with its symbols and what its front end must know. */
import * as v from "valibot";
import { loadModel, loadSafetensors, type Runtime, Sequential } from "wasm-rnn";
import { readSaved } from "../shared/saved.js";
import { BANDS } from "./features.js";
import { fits, type Recogniser } from "./listen.js";

/** In the file's header. */
const KEY = "speech";

const finite = v.pipe(v.number(), v.finite());
export const STATISTICS = v.object({
  mean: v.pipe(v.array(finite), v.length(BANDS)),
  deviation: v.pipe(finite, v.gtValue(0)),
});
/** Symbols are printed: nothing in them moves a terminal's cursor. */
const HEADER = v.object({ symbols: v.array(v.pipe(v.string(), v.regex(/^\P{Cc}+$/u))), statistics: STATISTICS });

export function saved({ model, symbols, statistics }: Recogniser): Uint8Array {
  return model.save({ [KEY]: JSON.stringify({ symbols, statistics }) });
}

/** @throws {UserError} when it is no file of what `saved` gave */
export function recogniserIn(rt: Runtime, file: string): Recogniser {
  return readSaved(file, "speech, of its symbols", (bytes) => {
    const { symbols, statistics } = v.parse(HEADER, JSON.parse(loadSafetensors(bytes).metadata[KEY] as string));
    const model = loadModel(rt, bytes);
    return model instanceof Sequential && fits(model, symbols.length) ? { model, symbols, statistics } : undefined;
  });
}
