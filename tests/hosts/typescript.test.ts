/** The lowest TypeScript that the README names, strict, every declaration checked, with nothing but the language: neither Node's types nor the DOM's. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { MODULES, run } from "./project.js";

const IMPORTED = `
import { Adam, createRuntime, createRuntimeSync, Dense, fit, loadBinary, loadWeights, LSTM, MSELoss, predict, Sequential, Standardizer, windows } from "wasm-rnn";
import { createRuntime as inline } from "wasm-rnn/inline";
import { LayerNormLSTM } from "wasm-rnn/cells";
import { loadKeras, loadTFJS } from "wasm-rnn/keras";
import { loadNotebook } from "wasm-rnn/notebook";
import { loadNpz, saveNpz } from "wasm-rnn/numpy";
import { exportOnnx, loadOnnx } from "wasm-rnn/onnx";
import { loadPyTorch } from "wasm-rnn/pytorch";
import { terminalReporter } from "wasm-rnn/terminal";
import { createRuntime as inWorker, fit as fitThere } from "wasm-rnn/worker";

export async function main(): Promise<number> {
  using rt = await createRuntime({ seed: 1 });
  const sync = createRuntimeSync(await loadBinary(), { dtype: "f32" });
  sync.dispose();
  const model = new Sequential(rt, { lstm: new LSTM(rt, { inputSize: 1, hiddenSize: 4 }), head: new Dense(rt, { inputSize: 4, outputSize: 1 }) });
  const data = windows(Float32Array.from({ length: 20 }, (_, t) => t), { length: 3, horizon: 3 });
  const scaler = new Standardizer().fit([1, 2, 3]);
  const callbacks = [terminalReporter({ title: "T" }), { onEpoch: (report: { epoch: number }, training: { stop(): void }) => training.stop() }];
  await fit(model, { data, loss: new MSELoss(rt), optimizer: new Adam(model.parameters()), epochs: 1, callbacks, metrics: ["rmse", "r2"] });
  const [first] = await predict(model, data.map(({ x }) => x));
  const stream = model.stream({ batch: 2 });
  stream.leave(1);
  stream.step([0]);
  return (first?.data[0] ?? 0) + stream.live + model.save({ scaler }).length;
}

export async function there(): Promise<number> {
  await using rt = await inWorker();
  const model = await rt.sequential({ head: ["Dense", { inputSize: 1, outputSize: 1 }] });
  const run = fitThere(model, { data: [{ x: [[1]], y: [1] }], loss: ["MSELoss"], optimizer: ["Adam", { lr: 0.1 }], epochs: 1 });
  for await (const { done } of run) void done;
  return (await run).steps;
}

export async function brought(bytes: Uint8Array, body: AsyncIterable<Uint8Array>): Promise<number> {
  using rt = await createRuntime();
  const layer = new LayerNormLSTM(rt, { inputSize: 1, hiddenSize: 1 });
  layer.loadStateDict(loadPyTorch(bytes), { rename: (name) => name, strict: false });
  await loadWeights(layer, body);
  using model = await loadKeras(rt, bytes);
  using other = await loadTFJS(rt, "{}", (path) => new Uint8Array(path.length));
  using session = await loadOnnx(rt, exportOnnx(model, { axes: ["N", "T", 1] }));
  const { output } = await session.run({ input: rt.tensor([1, 2], [1, 2, 1]) });
  const { array } = loadNpz(saveNpz({ array: rt.zeros([1]) }));
  return (output?.size ?? 0) + other.parameters().length + (array?.data.length ?? 0);
}
export { inline, loadNotebook };
// @ts-expect-error: no such build
void createRuntime({ build: "fast" });
`;

test.each([
  ["consumer.ts", ["--lib", "es2022,esnext.disposable"]],
  ["required.cts", ["--lib", "es2022,esnext.disposable"]],
  ["consumer.ts", ["--lib", "es2022,dom,esnext.disposable"]],
])("%s %j", (name, surroundings) => {
  const source = name.endsWith(".cts") ? IMPORTED.replace(/^.*wasm-rnn\/inline.*$/m, "const inline = 0;") : IMPORTED;
  writeFileSync(join(inject("project"), name), source);
  const strict = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--noEmit", "--skipLibCheck", "false"];
  const target = ["--target", "es2022", "--module", "nodenext", "--typeRoots", "none", ...surroundings];
  const { stdout, status } = run(process.execPath, [join(MODULES, "typescript/bin/tsc"), ...strict, ...target, name]);
  expect([stdout, status]).toEqual(["", 0]);
});
