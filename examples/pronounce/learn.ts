/** The training: two networks side by side, that begin otherwise and see the words in another order. */
import type { Runtime } from "wasm-rnn";
import { terminalReporter } from "wasm-rnn/terminal";
import type { Checkpoint } from "../shared/saving.js";
import { learnSideBySide, seedsOf } from "../shared/side-by-side.js";
import { Spellers } from "./model.js";
import type { Options } from "./options.js";

const HIDDEN = 104;
const STEPS_BETWEEN_CHECKPOINTS = 500;

export interface Learned {
  readonly model: Spellers;
  readonly seconds: number;
}

/** Both, each of its best epoch, and the seconds it took. */
export async function learn(
  rt: Runtime,
  { seed, quick, resume }: Options,
  { checkpoints, signal }: { checkpoints: readonly Checkpoint[]; signal: AbortSignal },
): Promise<Learned> {
  const hidden = quick ? 16 : HIDDEN;
  const begin = performance.now();
  const seeds = seedsOf(seed);
  const files = await learnSideBySide(
    new URL("./speller.ts", import.meta.url),
    checkpoints.map((checkpoint, i) => ({ seed: seeds[i] as number, checkpoint, options: { hidden, quick, seed: seeds[i] } })),
    { signal, resume, stepsBetweenCheckpoints: STEPS_BETWEEN_CHECKPOINTS, callbacks: terminalReporter({ unit: "words" }) },
  );
  const model = new Spellers(rt, { hidden });
  for (const [i, member] of Object.values(model.layers).entries()) member.load(files[i] as Uint8Array);
  return { model, seconds: (performance.now() - begin) / 1000 };
}
