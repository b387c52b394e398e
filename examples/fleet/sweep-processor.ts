/** In a process of its own: one trial after another. */
import type { SandboxedJob } from "bullmq";
import { keptResults } from "./processor.js";
import { keyOfTrial, runTrial, type Trial } from "./trial.js";

const results = keptResults();

export default async function process({ data }: SandboxedJob<Trial>): Promise<void> {
  await results.once(keyOfTrial(data), async () => JSON.stringify(await runTrial(data)));
}
