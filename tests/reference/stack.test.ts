/** The naive stack against PyTorch: GRU in both forms, LSTM, MinGRU and MinLSTM, stacked, in both directions, without biases. */
import { expect, test } from "vitest";
import { loadMinCells, loadOptions, OPTIONS_DIGITS, type OptionsGolden } from "../golden/load.js";
import { expectClose, greatest, roundoff } from "../helpers/compare.js";
import { type StackKind, stackBackward, stackForward } from "./stack.js";

const KINDS: Record<OptionsGolden["kind"], StackKind> = { gru: "GRU", gru_before: "GRU, reset before", rnn: "RNN", lstm: "LSTM" };

const minKind = { gru: "MinGRU", lstm: "MinLSTM" } as const;

/** The twin knows tanh, and sequences of one length, time-major. */
const cases = [
  ...loadOptions().map((one) => ({ ...one, name: KINDS[one.kind] })),
  ...loadMinCells().map((one) => ({ ...one, name: `${minKind[one.kind]}${one.activation === "linear" ? "" : ", positive"}` as StackKind })),
].filter(({ options, lengths }) => lengths === null && !options.nonlinearity && !options.batch_first);

const close = (name: string, actual: ArrayLike<number>, expected: ArrayLike<number>) =>
  expectClose(name, actual, expected, 1e-9, OPTIONS_DIGITS * greatest(expected) + roundoff("f64", greatest(expected)));

test("each kind is there, stacked, in both directions and without biases", () => {
  // The goldens' plain RNNs are relu's: the twin of tanh stands beside PyTorch in reference.test.ts.
  const plain = ["GRU", "GRU, reset before", "LSTM"];
  expect(new Set(cases.map(({ name }) => name))).toEqual(new Set([...plain, "MinGRU", "MinGRU, positive", "MinLSTM", "MinLSTM, positive"]));
  for (const option of ["num_layers", "bidirectional"] as const) expect(cases.some(({ options }) => options[option])).toBe(true);
  expect(cases.some(({ options }) => options.bias === false)).toBe(true);
});

test.each(cases.map((one) => [`${one.name} ${JSON.stringify(one.options)} T ${one.T} N ${one.N}`, one] as const))("%s", (_, one) => {
  const { T, N, I, H, options, parameters, name: kind } = one;
  const layers = options.num_layers ?? 1;
  const stack = { kind, T, N, I, H, layers, bidirectional: options.bidirectional ?? false, parameters };
  const parts = ([h, c]: number[][]): Record<string, number[]> => (c === undefined ? { h } : { h, c });
  const twin = stackForward(stack, one.x, parts(one.states));
  close("output", twin.output, one.output);
  Object.values(twin.state).forEach((part, i) => {
    close(`state ${i}`, part, one.ends[i]);
  });
  const back = stackBackward(stack, twin, one.dOutput, parts(one.dEnds));
  close("dx", back.dX, one.dx);
  Object.values(back.dState).forEach((part, i) => {
    close(`dState ${i}`, part, one.dStates[i]);
  });
  expect(Object.keys(back.gradients).sort()).toEqual(Object.keys(one.gradients).sort());
  for (const [name, gradient] of Object.entries(one.gradients)) close(name, back.gradients[name], gradient);
});
