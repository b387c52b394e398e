/** Doors: arrays in files of NumPy and PyTorch. */
import { loadNpy, loadNpz, saveNpy, saveNpz } from "../../bindings/numpy.js";
import { loadPyTorch } from "../../bindings/pytorch.js";
import { legacy, op, program, tensor } from "../helpers/pickles.js";
import type { Door } from "./misuse-judge.js";

// biome-ignore lint/suspicious/noExplicitAny: called with what does not fit
type Loose = any;

const array = () => ({ shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) });
const ints = () => ({ shape: [2], data: Int32Array.of(1, -2) });

export const fileDoors: Door[] = [
  { name: "loadNpy", open: () => ({ args: [saveNpy(array())], call: (...args) => (loadNpy as Loose)(...args) }) },
  { name: "saveNpy", open: () => ({ args: [array(), { dtype: "F16" }], call: (...args) => (saveNpy as Loose)(...args) }) },
  { name: "loadNpz", open: () => ({ args: [saveNpz({ a: array() })], call: (...args) => (loadNpz as Loose)(...args) }) },
  { name: "saveNpz", open: () => ({ args: [{ a: array(), b: ints() }], call: (...args) => (saveNpz as Loose)(...args) }) },
  {
    name: "loadPyTorch",
    open() {
      const made = program([op.dict, op.text("m"), op.dict, op.text("w"), tensor("a", 2, [2], [1]), op.setItem, op.setItem]);
      return { args: [legacy(made, { a: [1, 2] }), { key: "m" }], call: (...args) => (loadPyTorch as Loose)(...args) };
    },
  },
];
