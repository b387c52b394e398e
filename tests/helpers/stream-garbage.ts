/** Bytes on the JavaScript heap that a step of some rows leaves; run with --expose-gc and a young generation that nothing here fills. */
import { createRuntime, Dense, LSTM, Sequential } from "wasm-rnn";

const rt = await createRuntime();
const model = new Sequential(rt, {
  lstm: new LSTM(rt, { inputSize: 4, hiddenSize: 8 }),
  head: new Dense(rt, { inputSize: 8, outputSize: 2 }),
});
const stream = model.stream({ batch: 100 });
const rows = Int32Array.from({ length: 60 }, (_, i) => 99 - i);
const one = [7];
const step = () => {
  stream.input[28] = stream.output[14] as number;
  stream.step(rows);
  stream.step(one);
};
for (let i = 0; i < 20_000; i++) step(); // until V8 has optimised
// V8 takes some for itself now and then, for code: the least of several rounds is the steps' own.
const rounds = Array.from({ length: 5 }, () => {
  (globalThis as { gc?: () => void }).gc?.();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 10_000; i++) step();
  return (process.memoryUsage().heapUsed - before) / 20_000;
});
console.log(JSON.stringify({ bytesPerStep: Math.min(...rounds) }));
