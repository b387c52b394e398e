/** The command line. */
import { Command, Option } from "commander";
import { count, OUTPUT, seed, UserError } from "../shared/program.js";
import { printable } from "../shared/text.js";

export interface Options {
  readonly data?: string;
  readonly use?: string;
  readonly save: string;
  readonly epochs: number;
  readonly seed: number;
  readonly picture?: string;
  readonly quick: boolean;
  readonly record: boolean;
}

/** Of quick runs, each of which may replace the last one's. */
export const QUICK_FILE = "models/weather-quick.safetensors";

/** @throws {UserError} when options contradict one another */
export function parseOptions(): Options {
  const command = new Command()
    .name("npm run example weather --")
    .configureOutput(OUTPUT)
    .option(
      "--data <file>",
      "a CSV file of your own, day after day: date, temp_max, temp_min, precipitation, wind (default: Seattle 2012–2015)",
    )
    .option("--use <file>", "the model saved before: what it says of the day after the last one in --data")
    .option("--save <file>", "where the model is kept, with its scaler", "models/weather.safetensors")
    .option("--epochs <n>", "passes over the days, at most", count, 60)
    .option("--seed <n>", "of everything random", seed, 1)
    .option("--picture <file>", "draw the last year and what was said of it, as SVG")
    .addOption(new Option("--quick", "3 passes").default(false).implies({ epochs: 3, save: QUICK_FILE }))
    .addOption(new Option("--record", "keep the figures beside the example").default(false).conflicts(["quick", "epochs", "data"]))
    .parse();
  const options = command.opts<Options>();
  const idle = ["save", "epochs", "seed", "picture", "quick", "record"].find((name) => command.getOptionValueSource(name) === "cli");
  if (options.use !== undefined && idle) throw new UserError(`--${idle}: a model is used, none is learned`);
  return options;
}

/** What days they are. */
export function nameOf({ data }: Options): string {
  return data === undefined ? "Seattle 2012–2015" : printable(data);
}
