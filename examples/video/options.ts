/** The command line. */
import { Command, Option } from "commander";
import { commandOf, OUTPUT, seed } from "../shared/program.js";

export interface Options {
  readonly use?: readonly string[];
  readonly save: string;
  readonly data?: string;
  readonly seed: number;
  readonly picture?: string;
  readonly quick: boolean;
  readonly record: boolean;
}

const SEED = 1;
const FILE = "models/video.safetensors";
/** Of quick runs, each of which may replace the last one's. */
export const QUICK_FILE = "models/video-quick.safetensors";

export function parseOptions(argv?: string[]): Options {
  const learning = ["quick", "record", "seed", "data", "picture"];
  return new Command()
    .name("npm run example video --")
    .configureOutput(OUTPUT)
    .addOption(
      new Option(
        "--use <files...>",
        "PNG files: one of square frames in a row, or a frame each; what the saved model says of them",
      ).conflicts(learning),
    )
    .option("--save <file>", "where the model is kept, and with --use lies", FILE)
    .option("--data <dir>", "a folder into which the Debian package flare-game was unpacked (default: it is fetched)")
    .option("--seed <n>", "of everything random", seed, SEED)
    .addOption(new Option("--picture <file>", "draw a clip and what the network said of it, as SVG").conflicts("quick"))
    .addOption(
      new Option("--quick", "a run of a few seconds, of a few clips that need not be fetched")
        .default(false)
        .conflicts("data")
        .implies({ save: QUICK_FILE }),
    )
    .addOption(new Option("--record", "keep the figures for the table of all examples").default(false).conflicts("quick"))
    .parse(argv)
    .opts<Options>();
}

/** The command that uses the model that was kept. */
export function commandFor(file: string, { save }: Options): string {
  return commandOf("video", { use: file, save }, { save: FILE });
}
