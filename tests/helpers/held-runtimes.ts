/** Runtimes that are disposed of, and held all the same; run with --expose-gc. Prints the bytes that the process holds meanwhile. */
import { setTimeout as sleep } from "node:timers/promises";
import { createRuntime, LSTM } from "wasm-rnn";

const held: unknown[] = [];
let [rss, external] = [0, 0];
for (let i = 0; i < 12; i++) {
  const rt = await createRuntime();
  const tensor = rt.zeros([50e6]); // 200 MB, all of it written
  const layer = new LSTM(rt, { inputSize: 3, hiddenSize: 8 });
  const stream = layer.stream({ batch: 3 });
  const { output } = layer.forward(rt.zeros([2, 1, 3]));
  stream.step([1]);
  for (const view of [tensor.data, output.data, stream.input, stream.output]) view[0] = 1; // each keeps a view
  held.push(rt, tensor, layer, stream, output, layer.parameters());
  rt.dispose();
  (globalThis as { gc?: () => void }).gc?.();
  await sleep(20);
  const usage = process.memoryUsage();
  rss = Math.max(rss, usage.rss);
  external = Math.max(external, usage.external);
}
console.log(JSON.stringify({ rss, external, held: held.length }));
