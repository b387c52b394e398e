/** Doors: LSTMP, its passes and its streams. */
import { LSTMP } from "../../bindings/cells.js";
import { Generator } from "../../bindings/index.js";
import type { Door } from "./misuse-judge.js";
import type { World } from "./misuse-world.js";

// biome-ignore lint/suspicious/noExplicitAny: called with what does not fit
type Loose = any;

const [T, N, L, H, P] = [3, 2, 2, 4, 2];
const generator = new Generator(3);
const OPTIONS = {
  ...{
    inputSize: 3,
    hiddenSize: H,
    numLayers: L,
    bias: true,
    bidirectional: false,
    batchFirst: false,
    dropout: 0.1,
    dtype: "f32",
    generator,
  },
  ...{ projSize: P, peepholes: true, cellClip: 2, residual: true, learnedState: true },
};

const make = (w: World): Loose => w.own(new LSTMP(w.rt, OPTIONS as never));
const x = (w: World) => w.tensor([T, N, 3]);
const state = (w: World) => ({ h: w.tensor([L, N, P]), c: w.tensor([L, N, H]) });

function streamed(method: string, argsOf: (self: Loose) => unknown[], observe: (self: Loose) => unknown): Door {
  return {
    name: `LSTMP stream.${method}`,
    open(w) {
      const self = w.own(make(w).stream({ batch: N }));
      return { args: argsOf(self), call: (...args) => self[method](...args), self, observe: () => observe(self) };
    },
  };
}

const stateOf = (self: Loose) => [...self.state.h, ...self.state.c];

export const lstmpDoors: Door[] = [
  { name: "LSTMP", open: (w) => ({ args: [w.rt, OPTIONS], call: (...args) => w.own(new (LSTMP as Loose)(...args)) }) },
  {
    name: "LSTMP.forward",
    open(w) {
      const self = make(w);
      const options = { state: state(w), lengths: [3, 2] };
      for (let i = 0; i < 2; i++) self.forward(x(w), options); // takes the memory
      return { args: [x(w), options], call: (...args) => self.forward(...args), self };
    },
  },
  {
    name: "LSTMP.backward",
    open(w) {
      const self = make(w);
      self.forward(x(w));
      for (let i = 0; i < 2; i++) self.backward(w.tensor([T, N, P]), {});
      const observe = () => self.parameters().map((parameter: Loose) => [...parameter.grad]);
      return { args: [w.tensor([T, N, P]), state(w), { dX: true }], call: (...args) => self.backward(...args), self, observe };
    },
    lenient: ["0"], // null: the loss reads the state alone
  },
  {
    name: "LSTMP.stream",
    open(w) {
      const self = make(w);
      return { args: [{ batch: N }], call: (...args) => self.stream(...args), self };
    },
  },
  streamed(
    "step",
    () => [[1]],
    (self) => [...self.output, ...stateOf(self)],
  ),
  streamed("reset", () => [1], stateOf),
  streamed(
    "leave",
    () => [1],
    (self) => self.live,
  ),
  streamed("setState", (self) => [1, self.getState(0)], stateOf),
  {
    name: "LSTMP stream.join",
    open(w) {
      const self = w.own(make(w).stream({ batch: N }));
      const args = [self.getState(0)];
      self.leave(1);
      return { args, call: (...given) => self.join(...given), self, observe: () => [self.live, ...stateOf(self)] };
    },
    lenient: ["0"], // none: where it has learned to begin
  },
];
