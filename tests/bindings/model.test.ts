/** Sequential, models by hand, their weights in a file, their streams; gradcheck; generation. */
import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  beamSearch,
  Dense,
  DTypeError,
  Embedding,
  FormatError,
  Generator,
  GRU,
  generate,
  gradcheck,
  LSTM,
  loadSafetensors,
  Model,
  type Runtime,
  Sequential,
  ShapeError,
  sample,
  saveSafetensors,
  type Tensor,
} from "../../bindings/index.js";
import { add } from "../../bindings/ops.js";
import { operatorRuntime, testRuntime } from "../helpers/runtime.js";

function language(rt: Runtime, seed = 1): Sequential {
  const generator = new Generator(seed);
  return new Sequential(rt, {
    embedding: new Embedding(rt, { numEmbeddings: 7, embeddingDim: 4, generator }),
    lstm: new LSTM(rt, { inputSize: 4, hiddenSize: 5, numLayers: 2, generator }),
    gru: new GRU(rt, { inputSize: 5, hiddenSize: 6, generator }),
    head: new Dense(rt, { inputSize: 6, outputSize: 7, generator }),
  });
}

class Residual extends Model<{ gru: GRU; head: Dense }> {
  forward(x: Tensor): Tensor {
    const y = this.layers.gru.forward(x).output;
    return this.layers.head.forward(add(y, x));
  }
}

describe("models", () => {
  test("names, summary, modes, the end", async () => {
    const rt = await testRuntime();
    const model = language(rt);
    expect(model.namedParameters().map(([name]) => name)).toContain("lstm.weight_hh_l1");
    expect(model.summary()).toBe(
      [
        "embedding  Embedding   28  weight [7, 4]",
        "lstm       LSTM       460  weight_ih_l0 [20, 4]  weight_hh_l0 [20, 5]  bias_ih_l0 [20]  bias_hh_l0 [20]  weight_ih_l1 [20, 5]  weight_hh_l1 [20, 5]  bias_ih_l1 [20]  bias_hh_l1 [20]",
        "gru        GRU        234  weight_ih_l0 [18, 5]  weight_hh_l0 [18, 6]  bias_ih_l0 [18]  bias_hh_l0 [18]",
        "head       Dense       49  weight [7, 6]  bias [7]",
        "total                 771  3.1 kB",
      ].join("\n"),
    );
    model.eval();
    expect(model.namedLayers().map(([, layer]) => layer.training)).toEqual([false, false, false, false]);
    model.dispose();
    expect(rt.bytesInUse).toBe(0);
    rt.dispose();
  });

  test("weights go to a file and back, whole or not at all", async () => {
    const rt = await testRuntime();
    const [a, b] = [language(rt, 1), language(rt, 2)];
    const bits = (model: Model) => model.parameters().map((parameter) => parameter.toArray());
    const bytes = a.save({ note: "a" });
    b.load(bytes);
    expect(bits(b)).toEqual(bits(a));
    const before = bits(b);
    const { tensors } = loadSafetensors(language(rt, 3).save());
    const { "head.bias": bias, ...rest } = tensors;
    expect(() => b.load(saveSafetensors(rest))).toThrow(FormatError);
    expect(() => b.load(saveSafetensors({ ...tensors, extra: { shape: [1], data: Float32Array.of(1) } }))).toThrow("got extra beside them");
    expect(() => b.load(saveSafetensors({ ...rest, "head.bias": { shape: [6], data: new Float32Array(6) } }))).toThrow(ShapeError);
    expect(() => b.load(bytes.subarray(0, 99))).toThrow(FormatError);
    expect(bits(b)).toEqual(before);
    expect(bias?.shape).toEqual([7]);
    rt.dispose();
  });

  test("a stream has the bits of the sequence, and its state can be put back", async () => {
    const rt = await testRuntime();
    const model = language(rt).eval();
    const tokens = Int32Array.from({ length: 9 }, (_, t) => (t * 5) % 7);
    const whole = [...model.forward(rt.tensor(tokens, [9, 1])).data];
    using stream = model.stream();
    const streamed: number[] = [];
    const feed = (t: number) => {
      stream.input[0] = tokens[t] as number;
      stream.step();
    };
    tokens.forEach((_, t) => {
      feed(t);
      streamed.push(...stream.output);
    });
    expect(streamed).toEqual(whole);
    stream.reset();
    for (const t of [0, 1, 2, 3]) feed(t);
    const { state } = stream;
    feed(6);
    stream.state = state;
    feed(4);
    expect([...stream.output]).toEqual(whole.slice(4 * 7, 5 * 7));
    rt.dispose();
  });

  test("what cannot be built or streamed is refused by name", async () => {
    const rt = await testRuntime();
    const other = await testRuntime();
    const head = new Dense(rt, { inputSize: 2, outputSize: 2 });
    const both = new LSTM(rt, { inputSize: 2, hiddenSize: 1, bidirectional: true });
    expect(() => new Sequential(rt, [])).toThrow("layers: expected one or more layers");
    expect(() => new Sequential(rt, [head, {} as never])).toThrow("layers.1: expected a layer or a model");
    expect(() => new Sequential(rt, [new Dense(other, { inputSize: 1, outputSize: 1 })])).toThrow("got one of another");
    const before = rt.bytesInUse;
    expect(() => new Sequential(rt, { head, both }).stream()).toThrow(ArgumentError);
    expect(rt.bytesInUse - before).toBeLessThan(512); // what the head has packed; no stream is left
    const x = rt.zeros([2, 1, 2]);
    expect(() => new Sequential(rt, [head]).forward(x, { lengths: [1] })).toThrow("lengths: expected none");
    rt.dispose();
    other.dispose();
  });

  test("a model of one's own whose forward gives no tensor is named", async () => {
    const rt = await testRuntime();
    for (const nothing of [undefined, null, 5, { output: 1 }]) {
      class Broken extends Model {
        forward = () => nothing as never;
      }
      const part = new Broken(rt, { inner: new Dense(rt, { inputSize: 1, outputSize: 1 }) });
      const model = new Sequential(rt, { part });
      expect(() => model.forward(rt.tensor([1], [1, 1]))).toThrow("layers.part: expected a forward that gives a Tensor");
    }
    rt.dispose();
  });
});

