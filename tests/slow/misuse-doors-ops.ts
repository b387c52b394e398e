/** Doors: operators element by element and over axes, scan, and what loads them. */
import { Frame, type Tensor } from "../../bindings/index.js";
import * as ops from "../../bindings/ops.js";
import { door } from "./misuse-doors-ops-shape.js";
import type { Door } from "./misuse-judge.js";
import type { World } from "./misuse-world.js";

const x = (w: World) => w.tensor([2, 3, 4]);
const UNARY = ["neg", "exp", "log", "sqrt", "square", "abs", "sigmoid", "tanh", "relu", "silu", "softplus"];
const BINARY = ["add", "sub", "mul", "div", "maximum", "minimum", "equal", "notEqual", "less", "lessEqual", "greater", "greaterEqual"];
const OVER = ["sum", "mean", "max", "logSumExp"];

type State = { h: Tensor };
const cell = (x: Tensor, { h }: State) => ({ output: ops.add(x, h), state: { h } });

export const operatorDoors: Door[] = [
  ...UNARY.map((name) => door(name, (w) => [x(w)])),
  ...BINARY.map((name) => door(name, (w) => [x(w), w.tensor([3, 1])], ["0", "1"])), // a number will do
  ...OVER.map((name) => door(name, (w) => [x(w), { axes: [0, -1], keepDims: true }])),
  door("gelu", (w) => [x(w), { approximate: "tanh" }]),
  door("clip", (w) => [x(w), -1, 1], ["1", "2"]), // ∞, too
  door("where", (w) => [w.tensor([3, 4], "i32"), x(w), x(w)], ["1", "2"]),
  door("variance", (w) => [x(w), { axes: 1, keepDims: false, correction: 0 }]),
  door("argMax", (w) => [x(w), 1, { keepDims: true }]),
  ...["softmax", "logSoftmax", "cumulativeSum"].map((name) => door(name, (w) => [x(w), 1])),
  door("detach", (w) => [x(w)]),
  {
    name: "ops.scan",
    open(w) {
      const frame = w.own(new Frame(w.rt));
      const args = [cell, x(w), { h: w.tensor([3, 4]) }, { lengths: [2, 1, 2] }];
      return { args, call: (...given) => frame.record(() => ops.scan(...(given as Parameters<typeof ops.scan>))) };
    },
    lenient: ["0"],
    lazy: true,
  },
  {
    name: "ops.ScanStream.step",
    open(w) {
      const self = w.own(new ops.ScanStream(cell, { h: w.tensor([3, 4]) }));
      self.step(w.tensor([3, 4]));
      return { args: [w.tensor([3, 4])], call: (...given) => self.step(...(given as [Tensor])), self };
    },
    lazy: true,
  },
  {
    name: "ops.loadOperators",
    open: (w) => ({ args: [w.rt, {}], call: (...given) => ops.loadOperators(...(given as Parameters<typeof ops.loadOperators>)) }),
  },
];
