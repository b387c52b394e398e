/** The command line. */
import { Command, Option } from "commander";
import { number, OUTPUT, oneOf } from "../shared/program.js";
import { type ModelName, NAMES } from "./models.js";

export interface Options {
  readonly model: ModelName;
  readonly use?: string;
  readonly live: boolean;
  readonly rate: number;
  readonly data?: string;
  readonly quick: boolean;
}

export function parseOptions(): Options {
  return new Command()
    .name("npm run example vad --")
    .configureOutput(OUTPUT)
    .option("--model <name>", `of ${NAMES.join(", ")}`, oneOf(...NAMES), NAMES[0])
    .option("--use <file>", "find the speech in a WAV file")
    .addOption(
      new Option("--live", "find it in what comes on stdin as it comes: 16-bit little-endian PCM, mono").default(false).conflicts("use"),
    )
    .option("--rate <n>", "samples a second of what comes on stdin", number({ min: 1000, max: 400_000, whole: true }), 16_000)
    .option("--data <dir>", "a folder in which the Debian package of the recordings is unpacked or installed, such as /")
    .option("--quick", "ten seconds of speech in place of ten minutes", false)
    .parse()
    .opts<Options>();
}
