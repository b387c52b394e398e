/** What stands at the side of a page: all documents in reading order; within the API reference, its entries with what each of them has. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

interface Item {
  readonly text: string;
  readonly link?: string;
  readonly collapsed?: boolean;
  readonly items?: Item[];
}

const group = (text: string, folder: string, entries: readonly [string, string][]): Item => ({
  text,
  items: entries.map(([name, file]) => ({ text: name, link: `/${folder}/${file}` })),
});

export const DOCUMENTS: Item[] = [
  group("Begin", "docs", [
    ["All pages", ""],
    ["Getting started", "getting-started"],
    ["Recipes", "recipes"],
    ["Coming from …", "coming-from"],
    ["From the notebook", "notebook"],
    ["Reference", "reference"],
    ["Every error", "errors"],
  ]),
  group("Models", "docs", [
    ["Models of your own", "own-models"],
    ["Cells", "cells"],
    ["Sequence to sequence", "sequence-to-sequence"],
    ["CTC", "ctc"],
    ["CRF", "crf"],
    ["Metrics of sequences", "sequence-metrics"],
  ]),
  group("Weights", "docs", [
    ["Bring your weights", "weights"],
    ["Keras and TensorFlow.js", "weights-keras"],
    ["To ONNX", "weights-onnx-export"],
    ["Weights in int8", "int8"],
  ]),
  group("Where it runs", "docs", [
    ["In a worker", "worker"],
    ["Many workers", "parallel"],
    ["Hosts and bundlers", "hosts"],
    ["Scaling", "scaling"],
  ]),
  group("Underneath", "docs", [
    ["How it is fast", "how-it-is-fast"],
    ["Numerics", "numerics"],
    ["Memory", "memory"],
    ["Notation", "notation"],
    ["Adding a cell", "adding-a-cell"],
  ]),
  group("Equations", "docs/math", [
    ["RNN", "rnn"],
    ["LSTM", "lstm"],
    ["GRU", "gru"],
    ["LSTMP", "lstmp"],
    ["minGRU", "min-gru"],
    ["minLSTM", "min-lstm"],
  ]),
];

/** At the side of the examples: they, by what they are of. */
export const EXAMPLES: Item[] = [
  { text: "Examples", items: [{ text: "All, with their results", link: "/examples/" }] },
  group("Text", "examples", [
    ["char-lstm", "char-lstm/"],
    ["names", "names/"],
    ["sentiment", "sentiment/"],
    ["translate", "translate/"],
    ["pronounce", "pronounce/"],
  ]),
  group("Sound", "examples", [
    ["vad", "vad/"],
    ["speech", "speech/"],
    ["music", "music/"],
  ]),
  group("Signals", "examples", [
    ["weather", "weather/"],
    ["volatility", "volatility/"],
    ["sensor-faults", "sensor-faults/"],
    ["dna", "dna/"],
    ["video", "video/"],
  ]),
  group("To learn from", "examples", [
    ["long-memory", "long-memory/"],
    ["copy-reversal", "copy-reversal/"],
    ["playground", "playground/"],
  ]),
  group("To serve", "examples", [
    ["server", "server/"],
    ["fleet", "fleet/"],
  ]),
];

const KINDS = { classes: "Classes", functions: "Functions", variables: "Variables", interfaces: "Interfaces", "type-aliases": "Types" };

/** The reference of `npm run docs`, in `folder`, by path: all entries of the package; of the one that the page is in also its kinds and their names. (All names on each page would be 150 MB.) */
export function apiTrees(folder: string): Record<string, Item[]> {
  const kindsOf = (path: string): Item[] =>
    Object.entries(KINDS)
      .filter(([kind]) => existsSync(join(folder, path, kind)))
      .map(([kind, text]) => ({
        text,
        collapsed: kind !== "classes" && kind !== "functions",
        items: readdirSync(join(folder, path, kind)).map((file) => {
          const name = file.replace(/\.md$/, "");
          return { text: name, link: `/docs/api/${path}/${kind}/${name}` };
        }),
      }));
  const within = (path: string) => readdirSync(join(folder, path)).map((name) => `${path}/${name}`);
  const isEntry = (path: string) => existsSync(join(folder, path, "index.md"));
  const entries = ["wasm-rnn", ...within("wasm-rnn").filter(isEntry), ...within("wasm-rnn/namespaces").filter(isEntry)];
  const treeAt = (here?: string): Item[] =>
    entries.map((path) => ({
      text: path.replace("/namespaces/", ": "),
      link: `/docs/api/${path}/`,
      ...(path === here && { items: kindsOf(path) }),
    }));
  return Object.fromEntries([["/docs/api/", treeAt()], ...entries.map((path) => [`/docs/api/${path}/`, treeAt(path)])]);
}
