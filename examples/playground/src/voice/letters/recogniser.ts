/** The recogniser in a file of the example speech, read with distrust. */
import { loadModel, loadSafetensors, type Runtime, Sequential } from "wasm-rnn";
import { BANDS } from "../../../../speech/features";
import { fits, type Recogniser } from "../../../../speech/listen";

/** In the file's header. */
const KEY = "speech";

/** @returns nothing, or an error of any kind is thrown, where it is none */
export function recogniserIn(rt: Runtime, bytes: Uint8Array): Recogniser | undefined {
  const { symbols, statistics } = JSON.parse(loadSafetensors(bytes).metadata[KEY] as string) as Partial<Recogniser>;
  if (!isSymbols(symbols) || !isStatistics(statistics)) return undefined;
  const model = loadModel(rt, bytes);
  if (!(model instanceof Sequential) || !fits(model, symbols.length)) return undefined;
  const areFinite = model.parameters().every((parameter) => parameter.toArray().every(Number.isFinite));
  return areFinite ? { model, symbols, statistics } : undefined;
}

function isSymbols(symbols: unknown): symbols is readonly string[] {
  return Array.isArray(symbols) && symbols.every((symbol) => typeof symbol === "string" && symbol !== "");
}

function isStatistics(statistics: Partial<Recogniser["statistics"]> = {}): statistics is Recogniser["statistics"] {
  const { mean, deviation } = statistics;
  return Array.isArray(mean) && mean.length === BANDS && mean.every(Number.isFinite) && Number.isFinite(deviation) && Number(deviation) > 0;
}
