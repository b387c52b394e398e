/** Tokens as text. */
import { show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { checkFunction, type DecodeOptions } from "./decoding.js";

/** How a metric of texts reads samples of `fit` and `evaluate`; `of` does not ask. */
export interface TextOptions extends DecodeOptions {
  /** The text that tokens stand for, which is then cut as texts are. Default: each token counts by itself. */
  text?: (tokens: readonly number[]) => string;
}

/** @internal Of what gives no text it gives an error. @throws {ArgumentError} */
export function checkText(text: unknown): ((tokens: readonly number[]) => string) | undefined {
  checkFunction("text", text);
  if (text === undefined) return undefined;
  return (tokens) => {
    const made: unknown = (text as (tokens: readonly number[]) => unknown)([...tokens]);
    if (typeof made !== "string") throw new ArgumentError("text", "a string from it", show(made));
    return made;
  };
}
