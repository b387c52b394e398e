/** The command line. */
import { type ModelOptions, modelCommand, useOption } from "../shared/model-command.js";

export interface Options extends ModelOptions {
  readonly data?: string;
  readonly use?: string;
  readonly picture?: string;
  readonly watched: boolean;
}

export function parseOptions(): Options {
  return modelCommand("volatility", "a run of a few seconds, through watched days", ["watched"])
    .option("--data <dir>", "the folder with the files of Debian's r-base-core (default: it is fetched)")
    .addOption(
      useOption("--use <file>", "a CSV file of your own with columns date and close: tomorrow's volatility", [
        "data",
        "picture",
        "watched",
      ]),
    )
    .option("--picture <file>", "draw the last years of the S&P 500 and what was expected of each day, as SVG")
    .option("--watched", "walk through the days before the tested ones, on which everything was chosen", false)
    .parse()
    .opts<Options>();
}
