/** What the browser and Node both do with the package, which each of them imports by itself. */
import type { FloatArray, Parameter } from "../../bindings/index.js";

type Library = typeof import("../../bindings/index.js");
type Int8 = typeof import("../../bindings/int8.js");
type Notebook = typeof import("../../bindings/notebook.js");

/** Trains an LSTM for some steps, then streams through it. */
export async function trainAndStream(lib: Library, build?: "baseline" | "relaxed") {
  const rt = await lib.createRuntime({ build, seed: 7 });
  const [T, N, C] = [12, 5, 6];
  const embedding = new lib.Embedding(rt, { numEmbeddings: C, embeddingDim: 7 });
  const lstm = new lib.LSTM(rt, { inputSize: 7, hiddenSize: 19, numLayers: 2 });
  const head = new lib.Dense(rt, { inputSize: 19, outputSize: C });
  const parameters = [...embedding.parameters(), ...lstm.parameters(), ...head.parameters()];
  const adam = new lib.Adam(parameters, { lr: 0.02 });
  const criterion = new lib.CrossEntropyLoss(rt);
  const tokens = rt.tensor(
    Int32Array.from({ length: T * N }, (_, i) => (i * i + 3) % C),
    [T, N],
  );
  const initial = hash(parameters.map((parameter) => parameter.toArray()));
  const losses: number[] = [];
  let gradients = 0;
  for (let step = 0; step < 30; step++) {
    const { output } = lstm.forward(embedding.forward(tokens));
    const { loss, dLogits } = criterion.forward(head.forward(output), tokens);
    adam.zeroGrad();
    embedding.backward(lstm.backward(head.backward(dLogits)).dX);
    gradients = hash(parameters.map((parameter) => parameter.grad));
    adam.step();
    losses.push(loss);
  }
  const cell = lstm.stream();
  const outputs: FloatArray[] = [];
  for (let t = 0; t < 20; t++) {
    cell.input.fill(Math.fround(t / 20 - 0.5));
    cell.step();
    outputs.push(cell.output.slice());
  }
  const result = { build: rt.build, initial, gradients, outputs: hash(outputs), weights: hash(parameters.map((p) => p.toArray())), losses };
  rt.dispose();
  return result;
}

/** Products of int8 without a bias, whose every bit the whole sums decide: a hash for each build. */
export async function sums(lib: Library, { loadInt8 }: Int8, builds: readonly ("baseline" | "relaxed")[]) {
  const hashes: Record<string, number> = {};
  for (const build of builds) {
    const rt = await lib.createRuntime({ build, seed: 5 });
    await loadInt8(rt);
    const dense = new lib.Dense(rt, { inputSize: 333, outputSize: 77, bias: false, weights: "int8" });
    const x = Float32Array.from({ length: 9 * 333 }, (_, i) => ((i * 7919) % 1009) / 1009 - 0.5);
    hashes[build] = hash([dense.forward(rt.tensor(x, [9, 333])).toArray() as FloatArray]);
    rt.dispose();
  }
  return hashes;
}

/** `fit` with all that is random: initial weights, order, dropout; the checkpoint's bytes tell of everything. */
export async function fitted(lib: Library) {
  const rt = await lib.createRuntime({ build: "baseline", seed: 3 });
  const gru = new lib.GRU(rt, { inputSize: 4, hiddenSize: 6, numLayers: 2, bidirectional: true, dropout: 0.2 });
  lib.init.orthogonal(gru.parameters()[1] as Parameter, { blocks: 3 });
  const model = new lib.Sequential(rt, {
    embedding: new lib.Embedding(rt, { numEmbeddings: 9, embeddingDim: 4, paddingIdx: 0 }),
    gru,
    drop: new lib.Dropout(rt, { p: 0.3 }),
    norm: new lib.LayerNorm(rt, { normalizedShape: 12 }),
    pool: new lib.MaxPool(rt),
    head: new lib.Dense(rt, { inputSize: 12, outputSize: 2 }),
  });
  const random = new lib.Generator(4);
  const draw = () => Int32Array.from({ length: 2 + random.integer(6) }, () => 1 + random.integer(8));
  const data = Array.from({ length: 80 }, draw).map((x) => ({ x, y: x.includes(5) ? 1 : 0 }));
  const loss = new lib.CrossEntropyLoss(rt);
  const optimizer = new lib.AdamW(model.parameters(), { lr: 0.01 });
  const checkpoints: Uint8Array[] = [];
  const save = (bytes: Uint8Array) => checkpoints.push(bytes);
  await lib.fit(model, { data, loss, optimizer, epochs: 3, batchSize: 8, bucketByLength: true, clipNorm: 1, checkpoint: { save } });
  rt.dispose();
  return { count: checkpoints.length, bits: hash(checkpoints), bytes: checkpoints[0]?.length };
}

export async function notebook(lib: Notebook) {
  const nb = await lib.loadNotebook({ build: "baseline" });
  const filled = (...shape: number[]) =>
    nb.array(
      shape,
      Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => (i % 7) / 7 - 0.4),
    );
  const parameters = { Wax: filled(5, 3), Waa: filled(5, 5), Wya: filled(2, 5), ba: filled(5, 1), by: filled(2, 1) };
  const { a, yPred, caches } = nb.rnnForward(filled(3, 4, 6), filled(5, 4), parameters);
  const { dWaa } = nb.rnnBackward(a, caches);
  return { shape: [...yPred.shape], bits: hash([a.data, yPred.data, dWaa.data]) };
}

/** FNV-1a over the bytes. */
function hash(arrays: readonly ArrayBufferView[]): number {
  let h = 0x811c9dc5;
  for (const array of arrays) {
    for (const byte of new Uint8Array(array.buffer, array.byteOffset, array.byteLength)) h = Math.imul(h ^ byte, 0x01000193);
  }
  return h >>> 0;
}