describe("gradcheck", () => {
  test("passes what is right, by hand or in a row", async () => {
    const rt = await operatorRuntime({ dtype: "f64" });
    const [gru, head] = [new GRU(rt, { inputSize: 3, hiddenSize: 3 }), new Dense(rt, { inputSize: 3, outputSize: 2 })];
    using x = rt.tensor(
      Float64Array.from({ length: 12 }, (_, i) => Math.sin(i)),
      [4, 1, 3],
    );
    const own = new Residual(rt, { gru, head });
    expect(gradcheck(own, x)).toMatchObject({ passed: true });
    expect(gradcheck(new Sequential(rt, [gru, head]), x).error).toBeLessThan(1e-8);
    own.dispose();
    const text = language(rt);
    using tokens = rt.tensor(Int32Array.of(1, 5, 1), [3, 1]);
    expect(gradcheck(text, tokens).passed).toBe(true);
    text.dispose();
    x.dispose();
    tokens.dispose();
    expect(rt.bytesInUse).toBe(0);
    rt.dispose();
  });

  test("finds what is wrong, and where", async () => {
    const rt = await testRuntime({ dtype: "f64" });
    const head = new Dense(rt, { inputSize: 2, outputSize: 2 });
    using x = rt.tensor([1, 2, 3, 4], [2, 2]);
    const twice = {
      forward: (t: Tensor) => head.forward(t),
      backward: (d: Tensor) => {
        head.backward(d);
        return head.backward(d);
      },
      parameters: () => head.parameters(),
      zeroGrad: () => head.zeroGrad(),
    };
    const { passed, worst } = gradcheck(twice, x);
    expect(passed).toBe(false);
    expect(["weight", "bias"]).toContain(worst.name);
    expect(worst.analytic / worst.numeric).toBeCloseTo(2, 6);
    const single = await testRuntime();
    expect(() => gradcheck(new Dense(single, { inputSize: 1, outputSize: 1 }), single.zeros([1, 1]))).toThrow(DTypeError);
    rt.dispose();
    single.dispose();
  });
});

