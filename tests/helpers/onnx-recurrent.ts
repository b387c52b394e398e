/** RNN, LSTM and GRU of ONNX with attributes, states, lengths and sizes drawn at random. */
import { Generator } from "../../bindings/index.js";
import { onnxModel, type TestAttribute, type TestTensor } from "./onnx.js";

export interface RecurrentCase {
  readonly label: string;
  readonly bytes: Uint8Array;
  /** What is fed: x, and what is not in the file. */
  readonly feeds: Readonly<Record<string, TestTensor>>;
  readonly outputs: readonly string[];
}

const GATES = { RNN: 1, LSTM: 4, GRU: 3 } as const;
const COUNTS = { RNN: 1, LSTM: 3, GRU: 2 } as const;
/** With how many of alpha and beta each takes. */
const ACTIVATIONS = [
  ...[
    ["Sigmoid", 0],
    ["Tanh", 0],
    ["Relu", 0],
    ["Softsign", 0],
    ["Softplus", 0],
    ["LeakyRelu", 1],
    ["ThresholdedRelu", 1],
    ["Elu", 1],
  ],
  ...[
    ["HardSigmoid", 2],
    ["Affine", 2],
    ["ScaledTanh", 2],
  ],
] as const;

const BOUNDED = ["Sigmoid", "HardSigmoid"];

export function recurrentCase(seed: number): RecurrentCase {
  const random = new Generator(seed);
  const upTo = (low: number, high: number) => low + random.integer(high - low + 1);
  const oneOf = <Item>(items: readonly Item[]) => items[random.integer(items.length)] as Item;
  const often = (share: number) => random.uniform() < share;
  const op = oneOf(["RNN", "LSTM", "GRU"] as const);
  const [T, N, I, H] = [upTo(1, 12), upTo(1, 4), upTo(1, 9), upTo(1, 9)];
  const direction = oneOf(["forward", "reverse", "bidirectional"]);
  const D = direction === "bidirectional" ? 2 : 1;
  const numbers = (shape: readonly number[]): TestTensor => ({
    type: "float32",
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 2 * random.uniform() - 1),
  });
  const attributes: Record<string, TestAttribute> = { hidden_size: H, direction };
  if (often(0.4)) {
    const isGate = (k: number) => op !== "RNN" && k % COUNTS[op] === 0; // beyond 0 … 1 states run away, and errors with them
    const chosen = Array.from({ length: COUNTS[op] * D }, (_, k) =>
      oneOf(isGate(k) ? ACTIVATIONS.filter(([name]) => BOUNDED.includes(name as string)) : ACTIVATIONS),
    );
    attributes.activations = chosen.map(([name]) => name as string);
    const draw = (count: number) => Array.from({ length: count }, () => 0.25 + 0.5 * random.uniform());
    const [alphas, betas] = [1, 2].map((least) => draw(chosen.filter(([, takes]) => takes >= least).length)) as [number[], number[]];
    if (alphas.length > 0) attributes.activation_alpha = { floats: alphas };
    if (betas.length > 0) attributes.activation_beta = { floats: betas };
  }
  if (often(0.2)) attributes.clip = { f: 0.5 + random.uniform() };
  if (op === "LSTM" && often(0.2)) attributes.input_forget = 1;
  if (op === "GRU" && often(0.5)) attributes.linear_before_reset = 1;
  const G = GATES[op];
  const initializers: Record<string, TestTensor> = { w: numbers([D, G * H, I]), r: numbers([D, G * H, H]) };
  if (often(0.8)) initializers.b = numbers([D, 2 * G * H]);
  const feeds: Record<string, TestTensor> = { x: numbers([T, N, I]) };
  if (often(0.5)) feeds.lengths = { type: "int32", shape: [N], data: Int32Array.from({ length: N }, () => upTo(often(0.1) ? 0 : 1, T)) };
  if (often(0.5)) feeds.h0 = numbers([D, N, H]);
  if (op === "LSTM" && often(0.5)) feeds.c0 = numbers([D, N, H]);
  if (op === "LSTM" && often(0.25)) initializers.p = numbers([D, 3 * H]);
  const known = { ...feeds, ...initializers };
  const names = ["x", "w", "r", "b", "lengths", "h0", "c0", "p"].map((name) => (name in known ? name : ""));
  while (names.at(-1) === "") names.pop();
  const outputs = op === "LSTM" ? ["y", "yh", "yc"] : ["y", "yh"];
  const bytes = onnxModel({
    inputs: Object.entries(feeds).map(([name, { type, shape }]) => [name, type, shape]),
    outputs: outputs.map((name) => [name, "float32"]),
    nodes: [[op, names, outputs, attributes]],
    initializers,
    opset: 14,
  });
  return { label: `${op} T ${T} N ${N} I ${I} H ${H} ${JSON.stringify(attributes)} ${names.filter(Boolean)}`, bytes, feeds, outputs };
}
