/** The command line. */
import { Command, Option } from "commander";
import { seed } from "../shared/program.js";

export interface Options {
  readonly seed: number;
  readonly data?: string;
  readonly save: string;
  readonly use?: string;
  readonly svg: string;
  readonly quick: boolean;
  readonly record: boolean;
  readonly resume: boolean;
}

const QUICK = { save: "models/translate-quick.safetensors", svg: "models/translate-quick.svg" };

export function parseOptions(): Options {
  const learning = ["quick", "record", "resume", "seed", "data"];
  return new Command()
    .name("npm run example translate --")
    .option("--seed <n>", "of everything random", seed, 1)
    .option("--data <dir>", "a folder that the Debian packages were unpacked into (default: they are fetched)")
    .option("--save <file>", "where the model is kept, with its subwords", "models/translate.safetensors")
    .addOption(new Option("--use <text>", "translate a text by the model saved before; - reads it from stdin").conflicts(learning))
    .option("--svg <file>", "with --use: where the attention is drawn", "models/attention.svg")
    .addOption(new Option("--quick", "a run of a few seconds, on a part of the pages").default(false).implies(QUICK))
    .addOption(new Option("--record", "keep the figures beside the example").default(false).conflicts(["quick", "resume"]))
    .option("--resume", "go on where a run was interrupted", false)
    .parse()
    .opts<Options>();
}
