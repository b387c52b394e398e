/** A run with everything that a checkpoint keeps, and all that resuming may change of it. */

import { createHash } from "node:crypto";
import { expect } from "vitest";
import {
  Adam,
  CrossEntropyLoss,
  Dense,
  Embedding,
  type FitOptions,
  type FloatType,
  fit,
  Generator,
  type HasRate,
  LSTM,
  loadSafetensors,
  type NamedArray,
  type Runtime,
  type Sample,
  Sequential,
  StepLR,
  saveSafetensors,
} from "../../bindings/index.js";

type Scheduler = NonNullable<FitOptions["schedule"]>;

export interface Parts {
  readonly model: Sequential;
  readonly loss: CrossEntropyLoss;
  readonly optimizer: Adam;
  readonly schedule: Scheduler | undefined;
  dispose(): void;
}

export interface Making {
  dtype?: FloatType;
  seed?: number;
  /** Default: a StepLR. */
  schedule?: ((optimizer: HasRate) => Scheduler) | "none";
}

export function partsOf(rt: Runtime, { dtype = "f32", seed = 9, schedule }: Making = {}): Parts {
  const generator = new Generator(seed);
  const model = new Sequential(rt, {
    embedding: new Embedding(rt, { numEmbeddings: 6, embeddingDim: 3, generator, dtype }),
    lstm: new LSTM(rt, { inputSize: 3, hiddenSize: 4, numLayers: 2, dropout: 0.2, generator, dtype }),
    head: new Dense(rt, { inputSize: 4, outputSize: 3, generator, dtype }),
  });
  const optimizer = new Adam(model.parameters(), { lr: 0.02 });
  const made = schedule === "none" ? undefined : schedule ? schedule(optimizer) : new StepLR(optimizer, { stepSize: 2, gamma: 0.5 });
  const loss = new CrossEntropyLoss(rt, { dtype });
  const dispose = () => {
    for (const part of [model, loss, optimizer]) part.dispose();
  };
  return { model, loss, optimizer, schedule: made, dispose };
}

/** Sequences of tokens, 2 to 6 long, and for each step its token modulo 3. */
export function sequences(count: number, seed = 5): Sample[] {
  const random = new Generator(seed);
  return Array.from({ length: count }, () => {
    const x = Int32Array.from({ length: 2 + random.integer(5) }, () => random.integer(6));
    return { x, y: x.map((token) => token % 3) };
  });
}

/** What every run takes: 8 batches an epoch. */
export function runOf({ loss, optimizer, schedule }: Parts): FitOptions {
  return {
    ...{ data: sequences(30), validation: sequences(6, 6), loss, optimizer, epochs: 4, batchSize: 4, metrics: ["accuracy", "f1"] },
    ...{ earlyStopping: { patience: 3 }, ...(schedule && { schedule }) },
  };
}

/** The checkpoint after a step: 19 is in the middle of the third epoch. */
export async function checkpointOf(rt: Runtime, making: Making = {}, step = 19): Promise<Uint8Array> {
  const parts = partsOf(rt, making);
  let bytes: Uint8Array | undefined;
  let saved = 0;
  const save = (now: Uint8Array) => {
    if (++saved === step) bytes = now.slice();
  };
  await fit(parts.model, { ...runOf(parts), checkpoint: { save, every: 1 } });
  parts.dispose();
  if (!bytes) throw new Error(`no step ${step}`);
  return bytes;
}

/** Everything that resuming sets, to compare. */
export function stateOf({ model, optimizer, schedule }: Parts): unknown {
  const state = optimizer.state();
  return {
    weights: model.namedParameters().map(([name, parameter]) => [name, [...parameter.toArray()], [...parameter.grad]]),
    modes: model.namedLayers().map(([, layer]) => [layer.training, layer.requiresGrad]),
    generators: model.namedLayers().map(([, layer]) => layer.generator.state),
    moments: Object.entries(state.tensors).map(([name, data]) => [name, [...data]]),
    rates: [state.step, optimizer.lr, optimizer.initialLr],
    schedule: schedule?.state(),
  };
}

/** What a checkpoint holds, its details as text. */
export function contentOf(bytes: Uint8Array): { tensors: Record<string, NamedArray>; details: string; metadata: Record<string, string> } {
  const { tensors, metadata } = loadSafetensors(bytes);
  return { tensors, details: metadata.details as string, metadata };
}

/** A checkpoint of such content, with the right sum. */
export function packed(tensors: Readonly<Record<string, NamedArray>>, details: string, more: Record<string, string> = {}): Uint8Array {
  const none = "0".repeat(64);
  const bytes = saveSafetensors(tensors, { ...more, format: "wasm-rnn checkpoint 2", details, sha256: none });
  const sum = createHash("sha256").update(bytes).digest("hex");
  const at = Buffer.from(bytes.buffer, bytes.byteOffset).lastIndexOf(`"sha256":"${none}"`) + '"sha256":"'.length;
  bytes.set(new TextEncoder().encode(sum), at);
  return bytes;
}

/** With parts that end with the work. */
export async function withParts<R>(rt: Runtime, work: (parts: Parts) => Promise<R>, seed = 9): Promise<R> {
  const parts = partsOf(rt, { seed });
  try {
    return await work(parts);
  } finally {
    parts.dispose();
  }
}

/** No layer trains, no gradient is left. */
export function expectLeft({ model }: Parts): void {
  expect(model.namedLayers().filter(([, layer]) => layer.training)).toEqual([]);
  expect(model.parameters().filter(({ grad }) => grad.some((g) => g !== 0))).toEqual([]);
}
