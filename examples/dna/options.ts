/** The command line. */
import { Command, Option } from "commander";
import { commandOf, OUTPUT, seed } from "../shared/program.js";

export interface Options {
  readonly seed: number;
  readonly data?: string;
  readonly save: string;
  readonly use?: string;
  readonly picture?: string;
  readonly quick: boolean;
  readonly record: boolean;
}

const SEED = 1;
const FILE = "models/dna.safetensors";
/** Of quick runs, each of which may replace the last one's. */
export const QUICK_FILE = "models/dna-quick.safetensors";

export function parseOptions(): Options {
  const learning = ["quick", "record", "seed", "data", "picture"];
  return new Command()
    .name("npm run example dna --")
    .configureOutput(OUTPUT)
    .option("--seed <n>", "of everything random", seed, SEED)
    .option("--data <dir>", "where the Debian package r-cran-mlbench is unpacked or installed (default: it is fetched)")
    .option("--save <file>", "where the model is kept, and with --use lies", FILE)
    .addOption(
      new Option("--use <bases>", "60 bases to classify, or more to find junctions in; or a FASTA file; - reads stdin").conflicts(learning),
    )
    .addOption(new Option("--picture <file>", "draw which places count, as SVG").conflicts("quick"))
    .addOption(new Option("--quick", "a run of a few seconds").default(false).implies({ save: QUICK_FILE }))
    .addOption(new Option("--record", "keep the figures beside the example").default(false).conflicts("quick"))
    .parse()
    .opts<Options>();
}

/** The command that uses a model that was kept. */
export function commandFor(use: string, { save }: Options): string {
  return commandOf("dna", { use, save }, { save: FILE });
}
