/** Scaled dot-product attention of several heads. */
import { checkBoolean, checkPositive, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { init } from "../init.js";
import { Dense } from "../layers/dense.js";
import { checkConstruction, dtypeOf } from "../layers/doors.js";
import { ParameterTensor } from "../layers/parameter-tensor.js";
import type { LayerOptions } from "../layers/passes.js";
import type { Part } from "../model.js";
import { add } from "../ops/binary.js";
import { matmul } from "../ops/matmul.js";
import { slice } from "../ops/move.js";
import type { Parameter } from "../parameters.js";
import type { Runtime } from "../runtime.js";
import type { Tensor } from "../tensor.js";
import { Attending } from "./attending.js";
import { together } from "./parts.js";

/** Options of MultiHeadAttention, by PyTorch's names. */
export interface MultiHeadAttentionOptions extends LayerOptions {
  /** Features of queries, keys, values and outputs, E. */
  embedDim: number;
  /** Heads, each of E/numHeads features. */
  numHeads: number;
  /** Whether there are biases. Default true. */
  bias?: boolean;
  /** Whether tensors are [N, T, …] in place of [T, N, …]. Default false. */
  batchFirst?: boolean;
}

const OPTIONS = ["embedDim", "numHeads", "bias", "batchFirst", "generator"];

/**
 * Softmax(q·k/√d)·v of several heads side by side, between projections: `in_proj_weight` [3E, E] (of queries, keys, values), `in_proj_bias` [3E],
 * `out_proj.weight` [E, E], `out_proj.bias` [E], drawn as PyTorch draws them.
 *
 * @example
 * const attention = new MultiHeadAttention(rt, { embedDim: 64, numHeads: 4 });
 * const { output, weights } = frame.run(() => attention.forward(x, { causal: true })); // [T, N, 64], [N, 4, T, T]
 * @throws {ArgumentError} on options it cannot take, @throws {MemoryError}
 * Source: torch.nn.MultiheadAttention; Vaswani et al., arXiv:1706.03762.
 */
export class MultiHeadAttention extends Attending {
  /** Known by it in files, where a bundler shortens names, too. */
  static override readonly name: string = "MultiHeadAttention";
  readonly embedDim: number;
  readonly heads: number;
  readonly scale: number;
  readonly vector = undefined;
  readonly projectsKeys = true;

  constructor(runtime: Runtime, options: MultiHeadAttentionOptions) {
    const given = checkConstruction(runtime, options, OPTIONS);
    const { bias = true, batchFirst = false, generator } = given;
    const E = checkPositive("embedDim", given.embedDim);
    const H = checkPositive("numHeads", given.numHeads);
    if (E % H !== 0) throw new ArgumentError("numHeads", `a divisor of embedDim, ${E}`, show(H));
    checkBoolean("bias", bias);
    checkBoolean("batchFirst", batchFirst);
    const dtype = dtypeOf(runtime, given);
    const drawn = { dtype, ...(generator && { generator }) };
    const xavier = (parameter: Parameter) => init.xavierUniform(parameter, generator && { generator });
    const zeros = (parameter: Parameter) => init.constant(parameter, 0);
    const parts = together((own): Record<string, Part> => {
      const out = own(new Dense(runtime, { ...drawn, inputSize: E, outputSize: E, bias }));
      for (const parameter of out.parameters()) if (parameter.name === "bias") zeros(parameter);
      return {
        in_proj_weight: own(new ParameterTensor(runtime, [3 * E, E], { ...drawn, init: xavier })),
        ...(bias && { in_proj_bias: new ParameterTensor(runtime, [3 * E], { ...drawn, init: zeros }) }),
        out_proj: out,
      };
    });
    super(runtime, parts, { embedDim: E, numHeads: H, bias, batchFirst, dtype } as { batchFirst: boolean });
    this.embedDim = E;
    this.heads = H;
    this.scale = 1 / Math.sqrt(E / H);
  }

  /** Features of what it reads. */
  override get querySize(): number {
    return this.embedDim;
  }

  /** Features of what queries are compared with. */
  override get keySize(): number {
    return this.embedDim;
  }

  /** Features of what the means are of. */
  override get valueSize(): number {
    return this.embedDim;
  }

  /** @internal */
  protected override get projectsValues(): boolean {
    return true;
  }

  /** @internal */
  protected override queriesOf(query: Tensor): Tensor {
    return this.#projected(query, 0);
  }

  /** @internal */
  protected override keysOf(key: Tensor): Tensor {
    return this.#projected(key, 1);
  }

  /** @internal */
  protected override valuesOf(value: Tensor): Tensor {
    return this.#projected(value, 2);
  }

  /** @internal */
  protected override outputOf(context: Tensor): Tensor {
    return (this.layers.out_proj as Dense).forward(context);
  }

  /** By a third of in_proj. */
  #projected(x: Tensor, third: number): Tensor {
    const { in_proj_weight: weight, in_proj_bias: bias } = this.layers as Record<string, ParameterTensor>;
    const range = [third * this.embedDim, (third + 1) * this.embedDim] as const;
    const y = matmul(x, slice(weight as ParameterTensor, [range]), { transposeB: true });
    return bias ? add(y, slice(bias, [range])) : y;
  }
}
