/** The command line. */
import { Option } from "commander";
import { type ModelOptions, modelCommand, useOption } from "../shared/model-command.js";

export interface Options extends ModelOptions {
  readonly use?: readonly string[];
  readonly data?: string;
  readonly picture?: string;
}

export function parseOptions(): Options {
  return modelCommand("video", "a run of a few seconds, of a few clips that need not be fetched")
    .addOption(
      useOption("--use <files...>", "PNG files: one of square frames in a row, or a frame each; what the saved model says of them", [
        "data",
        "picture",
      ]),
    )
    .addOption(
      new Option("--data <dir>", "a folder into which the Debian package flare-game was unpacked (default: it is fetched)").conflicts(
        "quick",
      ),
    )
    .addOption(new Option("--picture <file>", "draw a clip and what the network said of it, as SVG").conflicts("quick"))
    .parse()
    .opts<Options>();
}
