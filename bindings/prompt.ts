/** A model from tokens to logits, and what it reads first. */
import { readNumbers, show } from "./checks.js";
import { ArgumentError } from "./errors.js";
import { Embedding } from "./layers/embedding.js";
import type { ModelStream } from "./model-stream.js";
import { Sequential } from "./sequential.js";

/** @internal The tokens that the model knows: 0 … V − 1. @throws {ArgumentError} when it reads no tokens */
export function vocabularyOf(model: Sequential): number {
  if (!(model instanceof Sequential)) throw new ArgumentError("model", "a Sequential from tokens to logits", show(model));
  const first = model.namedLayers().find(([, layer]) => !layer.idleInUse)?.[1];
  if (!(first instanceof Embedding))
    throw new ArgumentError("model", "one that begins with an Embedding", `one that begins with ${first?.name}`);
  return first.numEmbeddings;
}

/** @internal A copy of a prompt. @throws {ArgumentError} naming the token by its place */
export function readPrompt(prompt: ArrayLike<number>, vocabulary: number): Int32Array {
  const tokens = readNumbers("prompt", prompt);
  if (tokens.length === 0) throw new ArgumentError("prompt", "one or more tokens", "none");
  const bad = tokens.findIndex((token) => !isToken(token, vocabulary));
  if (bad >= 0) throw new ArgumentError(`prompt[${bad}]`, `a token in 0 … ${vocabulary - 1}`, show(tokens[bad]));
  return Int32Array.from(tokens);
}

/** @internal The token that ends a sequence, where there is one. @param C what the model tells apart, once known @throws {ArgumentError} */
export function checkStop(stop: unknown, C?: number): void {
  if (stop === undefined || isToken(stop, C ?? Number.POSITIVE_INFINITY)) return;
  throw new ArgumentError("stop", C === undefined ? "a token, an integer from 0" : `a token in 0 … ${C - 1}`, show(stop));
}

/** @internal Feeds one token to a row. @throws {ArgumentError} when the model gives logits for more tokens than it reads */
export function feed(stream: ModelStream, row: number, token: number, vocabulary: number): void {
  if (token >= vocabulary) throw new ArgumentError("model", `logits of the ${vocabulary} tokens that it reads`, `the token ${token}`);
  stream.input[row] = token;
}

/** @internal Feeds the prompt to every row. */
export function read(stream: ModelStream, prompt: Int32Array): void {
  for (const token of prompt) {
    stream.input.fill(token);
    stream.step();
  }
}

function isToken(value: unknown, count: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < count;
}
