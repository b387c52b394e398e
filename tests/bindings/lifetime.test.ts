import { describe, expect, it } from "vitest";
import {
  Adam,
  CrossEntropyLoss,
  clipGradNorm,
  Dense,
  DisposedError,
  Embedding,
  Frame,
  LSTM,
  RNN,
  type Runtime,
  SGD,
  Softmax,
} from "../../bindings/index.js";
import { draws } from "../helpers/compare.js";
import { expectRefusal, guarded } from "../helpers/refusal.js";
import { testRuntime, tokensOf } from "../helpers/runtime.js";

/** One of everything, each used once, and what can be done with it afterwards. */
function inhabitants(rt: Runtime) {
  const x = rt.tensor(draws(1)(24), [4, 2, 3]);
  const tokens = tokensOf(rt, [0, 1, 2, 3], [4, 1]);
  const [dense, rnn, lstm] = [
    new Dense(rt, { inputSize: 3, outputSize: 3 }),
    new RNN(rt, { inputSize: 3, hiddenSize: 3 }),
    new LSTM(rt, { inputSize: 3, hiddenSize: 3, numLayers: 2 }),
  ];
  const embedding = new Embedding(rt, { numEmbeddings: 4, embeddingDim: 3 });
  const [softmax, loss] = [new Softmax(rt), new CrossEntropyLoss(rt)];
  const frame = new Frame(rt);
  const [sgd, adam] = [new SGD(dense.parameters(), { lr: 0.1, momentum: 0.9 }), new Adam(lstm.parameters())];
  const streams = [dense, rnn, lstm, embedding].map((layer) => layer.stream());
  const { output } = frame.record(() => lstm.forward(x));
  lstm.forward(x);
  rnn.forward(x);
  dense.forward(x);
  embedding.forward(tokens);
  softmax.forward(x);
  dense.backward(x);
  lstm.backward(x);
  sgd.step();
  dense.forward(x);
  for (const stream of streams) stream.step();
  const things = { x, tokens, frame, dense, rnn, lstm, embedding, softmax, loss, sgd, adam, streams, output };
  const uses: [string, () => unknown][] = [
    ["tensor.data", () => x.data],
    ["tensor.toArray", () => x.toArray()],
    ["tensor.clone", () => x.clone()],
    ["tensor.set", () => x.set(new Float32Array(24))],
    ["a result's data", () => output.data],
    ["dense.forward", () => dense.forward(x)],
    ["dense.backward", () => dense.backward(x)],
    ["dense.parameters", () => dense.parameters()],
    ["lstm.forward", () => lstm.forward(x)],
    ["lstm.backward", () => lstm.backward(x)],
    ["frame.run", () => frame.run(() => 1)],
    ["frame.record", () => frame.record(() => dense.forward(x))],
    ["frame.backward", () => frame.backward(output, { gradient: x })],
    ["frame.gradient", () => frame.gradient(x)],
    ["lstm.stream", () => lstm.stream()],
    ["lstm.zeroGrad", () => lstm.zeroGrad()],
    ["rnn.forward", () => rnn.forward(x)],
    ["embedding.forward", () => embedding.forward(tokens)],
    ["softmax.forward", () => softmax.forward(x)],
    ["softmax.backward", () => softmax.backward(x)],
    ["loss.forward", () => loss.forward(x, tokens)],
    ["sgd.step", () => sgd.step()],
    ["sgd.zeroGrad", () => sgd.zeroGrad()],
    ["adam.state", () => adam.state()],
    ["adam.load", () => adam.load({ kind: "Adam", lr: 0, step: 0, tensors: {} })],
    ...streams.flatMap((stream, i): [string, () => unknown][] => [
      [`streams[${i}].step`, () => stream.step()],
      [`streams[${i}].input`, () => stream.input],
      [`streams[${i}].output`, () => stream.output],
    ]),
  ];
  return { things, uses };
}

describe("use after the end", () => {
  it("of the runtime: everything says so, and nothing is taken", async () => {
    const rt = await testRuntime();
    const { things, uses } = inhabitants(rt);
    const kept = things.lstm.parameters()[0];
    rt.dispose();
    expect(rt.disposed).toBe(true);
    for (const [name, use] of uses) {
      const before = rt.bytesInUse;
      expect.soft(() => expectRefusal(use, DisposedError, "expected it to be alive"), name).not.toThrow();
      expect.soft(rt.bytesInUse, `bytes in use after ${name}`).toBe(before);
    }
    for (const act of [() => kept.toArray(), () => kept.set([1]), () => kept.grad, () => clipGradNorm([kept], 1), () => rt.zeros([1])])
      expect(act).toThrow();
    expectRefusal(() => kept.toArray(), DisposedError, "LSTM: expected it to be alive");
    expectRefusal(() => rt.zeros([1]), DisposedError, "runtime: expected it to be alive");
    expectRefusal(() => new LSTM(rt, { inputSize: 1, hiddenSize: 1 }), DisposedError, "runtime: expected it to be alive");
  });

  it("of the runtime: what is disposed of after it is left alone", async () => {
    const rt = await testRuntime();
    const { things } = inhabitants(rt);
    rt.dispose();
    rt.dispose();
    for (const thing of Object.values(things).flat()) {
      thing.dispose();
      thing.dispose();
    }
    expect(rt.bytesInUse).toBe(0);
  });

  it.each([
    [
      "x",
      ["tensor.data", "tensor.toArray", "tensor.clone", "tensor.set", "dense.forward", "dense.backward", "lstm.forward", "softmax.forward"],
    ],
    ["tokens", ["embedding.forward", "loss.forward"]],
    ["dense", ["dense.forward", "dense.backward", "dense.parameters", "sgd.step", "sgd.zeroGrad", "streams[0].step"]],
    ["lstm", ["lstm.forward", "lstm.backward", "frame.backward", "lstm.stream", "lstm.zeroGrad", "streams[2].step"]],
    ["frame", ["frame.run", "frame.record", "frame.backward", "frame.gradient", "a result's data"]],
    ["rnn", ["rnn.forward", "streams[1].step"]],
    ["embedding", ["embedding.forward", "streams[3].step"]],
    ["softmax", ["softmax.forward", "softmax.backward"]],
    ["loss", ["loss.forward"]],
    ["sgd", ["sgd.step", "sgd.zeroGrad"]],
    ["adam", ["adam.state", "adam.load"]],
  ] as const)("of %s", async (name, refused) => {
    const { rt, refuse } = await guarded();
    const { things, uses } = inhabitants(rt);
    things[name].dispose();
    things[name].dispose(); // harmless
    const chosen = uses.filter(([use]) => refused.includes(use as never));
    expect(chosen).toHaveLength(refused.length);
    for (const [, act] of chosen) refuse(act, DisposedError, "expected it to be alive");
    rt.dispose();
  });

  it("of a stream", async () => {
    const { rt, refuse } = await guarded();
    for (const stream of inhabitants(rt).things.streams) {
      stream.dispose();
      stream.dispose();
      for (const act of [() => stream.step(), () => stream.input, () => stream.output])
        refuse(act, DisposedError, "stream: expected it to be alive");
    }
    rt.dispose();
  });
});
