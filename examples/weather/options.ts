/** The command line. */
import { Command, Option } from "commander";
import { count, seed, UserError } from "../shared/program.js";

export interface Options {
  readonly data?: string;
  readonly use?: string;
  readonly save: string;
  readonly epochs: number;
  readonly seed: number;
}

/** @throws {UserError} when options contradict one another */
export function parseOptions(): Options {
  const command = new Command()
    .name("npm run example weather --")
    .option(
      "--data <file>",
      "a CSV file of your own, day after day: date, temp_max, temp_min, precipitation, wind (default: Seattle 2012–2015)",
    )
    .option("--use <file>", "the model saved before: what it says of the day after the last one in --data")
    .option("--save <file>", "where the model is kept, with its scaler", "models/weather.safetensors")
    .option("--epochs <n>", "passes over the days, at most", count, 60)
    .option("--seed <n>", "of everything random", seed, 1)
    .addOption(new Option("--quick", "3 passes").implies({ epochs: 3 }))
    .parse();
  if (command.opts().use !== undefined && command.getOptionValueSource("save") === "cli")
    throw new UserError("--save: a model is used, none is learned");
  return command.opts();
}
