/** Writes a checkpoint and is killed in the middle of it, before the renaming: its argument is FILE. */
import fs from "node:fs";
import { Adam, CrossEntropyLoss, createRuntime, Dense, fit, Sequential } from "wasm-rnn";

const [file] = process.argv.slice(2) as [string];
const rt = await createRuntime({ build: "baseline", seed: 1 });
const model = new Sequential(rt, [new Dense(rt, { inputSize: 1, outputSize: 2 })]);
Object.assign(fs, { fsyncSync: () => process.kill(process.pid, "SIGKILL") }); // the bytes are written, the name is not yet the file's
await fit(model, {
  ...{ data: [{ x: [1], y: 1 }], loss: new CrossEntropyLoss(rt), optimizer: new Adam(model.parameters()) },
  ...{ checkpoint: { file }, epochs: 2 },
});
