/** Learns, and writes, in a thread of its own. */
import { expose } from "comlink";
import { createRuntime } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/sequence";
import { Learner } from "./learner";

async function start(): Promise<Learner> {
  const rt = await createRuntime({ seed: 1 });
  await loadOperators(rt);
  return new Learner(rt);
}

const started = start();
started.catch(() => {}); // whoever asks is told

/** The same, asked before it is ready too. */
const door = {
  learn: async (...given: Parameters<Learner["learn"]>) => (await started).learn(...given),
  stop: async () => (await started).stop(),
  write: async (text: string) => (await started).write(text),
  load: async (...given: Parameters<Learner["load"]>) => (await started).load(...given),
};
export type Door = typeof door;

expose(door);
