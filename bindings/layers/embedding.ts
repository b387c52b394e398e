import { checkOptions, checkPositive, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import type { Slots } from "../graph/slots.js";
import type { Runtime } from "../runtime.js";
import type { Tensor, WeightStorage } from "../tensor.js";
import { checkConstruction } from "./doors.js";
import { Layer } from "./layer.js";
import type { BackwardPlan, ForwardOptions, LayerOptions } from "./passes.js";
import { RowStream } from "./row-stream.js";
import type { Recording, Tape } from "./tape.js";

/** Options of Embedding, by PyTorch's names. */
export interface EmbeddingOptions extends LayerOptions {
  /** Tokens in the vocabulary, V. */
  numEmbeddings: number;
  /** Features of a token, E. */
  embeddingDim: number;
  /** A token whose row begins as zeros and gets no gradient; negative ones count from the end. `set` and `init` overwrite that row, too. */
  paddingIdx?: number;
}

/**
 * A table of vectors: token in, row out. `weight` [V, E], drawn from the standard normal distribution as PyTorch does.
 *
 * @example
 * const embedding = new Embedding(rt, { numEmbeddings: 96, embeddingDim: 32 });
 * const x = embedding.forward(rt.tensor(Int32Array.of(3, 1, 4), [3, 1])); // [3, 1, 32]
 * @throws {ArgumentError} on options it cannot take, @throws {MemoryError}
 * Source: torch.nn.Embedding.
 */
export class Embedding extends Layer {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  /** @internal How files have the weights: a row that is read has the same numbers either way. */
  storage: WeightStorage = "f32";
  /** In 0 … V − 1, or undefined. */
  readonly paddingIdx: number | undefined;

  constructor(runtime: Runtime, options: EmbeddingOptions) {
    const given = checkConstruction(runtime, options, ["numEmbeddings", "embeddingDim", "paddingIdx", "generator"]);
    const V = checkPositive("numEmbeddings", given.numEmbeddings);
    const E = checkPositive("embeddingDim", given.embeddingDim);
    const { paddingIdx } = given;
    if (paddingIdx !== undefined && !(Number.isInteger(paddingIdx) && paddingIdx >= -V && paddingIdx < V)) {
      throw new ArgumentError("paddingIdx", `an integer in ${-V} … ${V - 1}`, show(paddingIdx));
    }
    super(runtime, "Embedding", given, { weight: [V, E] });
    this.numEmbeddings = V;
    this.embeddingDim = E;
    this.paddingIdx = paddingIdx === undefined ? undefined : paddingIdx + (paddingIdx < 0 ? V : 0);
    if (this.paddingIdx !== undefined) this.block.fixed = [this.paddingIdx * E, (this.paddingIdx + 1) * E];
    this.block.parameters[0]?.update((weight) => {
      for (let i = 0; i < weight.length; i++) weight[i] = this.generator.normal();
      weight.fill(0, ...this.block.fixed);
    });
  }

  /**
   * @param tokens i32 of any shape, each in 0 … V − 1
   * @returns [...shape, E], valid until the next forward (in a frame, until that runs again)
   * @throws {ArgumentError} when a token is out of range @throws {DTypeError} @throws {DisposedError} @throws {StaleError}
   */
  forward(tokens: Tensor, options: ForwardOptions = {}): Tensor {
    const { tape, record } = this.forwardTape(options);
    const from = this.address("tokens", tokens, "i32");
    this.checkTokens("tokens", from, tokens.size);
    const { embeddingDim: E } = this;
    tape.restart();
    const y = tape.slots.get("y", this.bytes(tokens.size * E));
    this.kernels.embeddingForward({ y, tokens: tokens.pointer("tokens"), w: this.block.pointer(), M: tokens.size, E });
    const output = this.result(tape.arena, y, [...tokens.shape, E], tokens.batchFirst);
    if (record) this.record(tape, { tokens }, { x: tokens, output, T: 1, N: tokens.size });
    return output;
  }

  /**
   * Adds to the gradient of `weight`, row by row of the tokens of the last recorded forward.
   *
   * @param dOutput ∂L/∂output, of output's shape
   * @throws {ShapeError} @throws {DTypeError} @throws {StaleError} @throws {DisposedError}
   */
  backward(dOutput: Tensor): void {
    this.back(dOutput, {});
  }

  /** @internal */
  protected override recordingOf(tape: Tape): Recording {
    const read = tape.recording?.x;
    if (read) this.checkTokens("tokens", read.pointer("tokens"), read.size); // says more of a bad token than that it was written since
    return super.recordingOf(tape);
  }

  /** @internal */
  protected override planned(tape: Tape, dy: number, slots: Slots): BackwardPlan {
    const { x: tokens } = this.recordingOf(tape);
    if (!this.requiresGrad) return { dX: 0, run: () => {} };
    const dw = this.block.gradient();
    const [M, V, E, padding] = [tokens.size, this.numEmbeddings, this.embeddingDim, this.paddingIdx ?? -1];
    const links = slots.get("links", 4 * (V + M));
    const sums = slots.get("sums", 8 * E);
    const run = () => this.kernels.embeddingBackward({ dw, links, sums, dy, tokens: tokens.pointer("tokens"), M, V, E, padding });
    return { dX: 0, run };
  }

  /**
   * One step at a time: `input` takes N tokens, `output` gives [N, E].
   *
   * @param options batch: N, default 1
   */
  stream(options: { batch?: number } = {}): RowStream<Int32Array> {
    const { batch: N = 1 } = checkOptions(options, ["batch"]);
    checkPositive("batch", N);
    const { embeddingDim: E } = this;
    const args = { y: 0, tokens: 0, w: 0, M: 0, E }; // one for all steps: no garbage
    return new RowStream<Int32Array>(this, N, {
      ...{ inputSize: 1, outputSize: E, inputType: "i32" },
      apply: (x, y, _scratch, M) => {
        this.checkTokens("input", x, M);
        args.y = y;
        args.tokens = x;
        args.w = this.block.pointer();
        args.M = M;
        this.kernels.embeddingForward(args);
      },
      check: (input, rows, count) => {
        for (let i = 0; i < count; i++) this.#checkToken(rows[i] as number, input[rows[i] as number] as number);
      },
    });
  }

  #checkToken(row: number, token: number): void {
    if (token >= 0 && token < this.numEmbeddings) return;
    throw new ArgumentError(`input[${row}]`, `a token in 0 … ${this.numEmbeddings - 1}`, show(token));
  }

  private checkTokens(argument: string, tokens: number, count: number): void {
    const bad = this.runtime.common.checkTokens({ tokens, M: count, vocabulary: this.numEmbeddings });
    if (bad < 0) return;
    const token = this.runtime.view("i32", tokens, count)[bad];
    throw new ArgumentError(`${argument}[${bad}]`, `a token in 0 … ${this.numEmbeddings - 1}`, show(token));
  }
}
