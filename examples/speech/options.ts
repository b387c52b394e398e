/** The command line. */
import { Command, Option } from "commander";
import { commandOf, number, OUTPUT, seed, UserError } from "../shared/program.js";

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

const SEED = 1;

/** Where a model lies unless it is said. */
export function fileOf({ prompts, quick }: Pick<Options, "prompts" | "quick">): string {
  return `models/speech${prompts ? "-prompts" : ""}${quick ? "-quick" : ""}.safetensors`;
}

/** The command that does with the same model, or the same run, what `what` says. */
export function commandFor(what: { resume?: true; use?: string }, { prompts, quick, seed, data, save }: CommandOptions): string {
  if (what.use !== undefined) return commandOf("speech", { prompts, ...what, save }, { save: fileOf({ prompts, quick: false }) });
  return commandOf("speech", { prompts, ...what, quick, seed, data, save }, { seed: SEED, save: fileOf({ prompts, quick }) });
}

type CommandOptions = Pick<Options, "prompts" | "quick" | "seed" | "data" | "save">;

/** What a run's numbers depend on. */
export function runOf({ prompts, quick, seed }: Pick<Options, "prompts" | "quick" | "seed">): string {
  return commandOf("speech", { prompts, quick, seed }, { seed: SEED });
}

/** @throws {UserError} when options contradict one another */
export function parseOptions(): Options {
  const learning = ["quick", "record", "resume", "seed"];
  const options = new Command()
    .name("npm run example speech --")
    .configureOutput(OUTPUT)
    .option("--seed <n>", "of everything random", seed, SEED)
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
    .addOption(new Option("--resume", "go on where a run was interrupted").default(false).conflicts("quick"))
    .parse()
    .opts<Options>();
  if (options.prompts && options.live) throw new UserError("--live: symbols alone are recognised as they are said, not --prompts");
  return { ...options, save: options.save ?? fileOf(options) };
}
