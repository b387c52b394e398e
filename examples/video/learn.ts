/** A network learned from some clips, and what it says of others. */
import { AdamW, type Callbacks, CrossEntropyLoss, fit, Generator, OneCycleLR, predict, type Runtime, type Sample } from "wasm-rnn";
import { shuffled, softmax } from "../shared/numbers.js";
import { ACTIONS, type Clip } from "./clips.js";
import { type Settings, Watcher } from "./model.js";
import { FEATURES, plain, STEPS, varied, view } from "./views.js";

/** What a network is given: all frames, or, to know what time is good for, all in no order, or one alone. */
export type Kind = "in order" | "shuffled" | "one frame";

export interface Training {
  readonly epochs: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
  readonly callbacks?: Callbacks;
}

const SETTINGS: Settings = { actions: [...ACTIONS], filters: [8, 16, 32], features: 64, hidden: 48, dropout: 0.3 };
const BATCH = 32;
const LR = 0.005;

/** In each pass every clip looks a little different. */
export async function learn(
  rt: Runtime,
  kind: Kind,
  clips: readonly Clip[],
  { epochs, seed, signal, callbacks }: Training,
): Promise<Watcher> {
  const model = new Watcher(rt, SETTINGS);
  const random = new Generator(seed);
  const optimizer = new AdamW(model.parameters(), { lr: LR, weightDecay: 0.05 });
  const totalSteps = epochs * Math.ceil(clips.length / BATCH);
  await fit(model, {
    data: () => samples(kind, clips, random),
    ...{ loss: new CrossEntropyLoss(rt), features: FEATURES, epochs, batchSize: BATCH, clipNorm: 1, seed },
    ...{ optimizer, schedule: new OneCycleLR(optimizer, { maxLr: LR, totalSteps, pctStart: 0.2 }), scheduleEvery: "step" },
    ...{ ...(signal && { signal }), ...(callbacks && { callbacks }) },
  });
  return model;
}

/** One by one, so that no more are in memory than a batch. */
function* samples(kind: Kind, clips: readonly Clip[], random: Generator): Iterable<Sample> {
  for (const clip of shuffled(clips, random))
    yield { x: seen(kind, view(clip, varied(clip, random)), random), y: ACTIONS.indexOf(clip.action) };
}

/** What of the steps a network of this kind gets. */
function seen(kind: Kind, x: Float32Array, random: Generator): Float32Array {
  const step = (t: number) => x.subarray(t * FEATURES, (t + 1) * FEATURES);
  if (kind === "in order") return x;
  if (kind === "one frame") return step(STEPS / 2);
  const mixed = new Float32Array(x.length);
  for (const [t, from] of shuffled(Array.from({ length: STEPS }, (_, t) => t), random).entries()) mixed.set(step(from), t * FEATURES); // biome-ignore format: one thought
  return mixed;
}

/** Probabilities of the actions: the mean of what the network says of each clip and of its mirror image. */
export async function watch(model: Watcher, kind: Kind, clips: readonly Pick<Clip, "frames">[], seed: number): Promise<number[][]> {
  const random = new Generator(seed);
  const said: number[][][] = [];
  for (const isMirrored of [false, true]) {
    const inputs = function* () {
      for (const clip of clips) yield { x: seen(kind, view(clip, { ...plain(clip), isMirrored }), random) };
    };
    const logits = await predict(model, inputs, { features: FEATURES });
    said.push(logits.map(({ data }) => softmax(data)));
  }
  const [once, mirrored] = said as [number[][], number[][]];
  return once.map((own, c) => own.map((p, a) => (p + (mirrored[c]?.[a] as number)) / 2));
}

/** Of the first frame alone, of the first two, and so on: the probabilities of the actions. */
export async function follow(model: Watcher, clip: Pick<Clip, "frames">): Promise<number[][]> {
  const all = view(clip, plain(clip));
  const said: number[][] = [];
  for (let t = 1; t <= STEPS; t++) {
    const [logits] = await predict(model, [{ x: all.subarray(0, t * FEATURES) }], { features: FEATURES });
    said.push(softmax((logits as { data: ArrayLike<number> }).data));
  }
  return said;
}

export function likeliest(probabilities: readonly number[]): number {
  return probabilities.indexOf(Math.max(...probabilities));
}
