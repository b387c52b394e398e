/** The command line. */
import { Command, Option } from "commander";
import { commandOf, OUTPUT, seed } from "../shared/program.js";

export interface Options {
  readonly seed: number;
  readonly data?: string;
  readonly save: string;
  readonly use?: string;
  readonly picture?: string;
  readonly watched: boolean;
  readonly quick: boolean;
  readonly record: boolean;
}

const SEED = 1;
const FILE = "models/volatility.safetensors";
/** Of quick runs, each of which may replace the last one's. */
export const QUICK_FILE = "models/volatility-quick.safetensors";

export function parseOptions(): Options {
  const learning = ["quick", "record", "seed", "data", "picture", "watched"];
  return new Command()
    .name("npm run example volatility --")
    .configureOutput(OUTPUT)
    .option("--seed <n>", "of everything random", seed, SEED)
    .option("--data <dir>", "the folder with the files of Debian's r-base-core (default: it is fetched)")
    .option("--save <file>", "where the model is kept, and with --use lies", FILE)
    .addOption(new Option("--use <file>", "a CSV file of your own with columns date and close: tomorrow's volatility").conflicts(learning))
    .addOption(new Option("--picture <file>", "draw the last years of the S&P 500 and what was expected of each day, as SVG"))
    .option("--watched", "walk through the days before the tested ones, on which everything was chosen", false)
    .addOption(new Option("--quick", "a run of a few seconds, through watched days").default(false).implies({ save: QUICK_FILE }))
    .addOption(new Option("--record", "keep the figures beside the example").default(false).conflicts(["quick", "watched"]))
    .parse()
    .opts<Options>();
}

/** The command that uses a model that was kept. */
export function commandFor(use: string, { save }: Options): string {
  return commandOf("volatility", { use, save }, { save: FILE });
}
