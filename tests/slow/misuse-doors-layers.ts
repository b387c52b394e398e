/** Doors: layers, their passes and their streams. */

import type { Runtime, Tensor } from "../../bindings/index.js";
import * as api from "../../bindings/index.js";
import { Tensor as InternalTensor } from "../../bindings/tensor.js";
import type { Door, Open } from "./misuse-judge.js";
import type { World } from "./misuse-world.js";

// biome-ignore lint/suspicious/noExplicitAny: called with what does not fit
type Loose = any;
const loose: Loose = api;

export const LAYER_NAMES = [
  "Dense",
  "Dropout",
  "Embedding",
  "LayerNorm",
  "LastStep",
  "MaxPool",
  "MeanPool",
  "GRU",
  "LSTM",
  "RNN",
  "Softmax",
] as const;
type Name = (typeof LAYER_NAMES)[number];

const T = 3;
const N = 2;
const generator = new api.Generator(3);
const recurrent = {
  inputSize: 3,
  hiddenSize: 4,
  numLayers: 2,
  bias: true,
  bidirectional: false,
  batchFirst: false,
  dropout: 0.1,
  dtype: "f32",
  generator,
};

/** Right options. */
const OPTIONS: Record<Name, object> = {
  Dense: { inputSize: 3, outputSize: 4, bias: true, dtype: "f32", generator },
  Dropout: { p: 0.5, dtype: "f32", generator },
  Embedding: { numEmbeddings: 5, embeddingDim: 4, paddingIdx: 1, dtype: "f32", generator },
  LayerNorm: { normalizedShape: 3, eps: 1e-5, elementwiseAffine: true, bias: true, dtype: "f32", generator },
  ...{ LastStep: { dtype: "f32" }, MaxPool: { dtype: "f32" }, MeanPool: { dtype: "f32" }, Softmax: { dtype: "f32" } },
  ...{ GRU: { ...recurrent, resetAfter: true }, LSTM: { ...recurrent, weights: undefined }, RNN: { ...recurrent, nonlinearity: "tanh" } },
};

const isRecurrent = (name: Name) => ["GRU", "LSTM", "RNN"].includes(name);
const isPool = (name: Name) => name.endsWith("Pool") || name === "LastStep";
const isStreamed = (name: Name) => isRecurrent(name) || ["Dense", "Embedding", "LayerNorm"].includes(name);
export const makeLayer = (name: Name, runtime: Runtime): Loose => new loose[name](runtime, { ...OPTIONS[name], dtype: "f32" });
const inputOf = (name: Name, w: World): Tensor => w.tensor([T, N, 3], name === "Embedding" ? "i32" : "f32");

function outputOf(result: Loose): Tensor {
  return result.output ?? result;
}

/** Numbers that are read from a layer: none is a fraction below a count, NaN or negative. */
function strangeFields(layer: Record<string, unknown>): string | undefined {
  const counts = ["inputSize", "outputSize", "hiddenSize", "numLayers", "numEmbeddings", "embeddingDim", "normalizedShape"];
  const bad = counts.find((name) => layer[name] !== undefined && !(Number.isInteger(layer[name]) && (layer[name] as number) > 0));
  return bad && `a layer whose ${bad} is ${String(layer[bad])}`;
}

function finite(result: Loose, args: readonly unknown[]): string | undefined {
  const given = args.flatMap((arg) => [arg, ...Object.values((arg as Loose)?.state ?? {})]).filter((arg) => arg instanceof InternalTensor);
  if (given.some((tensor) => tensor.toArray().some((value) => !Number.isFinite(value)))) return undefined; // what comes of NaN may be NaN
  const all = result === null || result === undefined ? [] : [outputOf(result)];
  return all.some((tensor) => tensor.toArray().some(Number.isNaN)) ? "NaN out of numbers" : undefined;
}

function construction(name: Name): Door {
  return {
    name,
    open: (w) => ({
      args: [w.rt, OPTIONS[name]],
      call: (...args) => new loose[name](...args),
      faults: (layer) => strangeFields(layer),
    }),
  };
}

