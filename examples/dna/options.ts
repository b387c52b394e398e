/** The command line. */
import { Option } from "commander";
import { type ModelOptions, modelCommand, useOption } from "../shared/model-command.js";

export interface Options extends ModelOptions {
  readonly data?: string;
  readonly use?: string;
  readonly picture?: string;
}

export function parseOptions(): Options {
  return modelCommand("dna", "a run of a few seconds")
    .option("--data <dir>", "where the Debian package r-cran-mlbench is unpacked or installed (default: it is fetched)")
    .addOption(
      useOption("--use <bases>", "60 bases to classify, or more to find junctions in; or a FASTA file; - reads stdin", ["data", "picture"]),
    )
    .addOption(new Option("--picture <file>", "draw which places count, as SVG").conflicts("quick"))
    .parse()
    .opts<Options>();
}
