/** What the examples' command lines have in common: readers of options, one line for what goes wrong. */
import { InvalidArgumentError } from "commander";
import pc from "picocolors";
import { NonFiniteError, WasmRnnError } from "wasm-rnn";

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
    console.error(expected ? `${pc.red("error:")} ${message}${hint}` : error);
    process.exitCode = 1;
  }
}