describe("generation", () => {
  const logits = [1, 3, 2, Number.NEGATIVE_INFINITY, 0];
  const shares = (options: object) => {
    const generator = new Generator(5);
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < 4000; i++) counts[sample(logits, { generator, ...options })]++;
    return counts.map((count) => count / 4000);
  };
  const softmax = (temperature: number, kept: number[]) => {
    const e = logits.map((z, i) => (kept.includes(i) ? Math.exp(z / temperature) : 0));
    const sum = e.reduce((a, b) => a + b);
    return e.map((value) => value / sum);
  };

  test.each([
    ["plain", {}, softmax(1, [0, 1, 2, 4])],
    ["hot", { temperature: 3 }, softmax(3, [0, 1, 2, 4])],
    ["topK", { topK: 2 }, softmax(1, [1, 2])],
    ["topP", { topP: 0.7 }, softmax(1, [1, 2])],
    ["both", { topK: 3, topP: 0.5 }, softmax(1, [1])],
  ])("sample, %s", (_, options, expected) => {
    for (const [i, share] of shares(options).entries()) expect(Math.abs(share - (expected[i] as number))).toBeLessThan(0.025);
  });

  test("temperature 0 takes the likeliest; bad input is refused", () => {
    expect(shares({ temperature: 0 })).toEqual([0, 1, 0, 0, 0]);
    expect(() => sample([Number.NaN, 1])).toThrow("logits");
    expect(() => sample([1], { topP: 0 })).toThrow("topP");
    expect(() => sample([1], { topK: 0 })).toThrow("topK");
    expect(() => sample([1], { temperature: -1 })).toThrow("temperature");
  });

  test("the same seed, the same tokens; a stop token ends", async () => {
    const rt = await testRuntime();
    const model = language(rt).eval();
    const run = (seed: number, stop?: number) => generate(model, [1, 2], { length: 30, generator: new Generator(seed), stop });
    expect(run(3)).toEqual(run(3));
    expect(run(3)).not.toEqual(run(4));
    expect(run(3).length).toBe(30);
    const stop = run(3)[10] as number;
    expect(run(3, stop)).toEqual(run(3).slice(0, run(3).indexOf(stop)));
    expect(() => generate(model, [], { length: 1 })).toThrow("prompt");
    model.dispose();
    expect(rt.bytesInUse).toBe(0);
    rt.dispose();
  });

  test("a beam as wide as there are sequences finds the best of all, with its probability", async () => {
    const rt = await testRuntime({ dtype: "f64" });
    const model = language(rt).eval();
    for (const [, layer] of model.namedLayers()) for (const p of layer.parameters()) p.set(p.toArray().map((value) => 3 * value));
    const logProbability = (tokens: number[]) => {
      const all = [1, 2, ...tokens];
      using x = rt.tensor(Int32Array.from(all), [all.length, 1]);
      const { data } = model.forward(x);
      return tokens.reduce((sum, token, i) => {
        const row = [...data.subarray((1 + i) * 7, (2 + i) * 7)];
        return sum + (row[token] as number) - Math.log(row.reduce((a, z) => a + Math.exp(z), 0));
      }, 0);
    };
    const every = Array.from({ length: 343 }, (_, i) => [Math.floor(i / 49), Math.floor(i / 7) % 7, i % 7]);
    const ranked = every
      .map((tokens) => ({ tokens, logProbability: logProbability(tokens) }))
      .sort((a, b) => b.logProbability - a.logProbability);
    const found = beamSearch(model, [1, 2], { length: 3, beams: 49 });
    for (const [i, beam] of found.slice(0, 5).entries()) {
      expect(beam.tokens).toEqual(ranked[i]?.tokens);
      expect(beam.logProbability).toBeCloseTo(ranked[i]?.logProbability as number, 10);
    }
    const narrow = beamSearch(model, [1, 2], { length: 3, beams: 1 });
    expect(narrow[0]?.tokens).toEqual(generate(model, [1, 2], { length: 3, temperature: 0 }));
    const stopped = beamSearch(model, [1, 2], { length: 5, beams: 3, stop: ranked[0]?.tokens[1] });
    expect(stopped.length).toBe(3);
    expect(stopped.every(({ tokens }) => !tokens.includes(ranked[0]?.tokens[1] as number))).toBe(true);
    rt.dispose();
  });
});
