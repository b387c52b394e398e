/** The command line. */
import { Command, Option } from "commander";
import { commandOf, OUTPUT, seed, UserError } from "../shared/program.js";

const SEED = 1;
const FILE = "models/pronounce.safetensors";
/** Of quick runs, each of which may replace the last one's. */
export const QUICK_FILE = "models/pronounce-quick.safetensors";

export interface Options {
  readonly use?: string;
  readonly save: string;
  readonly seed: number;
  readonly quick: boolean;
  readonly record: boolean;
  readonly resume: boolean;
}

/** @throws {UserError} when options contradict one another */
export function parseOptions(argv?: string[]): Options {
  const command = new Command()
    .name("npm run example pronounce --")
    .configureOutput(OUTPUT)
    .option("--use <words>", "what the saved model says of words of your own, between spaces; none is learned")
    .option("--save <file>", "where the model is kept, and with --use lies", FILE)
    .option("--seed <n>", "of everything random", seed, SEED)
    .addOption(new Option("--quick", "a run of a few seconds on a part of the words").default(false).implies({ save: QUICK_FILE }))
    .addOption(new Option("--record", "keep the figures for the table of all examples").default(false))
    .addOption(new Option("--resume", "go on with a run that was interrupted, where it ended").default(false))
    .parse(argv);
  const options = command.opts<Options>();
  const [idle] = (["quick", "record", "resume"] as const).filter((name) => options[name]);
  if (options.use !== undefined && idle) throw new UserError(`--${idle}: a model is used, none is learned`);
  if (options.record && options.quick) throw new UserError("--record: only full runs are recorded, not --quick ones");
  if (options.record && options.resume) throw new UserError("--record: the time of a resumed run says nothing; run it as a whole");
  return options;
}

/** The command that does with the same model, or the same run, what `what` says. */
export function commandFor(what: { resume?: true; use?: string }, { seed, quick, save }: Options): string {
  if (what.use !== undefined) return commandOf("pronounce", { ...what, save }, { save: FILE });
  return commandOf("pronounce", { ...what, quick, seed, save }, { seed: SEED, save: quick ? QUICK_FILE : FILE });
}

/** What a run's numbers depend on. */
export function runOf({ seed, quick }: Options): string {
  return commandOf("pronounce", { quick, seed }, { seed: SEED });
}
