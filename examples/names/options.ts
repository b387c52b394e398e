/** The command line. */
import { Command, Option } from "commander";
import { seed } from "../shared/program.js";

export interface Options {
  readonly seed: number;
  readonly save: string;
  readonly use?: string;
  readonly quick: boolean;
  readonly record: boolean;
  readonly resume: boolean;
}

const QUICK = "models/names-quick.safetensors";

export function parseOptions(): Options {
  const learning = ["quick", "record", "resume", "seed"];
  return new Command()
    .name("npm run example names --")
    .option("--seed <n>", "of everything random", seed, 1)
    .option("--save <file>", "where the model is kept, with its words", "models/names.safetensors")
    .addOption(
      new Option("--use <text>", "mark the names in a text with the model saved before; - reads it from stdin").conflicts(learning),
    )
    .addOption(new Option("--quick", "a run of a few seconds, on a part of the sentences").default(false).implies({ save: QUICK }))
    .addOption(new Option("--record", "keep the figures beside the example").default(false).conflicts(["quick", "resume"]))
    .option("--resume", "go on where a run was interrupted", false)
    .parse()
    .opts<Options>();
}
