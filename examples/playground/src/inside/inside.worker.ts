/** Keeps the networks, trains them, and says what goes on in them. */
import { expose } from "comlink";
import { createRuntime } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/cells";
import { Laboratory } from "./laboratory.js";

async function start(): Promise<Laboratory> {
  const rt = await createRuntime({ seed: 1 });
  await loadOperators(rt);
  return new Laboratory(rt);
}

const started = start();
started.catch(() => {}); // whoever asks is told

/** The same, asked before it is ready too. */
const door = {
  trace: async (...given: Parameters<Laboratory["trace"]>) => (await started).trace(...given),
  train: async (...given: Parameters<Laboratory["train"]>) => (await started).train(...given),
  stop: async () => (await started).stop(),
  load: async (...given: Parameters<Laboratory["load"]>) => (await started).load(...given),
};
export type Door = typeof door;

expose(door);
