import { describe, expect, it } from "vitest";
import { ArgumentError, CrossEntropyLoss, Dense, DisposedError, Frame, LSTM, RNN, SGD, Softmax, StaleError } from "../../bindings/index.js";
import { draws, expectBits } from "../helpers/compare.js";
import { guarded } from "../helpers/refusal.js";
import { testRuntime, tokensOf } from "../helpers/runtime.js";

describe("use too late", async () => {
  const { rt, refuse } = await guarded();
  const x = rt.tensor(draws(2)(24), [4, 2, 3]);
  const dOutput = rt.tensor(draws(3)(24), [4, 2, 3]);
  const lstm = new LSTM(rt, { inputSize: 3, hiddenSize: 3 });
  const dense = new Dense(rt, { inputSize: 3, outputSize: 3 });
  const softmax = new Softmax(rt);
  const loss = new CrossEntropyLoss(rt);
  const targets = tokensOf(rt, [0, 1, 2, 0, 1, 2, 0, 1], [4, 2]);

  it("of a result after the next one", () => {
    const first = lstm.forward(x);
    const [kept, clone] = [first.output.toArray(), first.output.clone()];
    lstm.forward(dOutput);
    const text = "expected a current result, got one that the next forward of this LSTM has replaced";
    for (const act of [() => first.output.data, () => first.output.toArray(), () => first.output.clone(), () => first.output.set(kept)])
      refuse(act, StaleError, `tensor: ${text}`);
    refuse(() => first.state.h.data, StaleError, text);
    refuse(() => dense.forward(first.output), StaleError, `x: ${text}`);
    refuse(() => lstm.forward(x, { state: first.state }), StaleError, `state.h: ${text}`);
    expectBits("a clone", clone.data, kept);

    const { dX } = lstm.backward(dOutput);
    lstm.forward(x);
    expect(() => dX.data).not.toThrow(); // a forward does not touch the gradients
    lstm.backward(dOutput);
    refuse(() => dX.data, StaleError, "tensor: expected a current result, got one that the next backward of this LSTM has replaced");

    const y = dense.forward(x);
    dense.forward(x);
    refuse(() => y.data, StaleError, "the next forward of this Dense");
    const p = softmax.forward(x);
    softmax.forward(x);
    refuse(() => p.data, StaleError, "the next forward of this Softmax");
    const { dLogits } = loss.forward(x, targets);
    loss.forward(x, targets);
    refuse(() => dLogits.data, StaleError, "the next forward of this CrossEntropyLoss");
  });

  it("of a result in one frame while another runs, and the layer outside of both: it stays", () => {
    const { output } = new Frame(rt).run(() => lstm.forward(x));
    const kept = output.toArray();
    lstm.forward(dOutput);
    new Frame(rt).run(() => lstm.forward(dOutput));
    expectBits("output", output.data, kept);
  });

  it("of a backward without a forward", () => {
    const options = { inputSize: 3, hiddenSize: 3 };
    for (const layer of [new RNN(rt, options), new LSTM(rt, options), new Dense(rt, { inputSize: 3, outputSize: 3 })]) {
      const text = `backward: expected a forward of this ${layer.constructor.name} that recorded on the tape, got none`;
      refuse(() => layer.backward(dOutput), StaleError, text);
      new Frame(rt).record(() => layer.forward(x));
      refuse(() => layer.backward(dOutput), StaleError, text);
    }
    const other = new Softmax(rt);
    refuse(() => other.backward(x), StaleError, "backward: expected a forward of this Softmax, got none");
  });

  it("of a recording after the parameters changed", () => {
    const text = "backward: expected the parameters that the forward used, got parameters that have changed since";
    const [weight] = lstm.parameters();
    const optimizer = new SGD(lstm.parameters(), { lr: 0 });
    for (const change of [() => weight.set(weight.toArray()), () => weight.update(() => {}), () => optimizer.step()]) {
      lstm.forward(x);
      lstm.backward(dOutput);
      change();
      refuse(() => lstm.backward(dOutput), StaleError, text);
    }
  });

  it("of a recording whose x its layer has written over, or that is gone", () => {
    lstm.forward(dense.forward(x));
    dense.forward(dOutput);
    refuse(
      () => lstm.backward(dOutput),
      StaleError,
      "x: expected a current result, got one that the next forward of this Dense has replaced",
    );
    const own = x.clone();
    lstm.forward(own);
    own.dispose();
    refuse(() => lstm.backward(dOutput), DisposedError, "x: expected it to be alive");
  });

  it("of a layer's own output as its input", () => {
    const { output } = lstm.forward(x);
    refuse(() => lstm.forward(output), StaleError, "x: expected a tensor that lasts");
  });
});

describe("use of what belongs to another", async () => {
  it("frames and tensors", async () => {
    const { rt, refuse } = await guarded();
    const stranger = await testRuntime();
    const [lstm, twin] = [new LSTM(rt, { inputSize: 3, hiddenSize: 3 }), new LSTM(rt, { inputSize: 3, hiddenSize: 3 })];
    const [x, foreign] = [rt.zeros([4, 2, 3]), stranger.zeros([4, 2, 3])];
    const [frame, other] = [new Frame(rt), new Frame(rt)];
    const { output } = frame.record(() => twin.forward(x));
    refuse(() => other.backward(output, { gradient: x }), ArgumentError, "of: expected a result of this frame, got another");
    refuse(() => frame.backward(output, { gradient: foreign }), ArgumentError, "gradient: expected a tensor of this runtime");
    const another = "expected a tensor of this runtime, got one of another";
    refuse(() => lstm.forward(foreign), ArgumentError, `x: ${another}`);
    lstm.forward(x);
    refuse(() => lstm.backward(foreign), ArgumentError, `dOutput: ${another}`);
    const h = stranger.zeros([1, 2, 3]);
    refuse(() => lstm.forward(x, { state: { h, c: h } }), ArgumentError, `state.h: ${another}`);
    const targets = tokensOf(stranger, [0, 0, 0, 0, 0, 0, 0, 0], [4, 2]);
    refuse((r) => new CrossEntropyLoss(r).forward(x, targets), ArgumentError, `targets: ${another}`);
    refuse((r) => new Softmax(r).forward(foreign), ArgumentError, `z: ${another}`);
  });
});
