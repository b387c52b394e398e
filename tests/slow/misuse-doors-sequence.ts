/** Doors: metrics of sequences. */
import type { SampleArray } from "../../bindings/index.js";
import * as api from "../../bindings/sequence.js";
import type { Door } from "./misuse-judge.js";

// biome-ignore lint/suspicious/noExplicitAny: called with what does not fit
type Loose = any;

const prediction = (): SampleArray => ({ data: Float64Array.of(0, 1, 0, 1, 0, 0, 0, 0, 1), shape: [3, 3] });
const target = (): SampleArray => ({ data: Float64Array.of(1, 0, 2), shape: [3] });
const text = (tokens: readonly number[]) => tokens.join(" ");
const decode = ({ data }: SampleArray) => [...data].slice(0, 3);
const pairs = () => [
  { reference: "a b c", hypothesis: ["a", "c"] },
  { reference: [1, 2], hypothesis: Int32Array.of(1, 2, 3) },
];
const numbers = (report: object) =>
  Object.values(report).every((value) => typeof value === "number" || typeof value === "object") ? undefined : "no report";

/** A maker, its options, and the methods of what it makes. */
function doorsOf(
  name: string,
  { options, right, corpus, sums }: { options: object; right: object; corpus: () => object[]; sums: number[] },
): Door[] {
  const make = (given: object): Loose => (api as Loose)[name](given);
  return [
    { name, open: () => ({ args: [options], call: make }), lenient: ["0.decode", "0.text"] },
    {
      name: `${name}.of`,
      open: () => ({ args: [corpus()], call: (...args: unknown[]) => make(right).of(...args), faults: numbers }),
      lenient: ["reference", "references.0", "hypothesis"].flatMap((member) => [`0.0.${member}`, `0.1.${member}`]), // a text is as good as a list
    },
    {
      name: `${name}.count`,
      open: () => ({
        args: [prediction(), target()],
        call: (...args: unknown[]) => make(right).count(...args),
        faults: (counts: number[]) => (counts.every((count) => typeof count === "number") ? undefined : "no counts"),
      }),
      lenient: ["0.data", "1.shape"], // a NaN gives a NaN; nobody looks at the shape of a target
    },
    {
      name: `${name}.value`,
      open: () => ({
        args: [[...sums]],
        call: (...args: unknown[]) => make(right).value(...args),
        faults: (value: unknown) => (typeof value === "number" ? undefined : "no number"),
      }),
      lenient: ["0"], // NaN gives NaN
    },
  ];
}

const labels = ["O", "B-X", "I-X"];

export const sequenceDoors: readonly Door[] = [
  {
    name: "editDistance",
    open: () => ({
      args: [["a", "b"], "abc"],
      call: (...args) => api.editDistance(...(args as [Loose, Loose])),
      faults: ({ distance }: api.Edits) => (Number.isInteger(distance) && distance >= 0 ? undefined : "no distance"),
    }),
    lenient: ["0", "1"], // a text is as good as a list
  },
  ...doorsOf("characterErrorRate", {
    ...{ options: { decode, end: 3, ignoreIndex: 9, text }, right: {}, corpus: pairs, sums: [1, 1, 1, 1] },
  }),
  ...doorsOf("wordErrorRate", {
    ...{ options: { decode, end: 3, ignoreIndex: 9, separator: 1 }, right: { separator: 1 }, corpus: pairs, sums: [1, 1, 1, 1] },
  }),
  ...doorsOf("phoneErrorRate", {
    ...{ options: { decode, end: 3, ignoreIndex: 9 }, right: { end: 2 }, corpus: pairs, sums: [1, 1, 1, 1] },
  }),
  ...doorsOf("spanF1", {
    options: { decode, ignoreIndex: 9, labels },
    right: { labels },
    corpus: () => [{ reference: ["O", "B-X"], hypothesis: ["B-X", "I-X"] }],
    sums: [1, 2, 3],
  }),
  ...doorsOf("bleu", {
    options: { decode, end: 3, ignoreIndex: 9, text, order: 2, smoothing: "epsilon" },
    right: { order: 2 },
    corpus: () => pairs().map(({ reference, hypothesis }) => ({ references: [reference], hypothesis })),
    sums: [3, 2, 4, 3, 4, 4],
  }),
  ...doorsOf("chrf", {
    ...{ options: { decode, end: 3, ignoreIndex: 9, text, order: 2, beta: 2 }, right: { text }, corpus: pairs, sums: [1, 2] },
  }),
];
