/** The networks in a file, with what scales what they see. */
import { loadModel, loadScaler, type Runtime, type Scaler } from "wasm-rnn";
import { readSaved } from "../shared/saved.js";
import { FEATURES } from "./features.js";
import { Member, Volatility } from "./model.js";

const SCALER = "scaler";

export interface Saved {
  readonly model: Volatility;
  readonly scaler: Scaler;
}

export function saved({ model, scaler }: Saved): Uint8Array {
  return model.save({ [SCALER]: scaler });
}

/** @throws {UserError} when it is no file of what `saved` gave */
export function volatilityIn(rt: Runtime, file: string): Saved {
  return readSaved(file, "volatility", (bytes) => {
    const model = loadModel(rt, bytes, { classes: { Volatility, Member } });
    const scaler = loadScaler(bytes, SCALER);
    const fits = model instanceof Volatility && model.sizes.features === FEATURES && scaler.scale.length === FEATURES;
    return fits ? { model, scaler } : undefined;
  });
}
