/** Doors: MinGRU and MinLSTM, their passes and their streams. */
import { MinGRU, MinLSTM } from "../../bindings/cells.js";
import { Generator } from "../../bindings/index.js";
import type { Door } from "./misuse-judge.js";
import type { World } from "./misuse-world.js";

// biome-ignore lint/suspicious/noExplicitAny: called with what does not fit
type Loose = any;

const [T, N] = [3, 2];
const generator = new Generator(3);
const SIZES = {
  inputSize: 3,
  hiddenSize: 4,
  numLayers: 2,
  bias: true,
  bidirectional: false,
  batchFirst: false,
  dropout: 0.1,
  dtype: "f32",
};
const OPTIONS = { ...SIZES, activation: "positive", generator };

function doorsOf(Layer: Loose): Door[] {
  const { name } = Layer;
  const make = (w: World): Loose => w.own(new Layer(w.rt, OPTIONS));
  const x = (w: World) => w.tensor([T, N, 3]);
  const state = (w: World) => ({ h: w.tensor([2, N, 4]) });
  const streamed = (method: string, argsOf: (self: Loose) => unknown[], observe: (self: Loose) => unknown): Door => ({
    name: `${name} stream.${method}`,
    open(w) {
      const self = w.own(make(w).stream({ batch: N }));
      return { args: argsOf(self), call: (...args) => self[method](...args), self, observe: () => observe(self) };
    },
  });
  return [
    { name, open: (w) => ({ args: [w.rt, OPTIONS], call: (...args) => w.own(new Layer(...args)) }) },
    {
      name: `${name}.forward`,
      open(w) {
        const self = make(w);
        const options = { state: state(w), lengths: [3, 2] };
        for (let i = 0; i < 2; i++) self.forward(x(w), options); // takes the memory
        return { args: [x(w), options], call: (...args) => self.forward(...args), self };
      },
    },
    {
      name: `${name}.backward`,
      open(w) {
        const self = make(w);
        self.forward(x(w));
        for (let i = 0; i < 2; i++) self.backward(w.tensor([T, N, 4]), {});
        const observe = () => self.parameters().map((parameter: Loose) => [...parameter.grad]);
        return { args: [w.tensor([T, N, 4]), state(w), { dX: true }], call: (...args) => self.backward(...args), self, observe };
      },
      lenient: ["0"], // null: the loss reads the state alone
    },
    {
      name: `${name}.stream`,
      open(w) {
        const self = make(w);
        return { args: [{ batch: N }], call: (...args) => self.stream(...args), self };
      },
    },
    streamed(
      "step",
      () => [[1]],
      (self) => [...self.output, ...self.state.h],
    ),
    streamed(
      "reset",
      () => [1],
      (self) => [...self.state.h],
    ),
    streamed(
      "leave",
      () => [1],
      (self) => self.live,
    ),
    streamed(
      "join",
      (self) => {
        const row = self.getState(1);
        self.leave(1);
        return [row];
      },
      (self) => [self.live, ...self.state.h],
    ),
    streamed(
      "setState",
      (self) => [1, self.getState(1)],
      (self) => [...self.state.h],
    ),
  ];
}

export const minCellDoors: readonly Door[] = [MinGRU, MinLSTM].flatMap(doorsOf);
