/** Doors: the teaching notebook's functions. */
import { loadNotebook, type NdArray, type Notebook } from "../../bindings/notebook.js";
import type { Door } from "./misuse-judge.js";
import type { World } from "./misuse-world.js";

// biome-ignore lint/suspicious/noExplicitAny: called with what does not fit
type Loose = any;

const [NX, M, T, NA, NY] = [3, 2, 3, 2, 2];

function rightArgs(nb: Notebook) {
  const array = (...shape: number[]): NdArray => {
    const size = shape.reduce((a, b) => a * b, 1);
    return nb.array(
      shape,
      Array.from({ length: size }, (_, i) => Math.sin(i + 1)),
    );
  };
  const rnn = { Wax: array(NA, NX), Waa: array(NA, NA), Wya: array(NY, NA), ba: array(NA, 1), by: array(NY, 1) };
  const gates = Object.fromEntries(
    ["f", "i", "c", "o"].flatMap((g) => [
      [`W${g}`, array(NA, NA + NX)],
      [`b${g}`, array(NA, 1)],
    ]),
  );
  const lstm: Loose = { ...gates, Wy: array(NY, NA), by: array(NY, 1) };
  const [xt, x, a0, c0, da] = [array(NX, M), array(NX, M, T), array(NA, M), array(NA, M), array(NA, M, T)];
  return {
    array: [
      [2, 3],
      [1, 2, 3, 4, 5, 6],
    ],
    sigmoid: [a0],
    softmax: [a0],
    rnnCellForward: [xt, a0, rnn],
    rnnForward: [x, a0, rnn],
    lstmCellForward: [xt, a0, c0, lstm],
    lstmForward: [x, a0, lstm],
    rnnCellBackward: [a0, nb.rnnCellForward(xt, a0, rnn).cache],
    rnnBackward: [da, nb.rnnForward(x, a0, rnn).caches],
    lstmCellBackward: [a0, c0, nb.lstmCellForward(xt, a0, c0, lstm).cache],
    lstmBackward: [da, nb.lstmForward(x, a0, lstm).caches],
  };
}

/** The notebook has a runtime of its own: its bytes are looked at here. */
export async function notebookDoors(): Promise<{ doors: readonly Door[]; nb: Notebook }> {
  const nb = await loadNotebook();
  const args: Record<string, readonly unknown[]> = rightArgs(nb);
  const doors = Object.keys(args).map(
    (name): Door => ({
      name: `Notebook.${name}`,
      open: () => ({ args: args[name] as unknown[], call: (...given) => (nb as Loose)[name](...given) }),
      lenient: name.endsWith("Backward") ? ["1.1"] : [],
    }),
  );
  const load: Door = {
    name: "loadNotebook",
    open: (_: World) => ({ args: [{ dtype: "f64", build: "baseline" }], call: (...given) => loadNotebook(...given) }),
  };
  return { doors: [load, ...doors], nb };
}
