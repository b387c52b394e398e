/** Doors: models, files, text. */

import type { Tensor } from "../../bindings/index.js";
import * as api from "../../bindings/index.js";
import type { Door } from "./misuse-judge.js";
import { Mine, type World } from "./misuse-world.js";

// biome-ignore lint/suspicious/noExplicitAny: called with what does not fit
type Loose = any;

const VOCABULARY = 5;
/** More forward passes than a right run needs: epochs without end are no misuse. */
const MOST_PASSES = 40;

class Bounded extends api.Sequential {
  #passes = 0;
  override forward(x: Tensor, options?: api.ModelForwardOptions): Tensor {
    if (++this.#passes > MOST_PASSES) throw new Mine("enough");
    return super.forward(x, options);
  }
  override stream(options?: { batch?: number }) {
    const stream = super.stream(options);
    const step = stream.step.bind(stream);
    let steps = 0;
    stream.step = (rows) => {
      if (++steps > MOST_PASSES) throw new Mine("enough");
      step(rows);
    };
    return stream;
  }
}

const partsOf = (w: World, dtype: "f32" | "f64" = "f32") => ({
  embedding: w.own(new api.Embedding(w.rt, { numEmbeddings: VOCABULARY, embeddingDim: 2, dtype })),
  lstm: w.own(new api.LSTM(w.rt, { inputSize: 2, hiddenSize: 3, dtype })),
  head: w.own(new api.Dense(w.rt, { inputSize: 3, outputSize: VOCABULARY, dtype })),
});
export const modelOf = (w: World): api.Sequential => w.own(new Bounded(w.rt, partsOf(w)));
const values = (model: api.Model) => model.parameters().map((parameter) => [...parameter.toArray()]);

class Custom extends api.Model {
  forward(x: Tensor): Tensor {
    return (this.layers.only as api.Dense).forward(x);
  }
}

const models: Door[] = [
  {
    name: "Model",
    open: (w) => ({
      args: [w.rt, { only: w.own(new api.Dense(w.rt, { inputSize: 2, outputSize: 2 })) }],
      call: (...args) => new Custom(...(args as [api.Runtime, Loose])),
    }),
    lenient: ["1"],
  },
  {
    name: "Sequential",
    open: (w) => ({ args: [w.rt, partsOf(w)], call: (...args) => new api.Sequential(...(args as [api.Runtime, Loose])) }),
    lenient: ["1"],
  },
  {
    name: "Sequential of a list",
    open: (w) => ({ args: [w.rt, Object.values(partsOf(w))], call: (...args) => new api.Sequential(...(args as [api.Runtime, Loose])) }),
    lenient: ["1"],
  },
  {
    name: "Sequential.forward",
    open: (w) => {
      const self = modelOf(w);
      self.forward(w.tensor([3, 2], "i32"), { lengths: [3, 2] });
      return { args: [w.tensor([3, 2], "i32"), { lengths: [3, 2] }], call: (...args) => self.forward(...(args as [Tensor])), self };
    },
    lazy: true,
  },
  {
    name: "Frame",
    open: (w) => ({ args: [w.rt], call: (...args) => new api.Frame(...(args as [api.Runtime])) }),
  },
  ...(["run", "record"] as const).map(
    (method): Door => ({
      name: `Frame.${method}`,
      open: (w) => {
        const self = w.own(new api.Frame(w.rt));
        return { args: [() => 1], call: (...args) => self[method](...(args as [() => number])), self };
      },
      lenient: ["0"],
    }),
  ),
  {
    name: "Frame.backward",
    open: (w) => {
      const [self, model, x] = [w.own(new api.Frame(w.rt)), modelOf(w), w.tensor([3, 2], "i32")];
      const y = self.record(() => model.forward(x));
      const observe = () => model.parameters().map(({ grad }) => [...grad]);
      return {
        args: [y, { gradient: w.tensor([3, 2, VOCABULARY]), inputs: [] }],
        call: (...args) => self.backward(...(args as [Tensor])),
        self,
        observe,
      };
    },
  },
  {
    name: "Frame.gradient",
    open: (w) => {
      const [self, dense, x] = [w.own(new api.Frame(w.rt)), w.own(new api.Dense(w.rt, { inputSize: 2, outputSize: 2 })), w.tensor([1, 2])];
      const y = self.record(() => dense.forward(x));
      self.backward(y, { gradient: w.tensor([1, 2]), inputs: [x] });
      return { args: [x], call: (...args) => self.gradient(...(args as [Tensor])), self };
    },
  },
  {
    name: "ParameterTensor",
    open: (w) => ({
      args: [w.rt, [2, 3], { dtype: "f32", init: () => {} }],
      call: (...args) => new api.ParameterTensor(...(args as [api.Runtime, number[]])),
    }),
    lenient: ["2.init"],
  },
  {
    name: "Sequential.stream",
    open: (w) => {
      const self = modelOf(w);
      return { args: [{ batch: 2 }], call: (...args) => self.stream(...args), self };
    },
  },
  {
    name: "Sequential.save",
    open: (w) => {
      const self = modelOf(w);
      return {
        args: [{ author: "me" }],
        call: (...args) => self.save(...args),
        self,
        faults: (bytes) => (api.loadSafetensors(bytes) ? undefined : "no file"),
      };
    },
    lenient: ["0"], // names are free
  },
  {
    name: "Sequential.load",
    open: (w) => {
      const self = modelOf(w);
      return { args: [self.save()], call: (bytes) => self.load(bytes), self, observe: () => values(self) };
    },
  },
  {
    name: "model stream.reset",
    open: (w) => {
      const self = w.own(modelOf(w).stream({ batch: 2 }));
      const call = (...args: unknown[]) => (self.reset as Loose)(...args);
      return { args: [1], call, self, observe: () => self.state.map(({ h }) => [...h]) };
    },
  },
  ...(["leave", "getState", "step"] as const).map((method) => ({
    name: `model stream.${method}`,
    open: (w: World) => {
      const self = w.own(modelOf(w).stream({ batch: 2 }));
      const call = (...args: unknown[]) => (self[method] as Loose)(...args);
      return { args: [method === "step" ? [1] : 1], call, self, observe: () => [self.live, ...self.state.map(({ h }) => [...h])] };
    },
  })),
  {
    name: "model stream.setState",
    open: (w) => {
      const self = w.own(modelOf(w).stream({ batch: 2 }));
      const call = (...args: unknown[]) => (self.setState as Loose)(...args);
      const states = self.getState(0).map((part) => ({ ...part }));
      return { args: [1, states], call, self, observe: () => self.state.map(({ h }) => [...h]) };
    },
  },
  {
    name: "model stream.state",
    open: (w) => {
      const self = w.own(modelOf(w).stream({ batch: 2 }));
      self.step();
      const call = (state: Loose) => {
        self.state = state;
      };
      return {
        args: [self.state.map((part) => ({ ...part }))],
        call,
        self,
        observe: () => self.state.map(({ h, c }) => [[...h], [...(c ?? [])]]),
      };
    },
  },
];

const sampling = { temperature: 1, topK: 3, topP: 0.9, generator: new api.Generator(1) };
const isToken = (token: unknown) => Number.isInteger(token) && (token as number) >= 0 && (token as number) < VOCABULARY;

const text: Door[] = [
  {
    name: "sample",
    open: () => ({
      args: [[1, 2, 3, 0.5], sampling],
      call: (...args) => api.sample(...(args as [[]])),
      faults: (token) => (Number.isInteger(token) && token >= 0 ? undefined : `no token: ${String(token)}`),
    }),
  },
  {
    name: "generate",
    open: (w) => ({
      args: [modelOf(w), [1, 2], { length: 4, stop: 0, ...sampling }],
      call: (...args) => api.generate(...(args as [Loose, [], Loose])),
      faults: (tokens: unknown[]) => (tokens.every(isToken) ? undefined : "no tokens"),
    }),
    lazy: true,
  },
  {
    name: "generateStream",
    open: (w) => ({
      args: [modelOf(w), [1, 2], { length: 4, stop: 0, ...sampling, signal: new AbortController().signal }],
      async call(...args) {
        const tokens: number[] = [];
        for await (const token of api.generateStream(...(args as [Loose, [], Loose]))) tokens.push(token);
        return tokens;
      },
      faults: (tokens: unknown[]) => (tokens.every(isToken) ? undefined : "no tokens"),
    }),
    lazy: true,
  },
  {
    name: "beamSearch",
    open: (w) => ({
      args: [modelOf(w), [1, 2], { length: 3, beams: 2, stop: 0, lengthPenalty: 0.6, noRepeatNgramSize: 2 }],
      call: (...args) => api.beamSearch(...(args as [Loose, [], Loose])),
      faults: (beams: api.Beam[]) =>
        beams.every(({ tokens, logProbability }) => tokens.every(isToken) && logProbability <= 1e-6) ? undefined : "no beams",
    }),
    lazy: true,
  },
  {
    name: "gradcheck",
    open: (w) => {
      const dense = w.own(new api.Dense(w.rt, { inputSize: 2, outputSize: 2, dtype: "f64" }));
      const x = w.tensor([2, 2], "f64");
      return {
        args: [dense, x, { eps: 1e-6, tolerance: 1e-6 }],
        call: (...args) => api.gradcheck(...(args as [Loose, Tensor])),
        observe: () => [[...x.toArray()], values(dense as Loose)],
      };
    },
    lazy: true,
  },
];

const files: Door[] = [
  {
    name: "saveSafetensors",
    open: (w) => ({
      args: [
        { a: { shape: [2], data: Float32Array.of(1, 2) }, b: w.own(new api.Dense(w.rt, { inputSize: 1, outputSize: 1 })).parameters()[0] },
        { author: "me" },
      ],
      call: (...args) => api.saveSafetensors(...(args as [Loose])),
      faults: (bytes) => (api.loadSafetensors(bytes) ? undefined : "no file"),
    }),
    lenient: ["0", "1"], // names are free; what stands by them is judged by reading the file again
  },
  {
    name: "loadSafetensors",
    open: () => ({
      args: [api.saveSafetensors({ a: { shape: [2], data: Float32Array.of(1, 2) } })],
      call: (bytes) => api.loadSafetensors(bytes),
    }),
  },
];

export const modelDoors: readonly Door[] = [...models, ...text, ...files];
