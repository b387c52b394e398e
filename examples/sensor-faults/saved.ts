/** The detector in a file, with what is an alarm to it. */
import { loadModel, loadSafetensors, type Runtime, Sequential } from "wasm-rnn";
import { readSaved } from "../shared/saved.js";
import { FEATURES } from "./features.js";

const KEY = "sensor-faults";

export interface Detector {
  readonly model: Sequential;
  /** A logit beyond it is an alarm. */
  readonly threshold: number;
}

export function saved({ model, threshold }: Detector): Uint8Array {
  return model.save({ [KEY]: String(threshold) });
}

/** @throws {UserError} when it is no file of what `saved` gave */
export function detectorIn(rt: Runtime, file: string): Detector {
  return readSaved(file, "sensor-faults", (bytes) => {
    const threshold = Number.parseFloat(loadSafetensors(bytes).metadata[KEY] ?? "");
    const model = loadModel(rt, bytes);
    return model instanceof Sequential && fits(model) && Number.isFinite(threshold) ? { model, threshold } : undefined;
  });
}

function fits(model: Sequential): boolean {
  const stream = model.stream();
  const isFit = stream.input.length === FEATURES && stream.output.length === 1;
  stream.dispose();
  return isFit;
}
