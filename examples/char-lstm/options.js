import { Command, InvalidArgumentError, Option } from "commander";
import { UserError } from "./errors.js";

/** Chosen so that a run takes about 90 s (measured: README.md, "Settings"). */
export const DEFAULT_STEPS = 7000;

/** The options that a checkpoint fixes: a resumed run takes them from the file. */
export const FIXED = /** @type {const} */ (["hidden", "layers", "embed", "batch", "length", "lr", "warmup", "clip", "seed"]);

/** The options that only training heeds. */
const TRAINING = [...FIXED.filter((name) => name !== "seed"), "text", "steps", "epochs", "save", "sampleEvery"];

/** @typedef {Record<typeof FIXED[number], number>} Settings batch is N, the streams side by side; length is T, characters per step */

/**
 * @typedef {Settings & RunOptions} Options
 * @typedef {object} RunOptions
 * @property {string} [text] a text file; without it the book
 * @property {number} [steps]
 * @property {number} [epochs]
 * @property {import("wasm-rnn").BuildName} [build]
 * @property {string} [save]
 * @property {string} [resume]
 * @property {string} [model]
 * @property {number} [sampleEvery]
 * @property {number} [sample]
 * @property {string} prompt
 * @property {number} temperature
 */

const EXAMPLES = `
Examples:
  npm start                                                    the book, about 90 s
  npm start -- --text my.txt --hidden 256 --layers 1 --epochs 3 --seed 7
  npm start -- --resume models/moby-dick.safetensors --steps 14000
  npm start -- --model models/moby-dick.safetensors --sample 400 --prompt "Call me"`;

/**
 * Reads the command line. Prints help and leaves, or one line on stderr and a non-zero exit, by itself.
 *
 * @param {string[]} argv as process.argv
 * @returns {Options}
 * @throws {UserError} when options contradict one another
 */
export function parseOptions(argv) {
  const count = number({ min: 1, whole: true });
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
    .option("--lr <rate>", "Adam's highest learning rate", number({ above: 0 }), 0.006)
    .option("--warmup <n>", "steps until that rate is reached; a cosine brings it down again", number({ min: 0, whole: true }), 40)
    .option("--clip <norm>", "largest norm of a gradient", number({ above: 0 }), 1)
    .option("--seed <n>", "seed of everything random", number({ min: 0, whole: true }), 1)
    .addOption(new Option("--build <name>", "force a build of the library").choices(["baseline", "relaxed", "debug"]))
    .option("--save <file>", "where the model goes (default: models/<name of the text>.safetensors)")
    .option("--resume <file>", "go on training a saved model, exactly where it stopped")
    .option("--sample-every <n>", "show a sample after every n steps (default: a fifth of the run)", count)
    .option("--model <file>", "write text with a saved model instead of training")
    .option("--sample <n>", "how many characters to write (with --model; default: 500)", count)
    .addOption(new Option("--prompt <text>", "what samples begin with, also those during training").default("\n", "a new line"))
    .option("--temperature <t>", "of all samples, also those during training: below 1 safer, above wilder", number({ above: 0 }), 0.7)
    .addHelpText("after", EXAMPLES)
    .parse(argv);
  const options = /** @type {Options} */ (command.opts());
  const given = (/** @type {string} */ name) => command.getOptionValueSource(name) === "cli";
  refuseContradictions(options, given);
  return options;
}

/**
 * @param {Options} options
 * @param {(name: string) => boolean} given
 */
function refuseContradictions(options, given) {
  if (given("steps") && given("epochs")) throw new UserError("--steps and --epochs both say how long to train; give one of them");
  if (given("resume") && given("model")) throw new UserError("--resume trains and --model only writes text; give one of them");
  if (given("sample") && !given("model")) throw new UserError("--sample needs --model FILE, the model that shall write");
  if (options.prompt === "") throw new UserError("--prompt is empty; a sample needs at least one character to begin with");
  const idle = given("model") && TRAINING.find(given);
  if (idle) throw new UserError(`${flag(idle)} has no effect with --model, which only writes text; leave it out`);
  const clash = given("resume") && FIXED.find(given);
  if (clash) throw new UserError(`${flag(clash)} is fixed by the model that --resume continues; leave it out`);
}

/**
 * @param {string} name as commander stores it
 * @returns {string} as it is typed
 */
function flag(name) {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/**
 * A reader of numbers for commander.
 *
 * @param {{ min?: number, above?: number, whole?: boolean }} rule
 */
function number({ min = Number.NEGATIVE_INFINITY, above = Number.NEGATIVE_INFINITY, whole = false }) {
  return (/** @type {string} */ text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    const fits = Number.isFinite(value) && value >= min && value > above && (!whole || Number.isSafeInteger(value));
    if (fits) return value;
    const bound = above > Number.NEGATIVE_INFINITY ? ` above ${above}` : min > Number.NEGATIVE_INFINITY ? ` of at least ${min}` : "";
    throw new InvalidArgumentError(`Expected a ${whole ? "whole " : ""}number${bound}.`);
  };
}
