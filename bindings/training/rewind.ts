/** Back to the last whole step: what batches of a step that will not be taken have moved. */
import { keepBuffers } from "../named-buffers.js";
import type { RunState } from "./run.js";

/** @internal Notes where a run stands between two steps. @returns goes back there; parameters have not moved, and gradients are no one's */
export function rewinderOf(run: RunState): () => void {
  const { model, generators } = run.settings;
  const { batch, seen } = run.at;
  const uncount = run.scores.mark();
  const states = generators.map((generator) => generator.state);
  const restoreBuffers = keepBuffers(model);
  return () => {
    Object.assign(run.at, { batch, seen });
    uncount();
    run.pending = { batches: 0, weight: 0, samples: [] };
    for (const [i, generator] of generators.entries()) generator.state = states[i] as number[];
    restoreBuffers();
  };
}
