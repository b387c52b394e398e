/** Weights stored as bf16: inference only, f32 everywhere else. */
import { describe, expect, it } from "vitest";
import { ArgumentError, Generator } from "../../bindings/index.js";
import { operatorRuntime } from "../helpers/runtime.js";
import { make, RECURRENT_KINDS } from "../helpers/sequence.js";

const SIZES = [
  [1, 1, 1],
  [3, 3, 5],
  [5, 7, 8],
  [6, 16, 37],
  [13, 4, 64],
] as const;

describe.each(RECURRENT_KINDS)("bf16 weights: %s", async (kind) => {
  const rt = await operatorRuntime({ dtype: "f32" });

  /** The nearest bf16, halfway cases aside. */
  const round = (x: number) => {
    const bits = new Uint32Array(Float32Array.of(x).buffer);
    bits[0] = ((bits[0] as number) + 0x8000) & 0xffff0000;
    return new Float32Array(bits.buffer)[0] as number;
  };

  it.each(SIZES)("N %i, I %i, H %i: as close to f32 as weights rounded to bf16 are", (N, I, H) => {
    const full = make(rt, kind, { inputSize: I, hiddenSize: H, generator: new Generator(3) });
    const half = make(rt, kind, { inputSize: I, hiddenSize: H, generator: new Generator(3), weights: "bf16" });
    const rounded = make(rt, kind, { inputSize: I, hiddenSize: H });
    for (const [i, parameter] of full.parameters().entries()) {
      const values = parameter.toArray();
      rounded.parameters()[i]?.set(parameter.shape.length === 2 ? values.map(round) : values);
    }
    const x = rt.tensor(
      Float32Array.from({ length: 9 * N * I }, (_, i) => Math.sin(i)),
      [9, N, I],
    );
    const [a, b, c] = [full, half, rounded].map((layer) => layer.forward(x).output.toArray() as Float32Array);
    const distance = (p?: Float32Array, q?: Float32Array) => Math.hypot(...(p ?? []).map((v, i) => v - (q?.[i] ?? Number.NaN)));
    expect(distance(b, a)).toBeGreaterThan(0);
    expect(distance(b, a)).toBeLessThan(2 * distance(c, a) + 1e-6);
  });

  it.each(SIZES)("N %i, I %i, H %i: a stream has the bits of the sequence, and of the sequence in a batch", (N, I, H) => {
    const layer = make(rt, kind, { inputSize: I, hiddenSize: H, weights: "bf16" });
    const x = Float32Array.from({ length: 6 * N * I }, (_, i) => Math.cos(i));
    const whole = layer.forward(rt.tensor(x, [6, N, I])).output.toArray();
    const stream = layer.stream({ batch: N });
    const single = layer.stream();
    for (let t = 0; t < 6; t++) {
      stream.input.set(x.subarray(t * N * I, (t + 1) * N * I));
      stream.step();
      single.input.set(x.subarray(t * N * I, t * N * I + I));
      single.step();
      expect(stream.output).toEqual(whole.subarray(t * N * H, (t + 1) * N * H));
      expect(single.output).toEqual(whole.subarray(t * N * H, t * N * H + H));
    }
  });

  it.each([0, -0, 1e-30, -1e-30, 1e-42, 2 ** -60, 3e38])("a weight of %d beside negative ones is read as itself, nearly", (value) => {
    const layer = make(rt, kind, { inputSize: 2, hiddenSize: 8, bias: false, weights: "bf16" });
    for (const parameter of layer.parameters()) {
      const columns = parameter.shape[1] as number;
      parameter.update((w) => {
        for (let i = 0; i < w.length; i++) w[i] = Math.floor(i / columns) % 8 < 4 ? -0.75 : value;
      });
    }
    const { output } = layer.forward(rt.tensor([1e-3, 1e-3], [1, 1, 2]));
    const same = Array.from(output.data.subarray(4));
    expect(same.every(Number.isFinite)).toBe(true);
    const ofZero = kind.endsWith("positive") ? 0.25 : 0; // half of g(0)
    if (Math.abs(value) < 1) for (const h of same) expect(Math.abs(h - ofZero)).toBeLessThan(1e-6);
  });

  it("refuse what they cannot do", () => {
    const layer = make(rt, kind, { inputSize: 2, hiddenSize: 3, weights: "bf16" });
    layer.forward(rt.zeros([2, 1, 2]));
    expect(() => layer.backward(rt.zeros([2, 1, 3]))).toThrow('weights: expected f32 or f64 for a backward pass, got "bf16"');
    expect(() => make(rt, kind, { inputSize: 2, hiddenSize: 3, weights: "f16" as never })).toThrow(ArgumentError);
    expect(() => make(rt, kind, { inputSize: 2, hiddenSize: 3, weights: "bf16", dtype: "f64" })).toThrow(
      'dtype: expected "f32", got "f64"',
    );
  });
});
