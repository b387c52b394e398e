/** What is compared: sequences of tokens, and pairs of them. */
import { checkOptions, lengthOf, MOST_NUMBERS, readNumbers, show, typedKind } from "../checks.js";
import { ArgumentError } from "../errors.js";

/** A word, a character, a phone; or the number that it has. */
export type Token = string | number;

/** Tokens in a row: a list of strings or whole numbers, or a text, which the metric cuts as it says. */
export type Tokens = ArrayLike<string> | ArrayLike<number>;

/** What should have been said, and what was. */
export interface ReferencePair {
  reference: Tokens;
  hypothesis: Tokens;
}

/** @internal How a text is cut. */
export type Cut = (text: string) => readonly string[];

/** @internal By Unicode code points, spaces among them. */
export const charactersOf: Cut = (text) => [...text];

/** @internal What stands between white space. */
export const wordsOf: Cut = (text) => text.match(/\S+/g) ?? [];

/** @internal A copy, each token read once. @throws {ArgumentError} */
export function readTokens(argument: string, given: unknown, cut?: Cut): readonly Token[] {
  if (cut && typeof given === "string") return cut(given);
  const list = typedKind(given) === undefined ? given : readNumbers(argument, given);
  const length = lengthOf(list);
  if (typeof length !== "number" || !Number.isSafeInteger(length) || length < 0) {
    throw new ArgumentError(argument, `a list of strings or whole numbers${cut ? ", or a text" : ""}`, show(given));
  }
  const tokens: Token[] = []; // it grows by what is there: a false length takes no memory
  for (let i = 0; i < length; i++) {
    const token: unknown = (list as ArrayLike<unknown>)[i];
    if (typeof token !== "string" && !Number.isInteger(token))
      throw new ArgumentError(`${argument}[${i}]`, "a string or a whole number", show(token));
    if (i === MOST_NUMBERS) throw new ArgumentError(argument, `at most ${MOST_NUMBERS} tokens`, `${length}`);
    tokens.push(token as Token);
  }
  return tokens;
}

/** @internal Pairs one by one, their members as they are. @throws {ArgumentError} */
export function* readPairs<const Name extends string>(
  pairs: unknown,
  names: readonly Name[],
): Generator<readonly [argument: string, pair: Partial<Record<Name, unknown>>]> {
  const iterator = iteratorOf(pairs, `an iterable of { ${names.join(", ")} }`);
  let i = 0;
  for (const pair of { [Symbol.iterator]: () => iterator }) {
    const argument = `pairs[${i++}]`;
    yield [argument, checkOptions(pair as Partial<Record<Name, unknown>>, names, argument)];
  }
}

function iteratorOf(pairs: unknown, expected: string): Iterator<unknown> {
  try {
    if (typeof pairs === "object" && typedKind(pairs) === undefined) return (pairs as Iterable<unknown>)[Symbol.iterator]();
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
  }
  throw new ArgumentError("pairs", expected, show(pairs));
}

/** @internal The same sequences with a number for each token, equal where the tokens are: 1 and "1" are two. */
export function numbered(sequences: readonly (readonly Token[])[]): number[][] {
  const numbers = new Map<Token, number>();
  return sequences.map((tokens) =>
    tokens.map((token) => {
      const number = numbers.get(token) ?? numbers.size;
      numbers.set(token, number);
      return number;
    }),
  );
}
