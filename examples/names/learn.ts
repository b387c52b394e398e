/** The training: two networks side by side, that begin otherwise and see the sentences in another order. */
import type { Runtime } from "wasm-rnn";
import { terminalReporter } from "wasm-rnn/terminal";
import type { Checkpoint } from "../shared/saving.js";
import { learnSideBySide, seedsOf } from "../shared/side-by-side.js";
import { Taggers } from "./model.js";
import type { Options } from "./options.js";
import type { Known } from "./vocabulary.js";

const STEPS_BETWEEN_CHECKPOINTS = 500;

interface Learning {
  readonly known: Known;
  readonly checkpoints: readonly Checkpoint[];
  readonly signal: AbortSignal;
}

/** Both, each of its best epoch. */
export async function learn(rt: Runtime, { seed, quick, resume }: Options, { known, checkpoints, signal }: Learning): Promise<Taggers> {
  const seeds = seedsOf(seed);
  const files = await learnSideBySide(
    new URL("./tagger.ts", import.meta.url),
    checkpoints.map((checkpoint, i) => ({ seed: seeds[i] as number, checkpoint, options: { quick, seed: seeds[i] } })),
    { signal, resume, stepsBetweenCheckpoints: STEPS_BETWEEN_CHECKPOINTS, callbacks: terminalReporter({ unit: "sentences" }) },
  );
  const model = new Taggers(rt, known);
  model.take(files);
  return model;
}
