/** Sequences drawn from a model, token by token. */
import { checkNumber, checkOptions, checkPositive, show } from "./checks.js";
import { ArgumentError } from "./errors.js";
import type { ModelStream } from "./model-stream.js";
import { Generator } from "./random.js";
import type { Sequential } from "./sequential.js";

/** How a token is drawn. */
export interface SampleOptions {
  /** Logits are divided by it: below 1 safer, above 1 wilder; 0 takes the likeliest. Default 1. */
  temperature?: number;
  /** Only the k likeliest tokens are drawn. */
  topK?: number;
  /** Only the likeliest tokens that together reach this probability are drawn, in (0, 1]. Source: Holtzman et al., arXiv:1904.09751. */
  topP?: number;
  /** Default: one seeded with 0. */
  generator?: Generator;
}

const SAMPLE_OPTIONS = ["temperature", "topK", "topP", "generator"];

/**
 * Draws one token from softmax(logits / temperature), cut to the topK and then to the topP likeliest.
 *
 * @param logits C numbers @returns the token, 0 … C − 1
 * @throws {ArgumentError} on options it cannot take, and when no logit is finite
 */
export function sample(logits: ArrayLike<number>, options: SampleOptions = {}): number {
  checkOptions(options, SAMPLE_OPTIONS);
  return sampler(options)(logits);
}

function sampler(options: SampleOptions): (logits: ArrayLike<number>) => number {
  const temperature = checkNumber("temperature", options.temperature ?? 1, 0);
  const topK = options.topK === undefined ? Number.POSITIVE_INFINITY : checkPositive("topK", options.topK);
  const topP = checkNumber("topP", options.topP ?? 1, 0, 1 + Number.EPSILON);
  if (topP === 0) throw new ArgumentError("topP", "a number in (0, 1]", "0");
  const generator = options.generator ?? new Generator();
  if (!(generator instanceof Generator)) throw new ArgumentError("generator", "a Generator", show(generator));
  return (logits) => {
    // Ties by the smaller token, so that the order is the same everywhere.
    const order = Array.from({ length: logits.length }, (_, i) => i).sort((a, b) => (logits[b] as number) - (logits[a] as number) || a - b);
    const top = logits[order[0] as number] as number;
    if (!order.every((i) => !Number.isNaN(logits[i])) || !Number.isFinite(top))
      throw new ArgumentError("logits", "numbers, the greatest finite", "others");
    if (temperature === 0) return order[0] as number;
    const kept = order.slice(0, topK);
    const weights = kept.map((i) => Math.exp(((logits[i] as number) - top) / temperature));
    const all = weights.reduce((a, b) => a + b, 0);
    let count = 0;
    for (let reached = 0; count < kept.length && (count === 0 || reached < topP * all); count++) reached += weights[count] as number;
    let rest = generator.uniform() * weights.slice(0, count).reduce((a, b) => a + b, 0);
    for (let i = 0; i < count; i++) {
      rest -= weights[i] as number;
      if (rest < 0) return kept[i] as number;
    }
    return kept[count - 1] as number;
  };
}

/** Options of `generate`. */
export interface GenerateOptions extends SampleOptions {
  /** Most tokens to draw. */
  length: number;
  /** A token that ends the sequence; it is not returned. */
  stop?: number;
}

/**
 * Continues a sequence of tokens.
 *
 * @param model from tokens to logits, as embedding → LSTM → dense
 * @param prompt one or more tokens that the model reads first
 * @returns the tokens drawn
 * @throws {ArgumentError}
 *
 * @example
 * const tokens = generate(model, [1, 5, 2], { length: 20, temperature: 0.8, topK: 10, generator: new Generator(7) });
 */
export function generate(model: Sequential, prompt: ArrayLike<number>, options: GenerateOptions): number[] {
  checkOptions(options, [...SAMPLE_OPTIONS, "length", "stop"]);
  const length = checkPositive("length", options.length);
  const draw = sampler(options);
  const tokens: number[] = [];
  const stream = model.stream();
  try {
    read(stream, prompt);
    while (tokens.length < length) {
      const token = draw(stream.output);
      if (token === options.stop) break;
      tokens.push(token);
      if (tokens.length === length) break;
      stream.input[0] = token;
      stream.step();
    }
    return tokens;
  } finally {
    stream.dispose();
  }
}

/** Options of `beamSearch`. */
export interface BeamOptions {
  /** Most tokens of a continuation. */
  length: number;
  /** Continuations that are followed side by side. Default 4. */
  beams?: number;
  /** A token that ends a continuation; it is not returned, its probability counts. */
  stop?: number;
}

/** A continuation and its probability. */
export interface Beam {
  tokens: number[];
  /** Σ log p, in nats. */
  logProbability: number;
}

/**
 * The likeliest continuations that a beam of this width finds, best first.
 *
 * @throws {ArgumentError}
 * @example
 * const [best] = beamSearch(model, [1, 5, 2], { length: 10, beams: 5 });
 */
export function beamSearch(model: Sequential, prompt: ArrayLike<number>, options: BeamOptions): Beam[] {
  checkOptions(options, ["length", "beams", "stop"]);
  const length = checkPositive("length", options.length);
  const B = checkPositive("beams", options.beams ?? 4);
  const stream = model.stream({ batch: B });
  try {
    read(stream, prompt, B);
    let live: Beam[] = [{ tokens: [], logProbability: 0 }];
    const ended: Beam[] = [];
    for (let step = 0; step < length; step++) {
      const candidates = live.flatMap((beam, row) => continuations(beam, row, stream.output, B));
      candidates.sort((a, b) => b.logProbability - a.logProbability);
      const next = candidates.slice(0, B);
      for (const { token, from, logProbability } of next)
        if (token === options.stop) ended.push({ tokens: (live[from] as Beam).tokens, logProbability });
      const going = next.filter(({ token }) => token !== options.stop);
      live = going.map(({ token, from, logProbability }) => ({ tokens: [...(live[from] as Beam).tokens, token], logProbability }));
      if (live.length === 0 || step === length - 1) break;
      stream.select(going.map(({ from }) => from));
      for (const [row, { token }] of going.entries()) stream.input[row] = token;
      stream.step();
    }
    return [...ended, ...live].sort((a, b) => b.logProbability - a.logProbability).slice(0, B);
  } finally {
    stream.dispose();
  }
}

interface Candidate {
  readonly token: number;
  /** Row of the beam that it continues. */
  readonly from: number;
  readonly logProbability: number;
}

function continuations({ logProbability }: Beam, from: number, output: ArrayLike<number>, B: number): Candidate[] {
  const C = output.length / B;
  const logits = Array.from({ length: C }, (_, i) => output[from * C + i] as number);
  const top = logits.reduce((a, b) => Math.max(a, b));
  const norm = top + Math.log(logits.reduce((sum, z) => sum + Math.exp(z - top), 0));
  return logits.map((z, token) => ({ token, from, logProbability: logProbability + z - norm }));
}

function read(stream: ModelStream, prompt: ArrayLike<number>, rows = 1): void {
  if (!(prompt?.length > 0)) throw new ArgumentError("prompt", "one or more tokens", show(prompt));
  for (let i = 0; i < prompt.length; i++) {
    for (let row = 0; row < rows; row++) stream.input[row] = prompt[i] as number;
    stream.step();
  }
}
