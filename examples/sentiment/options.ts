/** The command line. */
import { Command, Option } from "commander";
import { commandOf, OUTPUT, seed } from "../shared/program.js";

export interface Options {
  readonly seed: number;
  readonly save: string;
  readonly use?: string;
  readonly quick: boolean;
  readonly record: boolean;
}

const SEED = 1;
const FILE = "models/sentiment.safetensors";
/** Of quick runs, each of which may replace the last one's. */
export const QUICK_FILE = "models/sentiment-quick.safetensors";

export function parseOptions(): Options {
  const learning = ["quick", "record", "seed"];
  return new Command()
    .name("npm run example sentiment --")
    .configureOutput(OUTPUT)
    .option("--seed <n>", "of everything random", seed, SEED)
    .option("--save <file>", "where the model is kept, and with --use lies", FILE)
    .addOption(
      new Option(
        "--use <text>",
        "whether a sentence is glad or cross, by the model saved before; - reads stdin, a sentence a line",
      ).conflicts(learning),
    )
    .addOption(new Option("--quick", "a run of a few seconds, on a part of the sentences").default(false).implies({ save: QUICK_FILE }))
    .addOption(new Option("--record", "keep the figures beside the example").default(false).conflicts("quick"))
    .parse()
    .opts<Options>();
}

/** The command that uses the model that was kept. */
export function commandFor(use: string, { save }: Options): string {
  return commandOf("sentiment", { use, save }, { save: FILE });
}
