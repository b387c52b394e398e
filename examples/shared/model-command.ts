/** The command line of an example that keeps a model in a file and has no more to it: what all of these take. */
import { Command, Option } from "commander";
import { commandOf, OUTPUT, seed } from "./program.js";

export interface ModelOptions {
  readonly seed: number;
  readonly save: string;
  readonly quick: boolean;
  readonly record: boolean;
}

const SEED = 1;
const fileOf = (example: string) => `models/${example}.safetensors`;

/** Of quick runs, each of which may replace the last one's. */
export const quickFileOf = (example: string): string => `models/${example}-quick.safetensors`;

/**
 * @param quick what a quick run is
 * @param unrecorded options of a run of which nothing is recorded, beside --quick
 */
export function modelCommand(example: string, quick: string, unrecorded: readonly string[] = []): Command {
  return new Command()
    .name(`npm run example ${example} --`)
    .configureOutput(OUTPUT)
    .option("--seed <n>", "of everything random", seed, SEED)
    .option("--save <file>", "where the model is kept, and with --use lies", fileOf(example))
    .addOption(new Option("--quick", quick).default(false).implies({ save: quickFileOf(example) }))
    .addOption(new Option("--record", "keep the figures beside the example").default(false).conflicts(["quick", ...unrecorded]));
}

/** With a model that is kept: nothing is learned. @param learning further options of a run that learns */
export function useOption(flags: string, description: string, learning: readonly string[] = []): Option {
  return new Option(flags, description).conflicts(["quick", "record", "seed", ...learning]);
}

/** The command that uses a model that was kept. */
export function useOf(example: string, use: string, { save }: Pick<ModelOptions, "save">): string {
  return commandOf(example, { use, save }, { save: fileOf(example) });
}
