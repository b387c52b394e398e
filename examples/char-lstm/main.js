/**
 * Trains a character-level LSTM on a book, or writes text with one: README.md.
 */
import pc from "picocolors";
import { FormatError, MemoryError } from "wasm-rnn";
import { UserError } from "./errors.js";
import { generate } from "./generate.js";
import { parseOptions } from "./options.js";
import { train } from "./train.js";

process.stdout.on("error", (error) => {
  if (/** @type {NodeJS.ErrnoException} */ (error).code === "EPIPE") process.exit(0); // `npm start | head`
  throw error;
});

try {
  const options = parseOptions(process.argv);
  process.exitCode = await (options.model === undefined ? train(options) : generate(options));
} catch (error) {
  const expected = [UserError, MemoryError, FormatError].some((type) => error instanceof type);
  console.error(expected ? `${pc.red("error:")} ${/** @type {Error} */ (error).message}` : error);
  process.exitCode = 1;
}
