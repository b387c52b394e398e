/** Doors: runtimes, tensors, parameters, random numbers, initial weights, errors. */

import { readFileSync } from "node:fs";
import type { Generator, Parameter, Tensor } from "../../bindings/index.js";
import * as api from "../../bindings/index.js";
import { BUILD } from "../helpers/raw.js";
import type { Door } from "./misuse-judge.js";
import type { World } from "./misuse-world.js";

// biome-ignore lint/suspicious/noExplicitAny: classes by name
const loose: Record<string, any> = api;

/** What elements a list has, or undefined where reading it throws. */
function plain(list: unknown): number[] | undefined {
  try {
    return Array.from(list as ArrayLike<number>);
  } catch {
    return undefined;
  }
}

/** A tensor must hold what its list held, if that stood still. */
function holds(tensor: Tensor, list: unknown): string | undefined {
  const got = Array.from(tensor.toArray());
  const read = plain(list);
  if (!read || read.length !== got.length || typeof read[0] !== "number")
    return got.some((v) => typeof v !== "number") ? "no numbers" : undefined;
  const want = tensor.dtype === "f32" ? read.map(Math.fround) : read;
  const wrong = want.findIndex((value, i) => !Object.is(value, got[i]) && !(value === 0 && got[i] === 0));
  return wrong < 0 ? undefined : `holds ${got[wrong]} for ${String(want[wrong])} at ${wrong}`;
}

const isCount = (value: unknown, least = 0) => typeof value === "number" && Number.isSafeInteger(value) && value >= least;

const matrix = (w: World): Parameter => w.own(new api.Dense(w.rt, { inputSize: 3, outputSize: 4 })).parameters()[0] as Parameter;

const BINARY = readFileSync(new URL(`../../build/${BUILD}.wasm`, import.meta.url));

const runtimes: Door[] = [
  {
    name: "createRuntime",
    open: () => ({
      args: [{ build: BUILD, dtype: "f32", maximumMemory: 2 ** 20, seed: 1 }],
      call: (...args) => api.createRuntime(...args),
      faults: (rt: api.Runtime) => (["f32", "f64"].includes(rt.dtype) ? undefined : `a runtime of ${rt.dtype}`),
    }),
  },
  {
    name: "createRuntime of a module",
    open: () => ({
      args: [{ module: new WebAssembly.Module(BINARY), dtype: "f32" }],
      call: (...args) => api.createRuntime(...args),
      faults: (rt: api.Runtime) => (["f32", "f64"].includes(rt.dtype) ? undefined : `a runtime of ${rt.dtype}`),
    }),
  },
  {
    name: "createRuntimeSync",
    open: () => ({
      args: [BINARY, { dtype: "f32", maximumMemory: 2 ** 20, seed: 1 }],
      call: (...args) => api.createRuntimeSync(...(args as [object])),
      faults: (rt: api.Runtime) => (rt.build === BUILD ? undefined : `a runtime of ${rt.build}`),
    }),
  },
  {
    name: "loadBinary",
    open: () => ({
      args: [{ build: BUILD, dtype: "f32" }],
      call: (...args) => api.loadBinary(...args),
      faults: (bytes: Uint8Array) =>
        WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>) || BUILD === "relaxed" ? undefined : "no binary",
    }),
  },
  {
    name: "Runtime.tensor",
    open: (w) => ({
      args: [[1, 2, 3, 4, 5, 6], [2, 3], { dtype: "f32", batchFirst: false }],
      call: (...args) => w.rt.tensor(...(args as [[], []])),
      faults: (tensor: Tensor, [data]) => holds(tensor, data) ?? (tensor.shape.every((d) => isCount(d, 1)) ? undefined : "a strange shape"),
    }),
  },
  {
    name: "Runtime.tensor of tokens",
    open: (w) => ({
      args: [Int32Array.of(1, 2, 3), [3], { dtype: "i32" }],
      call: (...args) => w.rt.tensor(...(args as [[], []])),
      faults: (tensor: Tensor, [data]) => holds(tensor, data),
    }),
  },
  {
    name: "Runtime.zeros",
    open: (w) => ({
      args: [[2, 3], { dtype: "f64", batchFirst: true }],
      call: (...args) => w.rt.zeros(...(args as [[]])),
      faults: (tensor: Tensor) =>
        tensor.shape.every((d) => isCount(d, 1)) && tensor.toArray().every((v) => v === 0) ? undefined : "no zeros",
    }),
  },
];

