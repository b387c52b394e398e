/** The command line. */
import { Command, Option } from "commander";
import { commandOf, OUTPUT, seed } from "../shared/program.js";

export interface Options {
  readonly seed: number;
  readonly save: string;
  readonly use?: string;
  readonly quick: boolean;
  readonly record: boolean;
  readonly resume: boolean;
}

const SEED = 1;
const FILE = "models/names.safetensors";
/** Of quick runs, each of which may replace the last one's. */
export const QUICK_FILE = "models/names-quick.safetensors";

export function parseOptions(): Options {
  const learning = ["quick", "record", "resume", "seed"];
  return new Command()
    .name("npm run example names --")
    .configureOutput(OUTPUT)
    .option("--seed <n>", "of everything random", seed, SEED)
    .option("--save <file>", "where the model is kept, with its words", FILE)
    .addOption(
      new Option("--use <text>", "mark the names in a text with the model saved before; - reads it from stdin").conflicts(learning),
    )
    .addOption(new Option("--quick", "a run of a few seconds, on a part of the sentences").default(false).implies({ save: QUICK_FILE }))
    .addOption(new Option("--record", "keep the figures beside the example").default(false).conflicts(["quick", "resume"]))
    .option("--resume", "go on where a run was interrupted", false)
    .parse()
    .opts<Options>();
}

/** The command that does with the same model, or the same run, what `what` says. */
export function commandFor(what: { resume?: true; use?: string }, { seed, quick, save }: Options): string {
  if (what.use !== undefined) return commandOf("names", { ...what, save }, { save: FILE });
  return commandOf("names", { ...what, quick, seed, save }, { seed: SEED, save: quick ? QUICK_FILE : FILE });
}

/** What a run's numbers depend on. */
export function runOf({ seed, quick }: Options): string {
  return commandOf("names", { quick, seed }, { seed: SEED });
}
