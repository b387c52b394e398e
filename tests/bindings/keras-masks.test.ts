/** Masks in graphs of Keras: whose they are, and how Keras 3 writes them down. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { FormatError, Frame, type Model, type Runtime, type Tensor } from "../../bindings/index.js";
import { loadTFJS } from "../../bindings/keras.js";
import { expectRejection } from "../helpers/refusal.js";
import { operatorRuntime } from "../helpers/runtime.js";

const [V, E, H, T] = [8, 2, 2, 4];

let rt: Runtime;
beforeAll(async () => {
  rt = await operatorRuntime();
});
afterAll(() => rt.dispose());

const WEIGHTS = [
  { name: "table/embeddings", shape: [V, E], dtype: "float32" },
  { name: "lstm/kernel", shape: [E, 4 * H], dtype: "float32" },
  { name: "lstm/recurrent_kernel", shape: [H, 4 * H], dtype: "float32" },
  { name: "lstm/bias", shape: [4 * H], dtype: "float32" },
];
const bytes = new Uint8Array(Float32Array.from({ length: V * E + 4 * H * (E + H + 1) }, (_, i) => Math.sin(i)).buffer);

const layer = (className: string, config: Record<string, unknown>, ...inbound: unknown[]) => ({
  class_name: className,
  name: config.name,
  config,
  inbound_nodes: inbound,
});
const input = (name: string) => layer("InputLayer", { name, batch_input_shape: [null, T] });
const table = (...inbound: unknown[]) => layer("Embedding", { name: "table", input_dim: V, output_dim: E, mask_zero: true }, ...inbound);
const lstm = (inbound: unknown) => layer("LSTM", { name: "lstm", units: H, activation: "tanh", recurrent_activation: "sigmoid" }, inbound);

function load(version: string, inputs: readonly string[], ...layers: object[]): Promise<Model> {
  const config = {
    name: "model",
    layers: [...inputs.map(input), ...layers],
    input_layers: inputs.map((name) => [name, 0, 0]),
    output_layers: [["lstm", 0, 0]],
  };
  const modelTopology = { keras_version: version, model_config: { class_name: "Functional", config } };
  return loadTFJS(rt, { modelTopology, weightsManifest: [{ paths: ["shard"], weights: WEIGHTS }] }, bytes);
}

function outputOf(model: Model, tokens: readonly number[]): number[] {
  using x = rt.tensor(Int32Array.from(tokens), [1, tokens.length]);
  using frame = new Frame(rt);
  return [...(frame.run(() => model.forward(x)) as Tensor).toArray()];
}

test("two calls of one Embedding have two masks, which an Add does not take", async () => {
  const twice = (second: string) =>
    load(
      "2.11.0",
      second === "a" ? ["a"] : ["a", "b"],
      table([["a", 0, 0, {}]], [[second, 0, 0, {}]]),
      layer("Add", { name: "sum" }, [
        ["table", 0, 0, {}],
        ["table", second === "a" ? 0 : 1, 0, {}],
      ]),
      lstm([["sum", 0, 0, {}]]),
    );
  await expectRejection(twice("b"), FormatError, "sum (Add): expected inputs of one mask, got several");
  (await twice("a")).dispose();
});

const tensor = (name: string) => ({
  class_name: "__keras_tensor__",
  config: { shape: [null, T], dtype: "float32", keras_history: [name, 0, 0] },
});
const call = (args: unknown[], kwargs = {}) => ({ args, kwargs });
const notEqual = (from: string, to: number) => layer("NotEqual", { name: "not_equal" }, call([tensor(from), to]));

test("Keras 3's own record of an Embedding's mask says what is done anyway", async () => {
  const masked = call([tensor("table")], { training: false, mask: tensor("not_equal") });
  using model = await load("3.8.0", ["a"], table(call([tensor("a")])), notEqual("a", 0), lstm(masked));
  using plain = await load("2.11.0", ["a"], table([["a", 0, 0, {}]]), lstm([["table", 0, 0, {}]]));
  const unpadded = outputOf(plain, [3, 4]);
  for (const tokens of [
    [0, 0, 3, 4],
    [3, 0, 4, 0],
  ])
    expect(outputOf(model, tokens)).toEqual(unpadded);
});

test("another mask is refused", async () => {
  const masked = call([tensor("table")], { mask: tensor("not_equal") });
  const words = "lstm (LSTM): mask: expected the one of its input, got another";
  const by = (mask: object) => load("3.8.0", ["a", "b"], table(call([tensor("a")])), mask, lstm(masked));
  await expectRejection(by(notEqual("b", 0)), FormatError, words);
  await expectRejection(by(layer("Equal", { name: "not_equal" }, call([tensor("a")]))), FormatError, words);
  await expectRejection(by(notEqual("a", 1)), FormatError, "not_equal");
});
