/** The training: two networks side by side. One knows letters between their neighbours and learns the stress, the other letters and phones alone. */
import type { Runtime } from "wasm-rnn";
import { terminalReporter } from "wasm-rnn/terminal";
import type { Checkpoint } from "../shared/saving.js";
import { learnSideBySide, seedsOf } from "../shared/side-by-side.js";
import type { Parts } from "./data.js";
import { triosOf } from "./letters.js";
import { type Settings, Spellers } from "./model.js";
import type { Options } from "./options.js";

/** Units, and numbers of an embedding; both take about as long. */
const [FIRST, SECOND] = [
  { hidden: 96, embedding: 64 },
  { hidden: 104, embedding: 32 },
];
const QUICK = { hidden: 16, embedding: 16 };
const STEPS_BETWEEN_CHECKPOINTS = 500;

export interface Learned {
  readonly model: Spellers;
  readonly seconds: number;
}

/** Both, each of its best epoch, and the seconds it took. */
export async function learn(
  rt: Runtime,
  { learned }: Parts,
  { seed, quick, resume }: Options,
  { checkpoints, signal }: { checkpoints: readonly Checkpoint[]; signal: AbortSignal },
): Promise<Learned> {
  const first: Settings = { ...(quick ? QUICK : FIRST), trios: triosOf(learned), stress: true };
  const second: Settings = { ...(quick ? QUICK : SECOND), trios: [], stress: false };
  const begin = performance.now();
  const seeds = seedsOf(seed);
  const files = await learnSideBySide(
    new URL("./speller.ts", import.meta.url),
    checkpoints.map((checkpoint, i) => ({
      seed: seeds[i] as number,
      checkpoint,
      options: { settings: [first, second][i], quick, seed: seeds[i] },
    })),
    { signal, resume, stepsBetweenCheckpoints: STEPS_BETWEEN_CHECKPOINTS, callbacks: terminalReporter({ unit: "words" }) },
  );
  const model = new Spellers(rt, { first, second });
  for (const [i, member] of Object.values(model.layers).entries()) member.load(files[i] as Uint8Array);
  return { model, seconds: (performance.now() - begin) / 1000 };
}
