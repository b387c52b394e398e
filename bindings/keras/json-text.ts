/** JSON in a file. */
import { isPlain } from "../by-name.js";
import { show } from "../checks.js";
import { FormatError } from "../errors.js";

/** @param what the text is called in messages @throws {FormatError} on text that is no JSON of an object */
export function parsedJSON(what: string, text: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\ufeff/, "")); // some editors put a mark of UTF-8 in front
  } catch (cause) {
    throw new FormatError(`${what}: expected JSON, got text that does not parse`, { cause });
  }
  if (isPlain(json)) return json;
  throw new FormatError(`${what}: expected an object, got ${show(json)}`);
}
