/** The command line. */
import { Command, Option } from "commander";
import { commandOf, OUTPUT, seed } from "../shared/program.js";

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

const SEED = 1;
const FILE = "models/translate.safetensors";
/** Of quick runs, each of which may replace the last one's. */
export const QUICK_FILE = "models/translate-quick.safetensors";
const QUICK_SVG = "models/translate-quick.svg";

export function parseOptions(): Options {
  const learning = ["quick", "record", "resume", "seed", "data"];
  return new Command()
    .name("npm run example translate --")
    .configureOutput(OUTPUT)
    .option("--seed <n>", "of everything random", seed, SEED)
    .option("--data <dir>", "a folder that the Debian packages were unpacked into (default: they are fetched)")
    .option("--save <file>", "where the model is kept, with its subwords", FILE)
    .addOption(new Option("--use <text>", "translate a text by the model saved before; - reads it from stdin").conflicts(learning))
    .option("--svg <file>", "with --use: where the attention is drawn", "models/attention.svg")
    .addOption(
      new Option("--quick", "a run of a few seconds, on a part of the pages").default(false).implies({ save: QUICK_FILE, svg: QUICK_SVG }),
    )
    .addOption(new Option("--record", "keep the figures beside the example").default(false).conflicts(["quick", "resume"]))
    .option("--resume", "go on where a run was interrupted", false)
    .parse()
    .opts<Options>();
}

/** The command that does with the same model, or the same run, what `what` says. */
export function commandFor(what: { resume?: true; use?: string }, { seed, quick, save, data }: Options): string {
  if (what.use !== undefined) return commandOf("translate", { ...what, save }, { save: FILE });
  return commandOf("translate", { ...what, quick, seed, data, save }, { seed: SEED, save: quick ? QUICK_FILE : FILE });
}

/** What a run's numbers depend on. */
export function runOf({ seed, quick }: Options): string {
  return commandOf("translate", { quick, seed }, { seed: SEED });
}
