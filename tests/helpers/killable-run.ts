/** A training run in a process of its own, which tests kill: its arguments are FILE and BUILD. It prints the digest of the weights at the end. */
import { createHash } from "node:crypto";
import {
  AdamW,
  type BuildName,
  CrossEntropyLoss,
  createRuntime,
  Dense,
  Embedding,
  fit,
  Generator,
  GRU,
  Sequential,
  StepLR,
} from "wasm-rnn";

const [file, build] = process.argv.slice(2) as [string, BuildName];
const rt = await createRuntime({ build, seed: 1 });
const model = new Sequential(rt, [
  new Embedding(rt, { numEmbeddings: 8, embeddingDim: 4 }),
  new GRU(rt, { inputSize: 4, hiddenSize: 6, numLayers: 2, dropout: 0.3 }),
  new Dense(rt, { inputSize: 6, outputSize: 2 }),
]);
const random = new Generator(3);
const data = Array.from({ length: 120 }, () => {
  const x = Int32Array.from({ length: 3 + random.integer(5) }, () => random.integer(8));
  return { x, y: x.map((token) => token % 2) };
});
const optimizer = new AdamW(model.parameters(), { lr: 0.01 });
const { steps, epochs } = await fit(model, {
  ...{ data, validation: data.slice(0, 20), loss: new CrossEntropyLoss(rt), optimizer, metrics: ["accuracy"] },
  ...{ epochs: 12, batchSize: 5, accumulate: 2, bucketByLength: true, clipNorm: 1, earlyStopping: { patience: 50 } },
  ...{ schedule: new StepLR(optimizer, { stepSize: 3, gamma: 0.7 }), checkpoint: { file, every: 2 }, resume: true },
  // Slow enough to be caught on the way.
  callbacks: { onProgress: () => new Promise((resolve) => void setTimeout(resolve, 1)) },
});
const hash = createHash("sha256").update(JSON.stringify(epochs));
for (const parameter of model.parameters()) hash.update(parameter.toArray());
console.log(`${steps} steps ${hash.digest("hex")}`);
