/** The command line. */
import { Command, Option } from "commander";
import type { BuildName } from "wasm-rnn";
import { count, number, seed, UserError } from "../shared/program.js";

/** Chosen so that a run takes about 90 s (measured: README.md, "Settings"). */
const DEFAULT_STEPS = 7000;

/** Of the run whose figures are kept: twice as long, for a model that knows more than counting does. */
const RECORDED_STEPS = 14_000;

/** What a model is trained by, from beginning to end: a resumed run takes it from the file. */
const FIXED = ["hidden", "layers", "embed", "batch", "length", "lr", "warmup", "clip", "seed"] as const;
/** What only training heeds. */
const TRAINING = [...FIXED.filter((name) => name !== "seed"), "text", "steps", "epochs", "quick", "save", "sampleEvery", "record"];

export type Settings = Record<(typeof FIXED)[number], number>;

export interface Options extends Settings {
  readonly text?: string;
  readonly steps?: number;
  readonly epochs?: number;
  readonly build?: BuildName;
  readonly save?: string;
  readonly resume?: string;
  readonly model?: string;
  readonly sampleEvery?: number;
  readonly sample?: number;
  readonly prompt: string;
  readonly temperature: number;
  readonly record: boolean;
}

const EXAMPLES = `
Examples:
  npm start                                                    the book, about 90 s
  npm start -- --text my.txt --hidden 256 --layers 1 --epochs 3 --seed 7
  npm start -- --resume models/moby-dick.safetensors --steps 14000
  npm start -- --model models/moby-dick.safetensors --sample 400 --prompt "Call me"`;

/**
 * Reads the command line. Prints help and leaves, or one line on stderr and a non-zero exit, by itself.
 *
 * @throws {UserError} when options contradict one another
 */
export function parseOptions(argv: string[]): Options {
  const command = new Command()
    .name("npm start --")
    .usage("[options]")
    .description("Trains a character-level LSTM on a book and says how well it predicts text that it never saw.")
    .option("-t, --text <file>", "train on this text file (UTF-8; default: Moby Dick)")
    .option("--hidden <n>", "units per LSTM layer", count, 192)
    .option("--layers <n>", "LSTM layers", count, 1)
    .option("--embed <n>", "width of a character's embedding", count, 32)
    .option("--batch <n>", "streams through the text, side by side", count, 4)
    .option("--length <n>", "characters per stream and step (truncated backpropagation)", count, 64)
    .option("--steps <n>", `train until this step (default: ${DEFAULT_STEPS})`, count)
    .option("--epochs <n>", "the same, counted in passes over the text", number({ above: 0 }))
    .addOption(new Option("--quick", "a run of a few seconds: 200 steps").implies({ steps: 200 }))
    .option("--lr <rate>", "Adam's highest learning rate", number({ above: 0 }), 0.006)
    .option("--warmup <n>", "steps until that rate is reached; a cosine brings it down again", number({ min: 0, whole: true }), 40)
    .option("--clip <norm>", "largest norm of a gradient", number({ above: 0 }), 1)
    .option("--seed <n>", "seed of everything random", seed, 1)
    .addOption(new Option("--build <name>", "force a build of the library").choices(["baseline", "relaxed", "debug"]))
    .option("--save <file>", "where the model goes (default: models/<name of the text>.safetensors)")
    .option("--resume <file>", "go on training a saved model, exactly where it stopped")
    .option("--sample-every <n>", "show a sample after every n steps (default: a fifth of the run)", count)
    .option("--model <file>", "write text with a saved model instead of training")
    .option("--sample <n>", "how many characters to write (with --model; default: 500)", count)
    .addOption(new Option("--prompt <text>", "what samples begin with, also those during training").default("\n", "a new line"))
    .option("--temperature <t>", "of all samples, also those during training: below 1 safer, above wilder", number({ above: 0 }), 0.7)
    .addOption(
      new Option("--record", `keep the figures of the book after ${RECORDED_STEPS} steps beside the example, about 3 minutes`)
        .default(false)
        .implies({ steps: RECORDED_STEPS }),
    )
    .addHelpText("after", EXAMPLES)
    .parse(argv);
  const given = (name: string) => command.getOptionValueSource(name) === "cli";
  refuseContradictions(given);
  const options: Options = command.opts();
  if (options.prompt === "") throw new UserError("--prompt is empty; a sample needs at least one character to begin with");
  return options;
}

function refuseContradictions(given: (name: string) => boolean): void {
  if (given("steps") && given("epochs")) throw new UserError("--steps and --epochs both say how long to train; give one of them");
  if (given("resume") && given("model")) throw new UserError("--resume trains and --model only writes text; give one of them");
  if (given("sample") && !given("model")) throw new UserError("--sample needs --model FILE, the model that shall write");
  const idle = given("model") && TRAINING.find(given);
  const other = given("record") && [...FIXED.filter((name) => name !== "seed"), "text", "steps", "epochs", "quick", "resume"].find(given);
  if (other) throw new UserError(`${flag(other)}: only the run as it is by default is recorded; leave it out, or --record`);
  if (idle) throw new UserError(`${flag(idle)} has no effect with --model, which only writes text; leave it out`);
  const clash = given("resume") && FIXED.find(given);
  if (clash) throw new UserError(`${flag(clash)} is fixed by the model that --resume continues; leave it out`);
}

export function settingsOf(options: Settings): Settings {
  return Object.fromEntries(FIXED.map((name) => [name, options[name]])) as Settings;
}

/** The step at which the run ends. @param planned by the run that is resumed */
export function lastStep({ steps, epochs }: Options, perEpoch: number, planned = DEFAULT_STEPS): number {
  return epochs === undefined ? (steps ?? planned) : Math.max(1, Math.round(epochs * perEpoch));
}

/** As it is typed. */
function flag(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
