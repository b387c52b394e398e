/** A detector learned from some places, and what it says of another, reading by reading. */
import { AdamW, BCEWithLogitsLoss, type Callbacks, fit, Generator, OneCycleLR, type Runtime, type Sample, type Sequential } from "wasm-rnn";
import { shuffled } from "../shared/numbers.js";
import type { Place, Reading } from "./data.js";
import { drifted } from "./drift.js";
import { FEATURES, featuresOf } from "./features.js";
import { build, type Kind } from "./model.js";

/** Readings that are learned at a stretch, 20 minutes, and where the next stretch begins. */
export const WINDOW = 240;
const STRIDE = 60;
const BATCH = 16;

export interface Settings {
  readonly epochs: number;
  readonly seed: number;
}

/** In each pass the places have had other weather. */
export async function learn(
  rt: Runtime,
  kind: Kind,
  places: readonly Place[],
  { epochs, seed }: Settings,
  callbacks: Callbacks = {},
): Promise<Sequential> {
  const model = build(rt, kind);
  const motes = places.flatMap(({ motes }) => motes);
  const optimizer = new AdamW(model.parameters(), { lr: 0.02, weightDecay: 0.01 });
  const totalSteps = epochs * Math.ceil(motes.flatMap(windows).length / BATCH);
  const random = new Generator(seed);
  await fit(model, {
    data: () =>
      shuffled(
        motes.flatMap((mote) => windows(drifted(mote, random))),
        random,
      ),
    ...{ loss: new BCEWithLogitsLoss(rt), features: FEATURES, epochs, batchSize: BATCH, clipNorm: 1, seed },
    ...{ optimizer, schedule: new OneCycleLR(optimizer, { maxLr: 0.02, totalSteps, pctStart: 0.2 }), scheduleEvery: "step" },
    callbacks,
  });
  return model;
}

/** Overlapping windows of one mote, a label for every reading. */
export function windows(mote: readonly Reading[]): Sample[] {
  const features = featuresOf(mote);
  return Array.from({ length: Math.max(0, Math.floor((mote.length - WINDOW) / STRIDE) + 1) }, (_, i) => {
    const [from, to] = [i * STRIDE, i * STRIDE + WINDOW];
    return { x: features.slice(from, to).flat(), y: mote.slice(from, to).map(({ label }) => label) };
  });
}

/** Of each mote a logit for each reading, through a stream: none is of what comes later. */
export function listen(model: Sequential, { motes }: Pick<Place, "motes">): Float32Array[] {
  const stream = model.stream();
  const logits = motes.map((mote) => {
    stream.reset();
    return Float32Array.from(featuresOf(mote), (features) => {
      stream.input.set(features);
      stream.step();
      return stream.output[0] as number;
    });
  });
  stream.dispose();
  return logits;
}
