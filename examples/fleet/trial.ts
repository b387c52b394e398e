/** One trial of the sweep: a detector with these hyperparameters learns indoors, and is asked about those outdoors. */
import { AdamW, BCEWithLogitsLoss, evaluate, fit } from "wasm-rnn";
import { placesOfMay } from "../sensor-faults/data.js";
import { FEATURES } from "../sensor-faults/features.js";
import { windows } from "../sensor-faults/learn.js";
import { build } from "../sensor-faults/model.js";
import { runtime, sha256 } from "./model.js";

export interface Trial {
  readonly hidden: number;
  readonly lr: number;
  readonly weightDecay: number;
  readonly epochs: number;
  readonly seed: number;
}

export interface Outcome {
  /** Of the motes that nothing was learned from: cross-entropy a reading, in nats. */
  readonly loss: number;
}

/** Changes with what a trial is: results of before are then others' results. */
const VERSION = 1;

export const keyOfTrial = ({ hidden, lr, weightDecay, epochs, seed }: Trial): string =>
  `sweep-${sha256(JSON.stringify([VERSION, hidden, lr, weightDecay, epochs, seed]))}`;

export async function runTrial({ hidden, lr, weightDecay, epochs, seed }: Trial): Promise<Outcome> {
  using rt = await runtime();
  const [indoors, outdoors] = placesOfMay();
  const model = build(rt, "GRU", hidden);
  const loss = new BCEWithLogitsLoss(rt);
  const how = { loss, batchSize: 16, features: FEATURES };
  await fit(model, {
    ...how,
    ...{ data: indoors.motes.flatMap(windows), optimizer: new AdamW(model.parameters(), { lr, weightDecay }), epochs, clipNorm: 1, seed },
  });
  const judged = await evaluate(model, { ...how, data: outdoors.motes.flatMap(windows) });
  return { loss: judged.loss };
}