const tensors: Door[] = [
  {
    name: "Tensor.set",
    open: (w) => {
      const self = w.tensor([2, 3]);
      const call = (data: number[]) => self.set(data);
      return { args: [[1, 2, 3, 4, 5, 6]], call, self, observe: () => [...self.toArray()], faults: (_, [data]) => holds(self, data) };
    },
  },
  {
    name: "Tensor.copyTo",
    open: (w) => {
      const self = w.tensor([4]);
      return { args: [new Float32Array(6), 2], call: (target, offset) => self.copyTo(target, offset), self };
    },
  },
  {
    name: "Tensor.at",
    open: (w) => {
      const self = w.tensor([4]);
      const faults = (value: unknown) => (typeof value === "number" ? undefined : `gave ${typeof value}`);
      return { args: [2], call: (index) => self.at(index), self, faults };
    },
  },
  ...(["toArray", "clone", "data"] as const).map(
    (name): Door => ({
      name: `Tensor.${name}`,
      open: (w) => {
        const self = w.tensor([4]);
        return { args: [1], lenient: ["0"], call: (x) => (name === "data" ? self.data : (self[name] as (x: unknown) => unknown)(x)), self };
      },
      lenient: ["0"],
    }),
  ),
  {
    name: "Parameter.set",
    open: (w) => {
      const self = matrix(w);
      return { args: [new Float32Array(12)], call: (data) => self.set(data), observe: () => [...self.toArray()] };
    },
  },
  {
    name: "Parameter.update",
    open: (w) => {
      const self = matrix(w);
      const change = (values: Float32Array) => void values.fill(1);
      return { args: [change], call: (data) => self.update(data), observe: () => [...self.toArray()] };
    },
  },
];

const random: Door[] = [
  {
    name: "Generator",
    open: () => ({
      args: [7],
      call: (seed) => new api.Generator(seed),
      faults: (g: Generator) => (g.uniform() < 1 ? undefined : "no number"),
    }),
  },
  {
    name: "Generator.integer",
    open: () => {
      const self = new api.Generator(1);
      return { args: [6], call: (n) => self.integer(n), faults: (k) => (isCount(k) ? undefined : "no integer"), observe: () => self.state };
    },
  },
  {
    name: "Generator.state",
    open: () => {
      const self = new api.Generator(1);
      const call = (state: number[]) => {
        self.state = state;
      };
      return { args: [[1, 2, 3, 4]], call, observe: () => self.state, faults: () => (self.uniform() < 1 ? undefined : "no number") };
    },
  },
];

/** All finite afterwards, and as they were after an error. */
function drawing(name: string, args: readonly unknown[], call: (...args: never[]) => unknown): Door {
  return {
    name: `init.${name}`,
    open: (w) => {
      const parameter = matrix(w);
      return {
        args: [parameter, ...args.map((arg) => (arg === "generator" ? undefined : arg))],
        call: call as (...args: unknown[]) => unknown,
        observe: () => [...parameter.toArray()],
        faults: () => (parameter.toArray().every(Number.isFinite) ? undefined : "a weight that is not finite"),
      };
    },
  };
}

const generator = new api.Generator(1);
const initial: Door[] = [
  drawing("constant", [0.5], api.init.constant),
  drawing("uniform", [-1, 1, { generator }], api.init.uniform),
  drawing("normal", [0, 1, { generator }], api.init.normal),
  drawing("xavierUniform", [{ generator, gain: 1, blocks: 2 }], api.init.xavierUniform),
  drawing("kaimingNormal", [{ generator, gain: 1, blocks: 2 }], api.init.kaimingNormal),
  drawing("xavierNormal", [{ generator, gain: 1, blocks: 2 }], api.init.xavierNormal),
  drawing("orthogonal", [{ generator, gain: 1, blocks: 2 }], api.init.orthogonal),
  {
    name: "init.forgetGateBias",
    open: (w) => {
      const lstm = w.own(new api.LSTM(w.rt, { inputSize: 2, hiddenSize: 3 }));
      return {
        args: [lstm, 1],
        call: (...args) => api.init.forgetGateBias(...(args as [api.LSTM])),
        observe: () => lstm.parameters().map((p) => [...p.toArray()]),
      };
    },
  },
  {
    name: "init.chrono",
    open: (w) => {
      const gru = w.own(new api.GRU(w.rt, { inputSize: 2, hiddenSize: 3 }));
      return {
        args: [gru, 10, { generator }],
        call: (...args) => api.init.chrono(...(args as [api.GRU, number])),
        observe: () => gru.parameters().map((p) => [...p.toArray()]),
      };
    },
  },
];

const errors: Door[] = (
  [
    "WasmRnnError",
    "ArgumentError",
    "ShapeError",
    "DTypeError",
    "DisposedError",
    "StaleError",
    "MemoryError",
    "FormatError",
    "WorkerError",
    "NonFiniteError",
  ] as const
).map(
  (name): Door => ({
    name,
    open: () => ({
      args: ["x", "a number", "three"],
      call: (...args) => new loose[name](...args),
      faults: (error: Error) => (error instanceof api.WasmRnnError && typeof error.message === "string" ? undefined : "no error"),
    }),
    lenient: ["0", "1", "2"], // text is made of anything
  }),
);

export const coreDoors: readonly Door[] = [...runtimes, ...tensors, ...random, ...initial, ...errors];
