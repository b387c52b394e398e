/** The command line. */
import { Command, Option } from "commander";
import { number, seed, UserError } from "../shared/program.js";

export interface Options {
  readonly seed: number;
  readonly data?: string;
  readonly save: string;
  readonly use?: string;
  readonly live: boolean;
  readonly rate: number;
  readonly prompts: boolean;
  readonly quick: boolean;
  readonly record: boolean;
  readonly resume: boolean;
}

/** @throws {UserError} when options contradict one another */
export function parseOptions(): Options {
  const learning = ["quick", "record", "resume", "seed"];
  const options = new Command()
    .name("npm run example speech --")
    .option("--seed <n>", "of everything random", seed, 1)
    .option("--data <dir>", "a folder in which the Debian packages are unpacked or installed, such as /")
    .option("--save <file>", "where the model is kept (default: models/speech.safetensors, or speech-prompts.safetensors)")
    .addOption(new Option("--use <file>", "transcribe a WAV file with the model saved before").conflicts(learning))
    .addOption(
      new Option("--live", "transcribe what comes on stdin as it comes: 16-bit little-endian PCM, mono")
        .default(false)
        .conflicts([...learning, "use"]),
    )
    .option("--rate <n>", "samples a second of what comes on stdin", number({ min: 1000, max: 400_000, whole: true }), 8000)
    .option("--prompts", "sentences instead: a model of characters that learns from made voices which read", false)
    .option("--quick", "a run of a few seconds: few voices, a small network, nothing tested", false)
    .addOption(new Option("--record", "keep the figures beside the example").default(false).conflicts(["quick", "resume"]))
    .option("--resume", "go on where a run was interrupted", false)
    .parse()
    .opts<Options>();
  if (options.prompts && options.live) throw new UserError("--live: symbols alone are recognised as they are said, not --prompts");
  const name = `speech${options.prompts ? "-prompts" : ""}${options.quick ? "-quick" : ""}`;
  return { ...options, save: options.save ?? `models/${name}.safetensors` };
}
