/** Doors: the layers of wasm-rnn/cells whose cells are written with operators, their streams, and the cells for loops of one's own. */
import * as cells from "../../bindings/cells.js";
import { Generator, type Runtime, type Tensor } from "../../bindings/index.js";
import { SCAN_KINDS } from "../helpers/scan-cells.js";
import { stateDoor } from "./misuse-doors-state.js";
import type { Door } from "./misuse-judge.js";
import type { World } from "./misuse-world.js";

// biome-ignore lint/suspicious/noExplicitAny: called with what does not fit
type Loose = any;
const loose: Loose = cells;

const [T, N] = [3, 2];
const generator = new Generator(3);
const plain = { inputSize: 3, hiddenSize: 4, bias: true, dtype: "f32", generator };
const stacked = { ...plain, numLayers: 2, bidirectional: false, batchFirst: false, dropout: 0.1 };
const QUIET = ["parameters", "namedParameters", "stateDict", "train", "eval", "freeze", "unfreeze", "zeroGrad", "config", "dispose"];

interface Kind {
  readonly name: string;
  readonly options: object;
}
const layers: Kind[] = SCAN_KINDS.map(([name, more]) => ({ name, options: { ...stacked, ...more } }));
const ones: Kind[] = [
  { name: "LSTMCell", options: plain },
  { name: "GRUCell", options: { ...plain, resetAfter: false } },
  { name: "RNNCell", options: { ...plain, nonlinearity: "relu" } },
];
const make = ({ name, options }: Kind, rt: Runtime): Loose => new loose[name](rt, options);

function construction(kind: Kind): Door {
  return { name: `cells.${kind.name}`, open: (w) => ({ args: [w.rt, kind.options], call: (...args) => new loose[kind.name](...args) }) };
}

const grads = (self: Loose) => () => self.parameters().map((parameter: Loose) => [...parameter.grad]);
const statesOf = (self: Loose, w: World) =>
  Object.fromEntries(self.states.map((name: string) => [name, w.tensor([2, N, 4])])) as Record<string, Tensor>;

function passes(kind: Kind): Door[] {
  return [
    {
      name: `cells.${kind.name}.forward`,
      open(w) {
        const self = w.own(make(kind, w.rt));
        const options = { state: statesOf(self, w), lengths: [3, 2] };
        for (let i = 0; i < 2; i++) self.forward(w.tensor([T, N, 3]), options); // takes the memory
        return { args: [w.tensor([T, N, 3]), options], call: (...args) => self.forward(...args), self };
      },
      lazy: true, // other shapes than the first take more
    },
    {
      name: `cells.${kind.name}.backward`,
      open(w) {
        const self = w.own(make(kind, w.rt));
        self.forward(w.tensor([T, N, 3]));
        for (let i = 0; i < 2; i++) self.backward(w.tensor([T, N, 4])); // takes the memory
        const args = [w.tensor([T, N, 4]), statesOf(self, w), { dX: true }];
        return { args, call: (...args) => self.backward(...args), self, observe: grads(self) };
      },
      lenient: ["0"], // null: the loss reads the state alone
      lazy: true,
    },
    {
      name: `cells.${kind.name}.stream`,
      open(w) {
        const self = w.own(make(kind, w.rt));
        return { args: [{ batch: 2 }], call: (...args) => self.stream(...args), self };
      },
    },
  ];
}

function streamDoor(method: string, args: (stream: Loose) => unknown[], lenient: readonly string[] = []): Door {
  return {
    name: `cells.ScanLayerStream.${method}`,
    open(w) {
      const self = w.own(w.own(make(layers[3] as Kind, w.rt)).stream({ batch: 3 }));
      for (const rows of [undefined, [0]]) self.step(rows); // takes the memory
      if (method === "join") self.leave(1);
      const call =
        method === "state" ? (state: Loose) => void Object.assign(self, { state }) : (...given: Loose[]) => self[method](...given);
      return {
        args: args(self),
        call,
        self,
        ...(method === "step" ? {} : { observe: () => JSON.stringify(method === "join" ? 0 : self.state) }),
      };
    },
    lenient,
    lazy: true,
  };
}

function steps(kind: Kind): Door[] {
  const hasCell = kind.name === "LSTMCell";
  const state = (w: World) => (hasCell ? { h: w.tensor([N, 4]), c: w.tensor([N, 4]) } : w.tensor([N, 4]));
  return [
    {
      name: `cells.${kind.name}.forward`,
      open(w) {
        const self = w.own(make(kind, w.rt));
        for (let i = 0; i < 2; i++) self.forward(w.tensor([N, 3]), state(w));
        return { args: [w.tensor([N, 3]), state(w)], call: (...args) => self.forward(...args), self };
      },
    },
    {
      name: `cells.${kind.name}.backward`,
      open(w) {
        const self = w.own(make(kind, w.rt));
        self.forward(w.tensor([N, 3]), state(w));
        for (let i = 0; i < 2; i++) self.backward(state(w));
        return { args: [state(w), { dX: true }], call: (...args) => self.backward(...args), self, observe: grads(self) };
      },
    },
  ];
}

const quiet = (kind: Kind): Door[] =>
  QUIET.map((method) => ({
    name: `cells.${kind.name}.${method}`,
    open(w) {
      const self = w.own(make(kind, w.rt));
      return { args: [1], call: (...args: unknown[]) => self[method](...args), self };
    },
    lenient: ["0"],
  }));

export const cellDoors: Door[] = [
  ...[...layers, ...ones].flatMap((kind) => [construction(kind), ...quiet(kind), stateDoor(`cells.${kind.name}`, (w) => make(kind, w.rt))]),
  ...layers.flatMap(passes),
  ...ones.flatMap(steps),
  streamDoor("step", () => [[2, 0]]),
  streamDoor("join", (stream) => [stream.getState(0)]),
  streamDoor("leave", () => [1]),
  streamDoor("reset", () => [1]),
  streamDoor("state", (stream) => [stream.state]),
  streamDoor("getState", () => [1]),
  streamDoor("setState", (stream) => [1, stream.getState(0)]),
];
