/** What the examples' programs have in common: readers of options, files, Ctrl-C, one line for what goes wrong. */
import { existsSync, readFileSync, realpathSync, renameSync, statSync } from "node:fs";
import { InvalidArgumentError } from "commander";
import pc from "picocolors";
import { NonFiniteError, WasmRnnError } from "wasm-rnn";
import { printable, shellWord } from "./text.js";

/** A mistake of the person at the keyboard: shown as one line, without a stack trace. */
export class UserError extends Error {}

interface Bounds {
  readonly min?: number;
  readonly above?: number;
  readonly max?: number;
  readonly whole?: boolean;
}

/** A reader of numbers for commander. */
export function number({ min, above, max, whole = false }: Bounds): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    const inside = value >= (min ?? -Infinity) && value > (above ?? -Infinity) && value <= (max ?? Infinity);
    if (inside && (whole ? Number.isSafeInteger(value) : Number.isFinite(value))) return value;
    const bound = [
      ...(above === undefined ? [] : [` above ${above}`]),
      ...(min === undefined ? [] : [` of at least ${min}`]),
      ...(max === undefined ? [] : [`, at most ${max}`]),
    ];
    throw new InvalidArgumentError(`Expected a ${whole ? "whole " : ""}number${bound.join("")}.`);
  };
}

/** Of how many there are. */
export const count = number({ min: 1, whole: true });
/** Of a generator. */
export const seed = number({ min: 0, max: 2 ** 31 - 1, whole: true });

/** A reader of values with commas between them. */
export function list<Value>(read: (text: string) => Value): (text: string) => Value[] {
  return (text) => text.split(",").map((part) => read(part.trim()));
}

/** A reader of one of some words. */
export function oneOf<Word extends string>(...words: Word[]): (text: string) => Word {
  return (text) => {
    const word = words.find((each) => each === text);
    if (word === undefined) throw new InvalidArgumentError(`Expected one of ${words.join(", ")}.`);
    return word;
  };
}

/** For commander: what it says of a wrong option quotes it. */
export const OUTPUT = { writeErr: (text: string) => void process.stderr.write(printable(text)) };

/**
 * The command of an example, to be copied.
 *
 * @param options by name; left out is what is undefined, false, or as it is by default
 */
export function commandOf(
  example: string,
  options: Readonly<Record<string, string | number | boolean | undefined>>,
  defaults: Readonly<Record<string, string | number>> = {},
): string {
  const given = Object.entries(options).filter(([name, value]) => value !== undefined && value !== false && value !== defaults[name]);
  const words = given.flatMap(([name, value]) => [`--${name}`, ...(value === true ? [] : [shellWord(String(value))])]);
  return ["npm run example", example, ...(words.length > 0 ? ["--", ...words] : [])].join(" ");
}

/** The exit code of a program that Ctrl-C ended: 128 + SIGINT. */
export const INTERRUPTED = 130;
/** npm may pass on a Ctrl-C that the terminal has sent to both of us: a second signal so soon is the same key. */
const SAME_KEY_MS = 300;

/** The first Ctrl-C aborts, another one leaves at once. @returns gives the key back */
export function abortOnCtrlC(stop: AbortController): () => void {
  let pressed = Number.POSITIVE_INFINITY;
  const onSignal = () => {
    if (performance.now() - pressed > SAME_KEY_MS) process.exit(INTERRUPTED);
    pressed = Math.min(pressed, performance.now());
    stop.abort();
  };
  process.on("SIGINT", onSignal);
  return () => void process.off("SIGINT", onSignal);
}

/** Work that the first Ctrl-C aborts. @returns nothing when it did */
export async function untilCtrlC<R>(work: (signal: AbortSignal) => Promise<R>): Promise<R | undefined> {
  const stop = new AbortController();
  const giveBack = abortOnCtrlC(stop);
  try {
    return await work(stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return undefined;
  } finally {
    giveBack();
  }
}

/** @param missing what to do when there is none @throws {UserError} when it cannot be read */
export function readBytes(file: string, what: string, missing?: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    const reasons: Record<string, string> = { ENOENT: "there is no such file", EISDIR: "it is a directory", EACCES: "no permission" };
    const hint = code === "ENOENT" && missing !== undefined ? `; ${missing}` : "";
    throw new UserError(`cannot read the ${what} ${file}: ${reasons[code] ?? code}${hint}`);
  }
}

/**
 * What becomes of the file that a run will write, if anything but what it continues lies there: `keep` moves it aside.
 *
 * @param describe adds to its name, such as " (step 4)"
 * @throws {UserError} when no file can be written there
 */
export function inTheWay(
  file: string,
  resumed: string | undefined,
  describe: (file: string) => string,
): { notice: string; keep(): void } | undefined {
  const backup = `${file}.bak`;
  for (const name of [file, backup]) {
    if (existsSync(name) && !statSync(name).isFile()) throw new UserError(`cannot save the model to ${file}: ${name} is not a file`);
  }
  if (!existsSync(file) || (resumed !== undefined && realpathSync(file) === realpathSync(resumed))) return undefined;
  return { notice: `${file} exists${describe(file)}: it will be kept as ${backup}`, keep: () => renameSync(file, backup) };
}

/** Runs a program; what is expected to go wrong ends it with one line. @param main gives the exit code */
export async function run(main: () => Promise<number>): Promise<void> {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0); // `npm start | head`
    throw error;
  });
  try {
    process.exitCode = await main();
  } catch (error) {
    const { message, syscall } = error as NodeJS.ErrnoException;
    const expected = error instanceof UserError || error instanceof WasmRnnError || syscall !== undefined;
    const hint = error instanceof NonFiniteError ? "; try a smaller --lr" : "";
    console.error(expected ? `${pc.red("error:")} ${printable(message).replaceAll("\n", "·")}${hint}` : error);
    process.exitCode = 1;
  }
}
