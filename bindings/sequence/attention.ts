/** Attention of encoders and decoders: one head, by three scores. */
import { checkBoolean, checkOneOf, checkPositive } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { Dense } from "../layers/dense.js";
import { checkConstruction, dtypeOf } from "../layers/doors.js";
import { ParameterTensor } from "../layers/parameter-tensor.js";
import type { LayerOptions } from "../layers/passes.js";
import type { Part } from "../model.js";
import type { Runtime } from "../runtime.js";
import type { Tensor } from "../tensor.js";
import { Attending } from "./attending.js";
import { together } from "./parts.js";

/** How well a key k fits a query q: q·k, q·Wk, or w·tanh(W₁q + W₂k + b). */
export type Score = "dot" | "general" | "additive";

/** Options of Attention. */
export interface AttentionOptions extends LayerOptions {
  /** Features of a query. */
  querySize: number;
  /** Features of a key, and unless `value` is given of what comes out. */
  keySize: number;
  /** Features of a value. Default: keySize. */
  valueSize?: number;
  /** Default `"general"`; `"dot"` wants keys as long as queries. */
  score?: Score;
  /** Of `"additive"`: units of the hidden layer. Default: querySize. */
  hiddenSize?: number;
  /** Whether tensors are [N, T, …] in place of [T, N, …]. Default false. */
  batchFirst?: boolean;
}

const OPTIONS = ["querySize", "keySize", "valueSize", "score", "hiddenSize", "batchFirst", "generator"];

/**
 * Attention of a decoder to what an encoder gave. Parameters: of `"general"` key.weight [querySize, keySize]; of `"additive"` query.weight
 * [hiddenSize, querySize], key.weight [hiddenSize, keySize], key.bias and score [hiddenSize]; of `"dot"` none.
 *
 * Keys are projected once for a source (`memory`), and each decoding step is then one kernel for all rows (`step`); `forward` does all steps at
 * once. A row's bits depend neither on its batch nor on which of the two it was. The output is the context, the weighted mean of the values.
 * Operators, so inside of frames alone: `await loadOperators(rt)`, and whatever calls it records it.
 *
 * @example
 * const attention = new Attention(rt, { querySize: 64, keySize: 128, score: "additive" });
 * const { output, weights } = frame.run(() => attention.forward({ query: states, key: encoded }, { lengths: { key: lengths } }));
 * @throws {ArgumentError} on options it cannot take, @throws {MemoryError}
 * Source: Luong, Pham & Manning, arXiv:1508.04025 (dot, general); Bahdanau, Cho & Bengio, arXiv:1409.0473 (additive).
 */
export class Attention extends Attending {
  /** Known by it in files, where a bundler shortens names, too. */
  static override readonly name: string = "Attention";
  /** @internal */
  static override readonly mayBeEmpty = true;
  readonly querySize: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly score: Score;
  readonly heads = undefined;
  readonly scale = 1;

  constructor(runtime: Runtime, options: AttentionOptions) {
    const given = checkConstruction(runtime, options, OPTIONS);
    const { score = "general", batchFirst = false, generator, hiddenSize } = given;
    const querySize = checkPositive("querySize", given.querySize);
    const keySize = checkPositive("keySize", given.keySize);
    const valueSize = checkPositive("valueSize", given.valueSize === undefined ? keySize : given.valueSize);
    checkOneOf("score", score, ["dot", "general", "additive"]);
    checkBoolean("batchFirst", batchFirst);
    if (hiddenSize !== undefined && score !== "additive")
      throw new ArgumentError("hiddenSize", `none, the score being ${score}`, `${hiddenSize}`);
    if (score === "dot" && keySize !== querySize)
      throw new ArgumentError("keySize", `${querySize}, as querySize, the score being dot`, `${keySize}`);
    const A = checkPositive("hiddenSize", hiddenSize ?? querySize);
    const dtype = dtypeOf(runtime, given);
    const drawn = { dtype, ...(generator && { generator }) };
    const parts = together((own): Record<string, Part> => {
      const dense = (inputSize: number, outputSize: number, bias = false) =>
        own(new Dense(runtime, { ...drawn, inputSize, outputSize, bias }));
      if (score === "dot") return {};
      if (score === "general") return { key: dense(keySize, querySize) };
      return { query: dense(querySize, A), key: dense(keySize, A, true), score: new ParameterTensor(runtime, [A], drawn) };
    });
    const own = { querySize, keySize, valueSize, score, ...(score === "additive" && { hiddenSize: A }), batchFirst, dtype };
    super(runtime, parts, own);
    this.querySize = querySize;
    this.keySize = keySize;
    this.valueSize = valueSize;
    this.score = score;
  }

  /** @internal */
  protected override get vector(): ParameterTensor | undefined {
    return this.layers.score as ParameterTensor | undefined;
  }

  /** @internal */
  protected override get projectsKeys(): boolean {
    return this.score !== "dot";
  }

  /** @internal */
  protected override queriesOf(query: Tensor): Tensor {
    return this.score === "additive" ? (this.layers.query as Dense).forward(query) : query;
  }

  /** @internal */
  protected override keysOf(key: Tensor): Tensor {
    return this.score === "dot" ? key : (this.layers.key as Dense).forward(key);
  }
}
