/** The command line. */
import { Command, Option } from "commander";
import { commandOf, count, number, OUTPUT, seed, UserError } from "../shared/program.js";

const SEED = 1;
const FILE = "models/music.safetensors";
/** Of quick runs, each of which may replace the last one's. */
export const QUICK_FILE = "models/music-quick.safetensors";
/** Bars that are added at most: what goes on for ever goes round in circles. */
const MOST_BARS = 256;
const [TEMPERATURE, TOP_P, BARS] = [1, 0.95, 8];

export interface Options {
  readonly continue?: string;
  readonly out: string;
  readonly given?: number;
  readonly bars: number;
  readonly temperature: number;
  readonly topP: number;
  readonly data?: string;
  readonly save: string;
  readonly seed: number;
  readonly quick: boolean;
  readonly record: boolean;
  readonly resume: boolean;
}

/** @throws {UserError} when options contradict one another */
export function parseOptions(argv?: string[]): Options {
  const command = new Command()
    .name("npm run example music --")
    .configureOutput(OUTPUT)
    .option("--continue <file>", "a MIDI file of your own, which the saved model goes on with; none is learned")
    .option("--out <file>", "where that is written, and beside it a picture", "continued.mid")
    .option("--given <n>", "bars of the file that are given; default: all of it", count)
    .option("--bars <n>", "bars that are added", number({ min: 1, max: MOST_BARS, whole: true }), BARS)
    .option("--temperature <t>", "below 1 safer, above 1 wilder", number({ min: 0, max: 10 }), TEMPERATURE)
    .option("--top-p <p>", "only the likeliest events that together reach this chance", number({ above: 0, max: 1 }), TOP_P)
    .option("--data <folder>", "where the Debian packages' files lie, if they are not to be fetched")
    .option("--save <file>", "where the model is kept, and with --continue lies", FILE)
    .option("--seed <n>", "of everything random", seed, SEED)
    .addOption(new Option("--quick", "a run of a few seconds on a part of the pieces").default(false).implies({ save: QUICK_FILE }))
    .addOption(new Option("--record", "keep the figures for the table of all examples").default(false))
    .addOption(new Option("--resume", "go on with a run that was interrupted, where it ended").default(false))
    .parse(argv);
  const options = command.opts<Options>();
  refuse(options, (name) => command.getOptionValueSource(name) === "cli");
  return options;
}

function refuse(options: Options, isGiven: (name: keyof Options) => boolean): void {
  const learning = (["quick", "record", "resume", "data"] as const).find(isGiven);
  const using = (["out", "given", "bars", "temperature", "topP"] as const).find(isGiven);
  if (options.continue !== undefined && learning) throw new UserError(`--${learning}: a model is used, none is learned`);
  if (options.continue === undefined && using) {
    const name = using === "topP" ? "top-p" : using;
    throw new UserError(`--${name}: is for --continue alone`);
  }
  if (!/\.midi?$/i.test(options.out)) throw new UserError(`--out: expected a name that ends in .mid, got ${options.out}`);
  if (options.record && options.quick) throw new UserError("--record: only full runs are recorded, not --quick ones");
  if (options.record && options.resume) throw new UserError("--record: the time of a resumed run says nothing; run it as a whole");
}

/** The command that does with the same model, or the same run, what `what` says. */
export function commandFor(what: { resume?: true; continue?: string }, { seed, quick, save, data }: Options): string {
  if (what.continue !== undefined) return commandOf("music", { ...what, save }, { save: FILE });
  return commandOf("music", { ...what, quick, seed, save, data }, { seed: SEED, save: quick ? QUICK_FILE : FILE });
}

/** What a run's numbers depend on. */
export function runOf({ seed, quick, data }: Options): string {
  return commandOf("music", { quick, seed, data }, { seed: SEED });
}
