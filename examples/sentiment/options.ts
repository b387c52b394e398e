/** The command line. */
import { type ModelOptions, modelCommand, useOption } from "../shared/model-command.js";

export interface Options extends ModelOptions {
  readonly use?: string;
}

export function parseOptions(): Options {
  return modelCommand("sentiment", "a run of a few seconds, on a part of the sentences")
    .addOption(
      useOption("--use <text>", "whether a sentence is glad or cross, by the model saved before; - reads stdin, a sentence a line"),
    )
    .parse()
    .opts<Options>();
}