function forward(name: Name): Door {
  return {
    name: `${name}.forward`,
    open: (w) => {
      const self = w.own(makeLayer(name, w.rt));
      const state = { h: w.tensor([2, N, 4]), ...(name === "LSTM" ? { c: w.tensor([2, N, 4]) } : {}) };
      const options = isRecurrent(name) ? { state, lengths: [3, 2] } : isPool(name) ? { lengths: [3, 2] } : {};
      for (let i = 0; i < 2; i++) self.forward(inputOf(name, w), options); // takes the memory
      return { args: [inputOf(name, w), options], call: (...args) => self.forward(...args), self, faults: finite };
    },
  };
}

function backward(name: Name): Door {
  return {
    name: `${name}.backward`,
    open: (w) => {
      const self = w.own(makeLayer(name, w.rt));
      const { shape } = outputOf(self.forward(inputOf(name, w)));
      for (let i = 0; i < 2; i++) self.backward(w.tensor(shape), ...(isRecurrent(name) ? [{}] : [])); // takes the memory
      const options = isRecurrent(name) || name === "Dense" ? [{ dX: true }] : [];
      const dState = { h: w.tensor([2, N, 4]), ...(name === "LSTM" ? { c: w.tensor([2, N, 4]) } : {}) };
      const grads = () => self.parameters().map((parameter: Loose) => [...parameter.grad]);
      return {
        args: [w.tensor(shape), ...(isRecurrent(name) ? [dState] : []), ...options],
        call: (...args) => self.backward(...args),
        ...{ self, observe: grads },
      };
    },
    lenient: isRecurrent(name) ? ["0"] : [], // null: the loss reads the state alone
  };
}

function streaming(name: Name): Door[] {
  const make = (w: World): Loose => w.own(makeLayer(name, w.rt));
  const open = (act: (self: Loose, w: World) => Open) => (w: World) => act(w.own(make(w).stream({ batch: N })), w);
  const stateOf = (self: Loose) => Object.values(self.state ?? {}).map((part) => [...(part as Float32Array)]);
  const doors: Door[] = [
    {
      name: `${name}.stream`,
      open: (w) => {
        const self = make(w);
        return { args: [{ batch: N }], call: (...args) => self.stream(...args), self };
      },
    },
    {
      name: `${name} stream.step(rows)`,
      open: open((self) => ({
        args: [[1]],
        call: (...args) => self.step(...args),
        self,
        observe: () => [...self.output, ...stateOf(self)],
      })),
    },
    {
      name: `${name} stream.step`,
      open: open((self) => ({
        args: [self.input.slice()],
        call: (...args) => self.step(...args),
        self,
      })),
      lenient: ["0"],
    },
  ];
  if (!isRecurrent(name)) return doors;
  return [
    ...doors,
    {
      name: `${name} stream.reset`,
      open: open((self) => ({ args: [1], call: (...args) => self.reset(...args), self, observe: () => stateOf(self) })),
    },
    {
      name: `${name} stream.leave`,
      open: open((self) => ({ args: [1], call: (...args) => self.leave(...args), self, observe: () => self.live })),
    },
    {
      name: `${name} stream.join`,
      open: open((self) => {
        const state = { ...self.getState(1) };
        self.leave(1);
        return { args: [state], call: (...args) => self.join(...args), self, observe: () => [self.live, stateOf(self)] };
      }),
    },
    {
      name: `${name} stream.getState`,
      open: open((self) => ({ args: [1], call: (...args) => self.getState(...args), self })),
    },
    {
      name: `${name} stream.setState`,
      open: open((self) => ({
        args: [1, { ...self.getState(0) }],
        call: (...args) => self.setState(...args),
        self,
        observe: () => stateOf(self),
      })),
    },
    {
      name: `${name} stream.state`,
      open: open((self) => {
        const call = (state: unknown) => {
          self.state = state;
        };
        return { args: [{ ...self.state }], call, self, observe: () => stateOf(self) };
      }),
    },
  ];
}

export const layerDoors: readonly Door[] = LAYER_NAMES.flatMap((name) => [
  construction(name),
  forward(name),
  backward(name),
  ...(isStreamed(name) ? streaming(name) : []),
]);
