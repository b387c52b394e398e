/** The floors of the house: what may import what, and who may name what. */
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { SEQUENCE_FIELDS } from "../bindings/generated/kernels.js";
import { filesBelow } from "../scripts/files-below.js";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Lowest first. A file imports only from floors below its own; files on one floor do not know each other. */
const ASSEMBLY = [
  ["vec"],
  ["vec_panel", "vec_wide", "vec_int8"],
  ["vec_mask", "int8_rows"],
  ["blocks", "constants", "flush", "blas", "layout", "lengths", "fingerprint"],
  ["math", "rows"],
  ["math_arrays", "log1p", "scaled", "tiles", "pack"],
  ["row_tiles", "int8_tiles"],
  ["gemm", "int8_product"],
  ["gemm_tn", "product", "int8_pack"],
  ["cells/min_state"],
  ["cells/*"],
  [
    "sequence/shared",
    "heads/softmax",
    "moments",
    "ops/move",
    "ops/grid",
    "ops/erf",
    "ops/attention_rows",
    "ops/conv_plan",
    "ops/conv_tiles",
  ],
  ["ops/unary", "heads/crf_scores"],
  ["heads/crf_lattice"],
  ["sequence/*", "heads/*", "ops/*", "optim"],
  ["sequence/loop"],
  ["index", "operators", "sequence_learning", "more_cells", "int8_kernels"],
];

const BINDINGS = [
  ["errors", "orphans", "heir", "builds", "lease", "foreign-packages.d", "generated/kernels", "generated/binaries/*"],
  ["generated/operators", "generated/sequence-learning", "generated/more-cells", "generated/int8"],
  ["dispose", "host", "unpack"],
  ["checks", "memory", "binaries", "inline-binaries", "difference"],
  ["wasm", "buffers", "random", "signal", "by-name"],
  ["json"],
  ["tensor"],
  ["fits", "layout", "runtime-options", "graph/arena", "graph/slots", "graph/view"],
  ["graph/node"],
  ["kernels"],
  ["runtime"],
  ["parameters", "named-buffers", "io/foreign-files", "io/half", "io/byte-source", "io/zip", "io/hdf5/cursor"],
  ["io/elements", "io/hdf5/messages"],
  ["io/safetensors-header", "io/hdf5/groups", "io/strided"],
  ["io/hdf5/hdf5"],
  ["io/safetensors"],
  ["state-dict"],
  ["layers/recurrent/row-order", "layers/live-view", "layers/recurrent/cell-kind"],
  ["layers/tape", "layers/recurrent/packed", "layers/doors", "layers/stream-rows", "graph/backward"],
  ["graph/frame"],
  ["layers/passes"],
  ["layers/parametric"],
  ["layers/layer"],
  ["layers/recurrent/descriptors", "layers/recurrent/row-mover", "checkable"],
  ["layers/recurrent/core", "layers/recurrent/stream-cells", "layers/stream-parts", "optim/stretch", "optim/moments", "optim/bytes"],
  ["optim/state"],
  [
    "layers/recurrent/forward",
    "layers/recurrent/backward",
    "layers/recurrent/options",
    "layers/row-stream",
    "losses/loss",
    "losses/weights",
    "optim/optimizer",
  ],
  ["optim/schedules/steering"],
  ["optim/schedules/schedule"],
  [
    "layers/recurrent/parts",
    "layers/recurrent/construction",
    "layers/recurrent/stream",
    "losses/*",
    "optim/schedules/step",
    "optim/schedules/cosine",
    "optim/schedules/linear",
  ],
  ["optim/schedules/one-cycle", "optim/schedules/sequential", "optim/schedules/plateau"],
  ["optim/schedules/index"],
  ["optim/*"],
  ["layers/recurrent/recurrent", "layers/dense", "layers/embedding"],
  ["layers/*"],
  ["ops/strides", "ops/binaries", "ops/operands"],
  ["ops/load", "ops/regions", "ops/products"],
  ["ops/operator"],
  ["ops/movement"],
  ["ops/move", "ops/constant", "ops/single", "ops/broadcast", "ops/planes"],
  ["ops/grids"],
  ["ops/axes"],
  ["ops/*"],
  ["ops/scan"],
  ["ops/scan-stream"],
  ["notebook/types", "notebook/arrays", "notebook/recorded"],
  ["notebook/types", "notebook/arrays", "orthonormal"],
  ["notebook/rnn", "notebook/lstm", "io/file", "model-stream", "gradcheck", "init", "sampling", "padding"],
  ["notebook/outputs"],
  ["notebook/functions"],
  ["series/table"],
  ["series/fitted"],
  ["series/scaler"],
  ["summary", "weights", "series/windows"],
  ["io/checkpoint", "model", "series/scalers"],
  ["sequential"],
  ["load-model", "load-weights"],
  ["prompt", "training/pause"],
  [
    "generate",
    "beam-search",
    "training/sample",
    "training/source",
    "training/non-finite",
    "training/modes",
    "training/trained",
    "training/trainable",
  ],
  ["training/errors-of-numbers", "training/own-metrics"],
  ["training/metrics", "training/data"],
  ["training/fit-options"],
  ["training/batch", "training/run-schema", "training/held-out", "training/doors", "training/aside"],
  ["training/targets", "training/rows"],
  ["training/explain", "training/count"],
  ["training/scores", "training/metric-doors"],
  ["training/saved-run", "training/measure", "training/predict"],
  ["training/settings"],
  ["training/run"],
  ["training/save", "training/step", "training/rewind"],
  ["training/resume", "training/epoch"],
  ["training/fit", "terminal/text"],
  ["terminal/curve", "terminal/lines"],
  ["cells/recurrent-cell"],
  ["cells/hidden-cell"],
  ["cells/scan/operators", "cells/scan/rows"],
  ["cells/scan/pass", "cells/scan/own-recording"],
  ["cells/scan/cell"],
  ["cells/scan/stack", "cells/scan/gates", "cells/scan/activations", "cells/scan/recurrent-dropout"],
  ["cells/scan/stream"],
  ["cells/scan/scan-layer"],
  ["cells/scan/layer-norm-lstm"],
  ["cells/minimal"],
  ["cells/*"],
  ["sequence/constraints", "sequence/emissions", "sequence/attend", "sequence/attention-inputs", "sequence/parts"],
  ["sequence/crf-paths"],
  ["sequence/crf", "sequence/attending"],
  ["sequence/attention", "sequence/recurrent-encoder", "sequence/scheduled-sampling"],
  ["sequence/seq2seq-options"],
  ["sequence/seq2seq-decoder", "sequence/seq2seq-data"],
  ["sequence/seq2seq-session", "sequence/seq2seq-layers"],
  ["sequence/seq2seq-draw"],
  ["sequence/seq2seq-beam"],
  ["sequence/ctc-frames", "sequence/ctc-prefix"],
  ["sequence/tokens", "sequence/ngrams"],
  ["sequence/decoding", "sequence/edit-distance"],
  ["sequence/text", "sequence/metric"],
  ["sequence/*"],
  ["onnx/element-types", "onnx/proto-fields", "onnx/proto-values"],
  ["onnx/constant", "onnx/raw", "onnx/proto-tensor"],
  ["onnx/proto"],
  ["onnx/node", "onnx/shaped"],
  ["onnx/recurrent-node"],
  ["onnx/graph", "onnx/operator", "onnx/pieces", "onnx/port"],
  ["onnx/fuse"],
  ["onnx/uploads", "onnx/budget"],
  ["onnx/folded"],
  ["onnx/names", "onnx/values", "onnx/faults", "onnx/rows-by-index", "onnx/recurrent-run"],
  ["onnx/moves", "onnx/packed", "onnx/epilogue", "onnx/by-element"],
  ["onnx/fold/regions", "onnx/fold/elementwise", "onnx/fold/windows"],
  ["onnx/fold/convolution", "onnx/fold/products"],
  ["onnx/fold/*"],
  ["onnx/packed-rows"],
  ["onnx/ops/common"],
  ["onnx/ops/arithmetic", "onnx/ops/fused", "onnx/ops/normalization", "onnx/ops/places", "onnx/ops/transposed-convolution"],
  ["onnx/ops/*"],
  ["onnx/operators"],
  ["onnx/refusals"],
  ["onnx/layout"],
  ["onnx/plan"],
  ["onnx/stream"],
  ["onnx/session"],
  ["onnx/load"],
  ["numpy/npy", "pytorch/values"],
  ["numpy/npz", "pytorch/globals", "pytorch/machine"],
  ["pytorch/pickle", "pytorch/tensors"],
  ["pytorch/load"],
  ["keras/plan", "keras/activations", "keras/json-text"],
  ["keras/builder"],
  ["keras/config", "keras/operations", "keras/source", "keras/topology", "keras/tfjs-weights", "keras/masks"],
  ["keras/recurrent", "keras/layers", "keras/parts", "keras/h5", "keras/archive"],
  ["keras/time-layers", "keras/merge-layers", "keras/keras-model"],
  ["keras/registry", "keras/classes"],
  ["keras/convert"],
  ["keras/tfjs"],
  ["keras/load-keras"],
  ["int8/binaries"],
  ["int8/load"],
  ["int8/grid"],
  ["int8/quantize", "int8/save"],
  ["inspect/formats", "inspect/network", "inspect/shapes"],
  ["inspect/*"],
  ["onnx/export/messages", "onnx/export/numbers"],
  ["onnx/export/graph"],
  ["onnx/export/place"],
  ["onnx/export/recurrent", "onnx/export/layers", "onnx/export/pools", "onnx/export/kind"],
  ["onnx/export/cells"],
  ["onnx/export/kinds"],
  ["onnx/export/export"],
  ["notebook", "index", "terminal", "ops", "sequence", "cells", "onnx", "pytorch", "numpy", "keras", "inspect", "int8"],
  ["worker/known-errors", "worker/moving", "worker/run", "worker/relay", "worker/scalers", "worker/stream-calls"],
  ["worker/parcels", "worker/packed-errors", "worker/library"],
  ["worker/wire"],
  ["worker/descriptions", "worker/connection"],
  ["worker/start", "worker/build", "worker/remote"],
  ["worker/stream"],
  ["worker/model"],
  ["worker/runtime", "worker/session"],
  ["worker/calls", "worker/generation", "worker/serve"],
  ["worker", "worker-thread"],
  ["parallel/host", "parallel/wire", "parallel/sections", "parallel/space"],
  ["parallel/setup", "parallel/threads", "parallel/replica", "parallel/reduce", "parallel/part-metrics"],
  ["parallel/page-workers", "parallel/compute"],
  ["parallel/pool", "parallel/work"],
  ["parallel/travel", "parallel/trials"],
  ["parallel/learn", "parallel/predict", "parallel/sweep"],
  ["parallel/fit", "parallel/folds"],
  ["parallel", "parallel-thread"],
  ["cli/command-error", "cli/table"],
  ["cli/files", "cli/shards"],
  ["cli/arrays"],
  ["cli/*"],
  ["cli"],
  ["cjs"],
];

/** Files of assembly/ whose exports are those of a binary. */
const ABI = ["index.ts", "operators.ts", "sequence_learning.ts", "more_cells.ts", "int8_kernels.ts"];

/** Neighbours that know each other on purpose. */
const NEIGHBOURS = new Set(["notebook/lstm → notebook/rnn", "notebook/types → notebook/arrays"]);

/** The rules' limits, in lines. */
const FILE_LIMIT = 250;
const FUNCTION_LIMIT = 60;

/** Files of assembly/ whose spec is that of their only users: what is named here is called by a kernel that has one. */
const SEEN_THROUGH_OTHERS = [
  "cells/min_state.ts",
  "constants.ts",
  "index.ts",
  "int8_kernels.ts",
  "math.ts",
  "moments.ts",
  "more_cells.ts",
  "operators.ts",
  "ops/conv_plan.ts",
  "ops/conv_tiles.ts",
  "ops/erf.ts",
  "product.ts",
  "sequence/gru.ts",
  "sequence/lstm.ts",
  "sequence/lstmp.ts",
  "sequence/rnn.ts",
  "sequence/shared.ts",
  "sequence_learning.ts",
];

/** Files below a folder, relative to it. */
function filesIn(folder: string, pattern = /\.ts$/): string[] {
  return filesBelow(join(root, folder))
    .filter((path) => pattern.test(path))
    .sort();
}

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** Without comments. Good enough for sources that hold no comment marks in strings. */
function codeOf(path: string): string {
  return read(path)
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/(^|\s)\/\/.*$/gm, "$1");
}

/** What a file imports or re-exports, types too. */
function importsOf(path: string): string[] {
  return [...codeOf(path).matchAll(/\bfrom\s+"([^"]+)"|\bimport\s+"([^"]+)"|(?<!typeof )\bimport\(\s*"([^"]+)"\s*\)/g)].map(
    (match) => match[1] ?? match[2] ?? match[3],
  );
}

/** The floor of a module such as "layers/dense"; a name goes before a pattern, an early pattern before a later one. */
function floorOf(floors: string[][], module: string): number {
  const exact = floors.findIndex((floor) => floor.includes(module));
  if (exact >= 0) return exact;
  return floors.findIndex((floor) => floor.some((entry) => entry.endsWith("*") && module.startsWith(entry.slice(0, -1))));
}

/** Functions with a body and their lines. AssemblyScript parses as TypeScript does. */
function functionsOf(path: string): { name: string; lines: number }[] {
  const source = ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true);
  const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line;
  const found: { name: string; lines: number }[] = [];
  (function visit(node: ts.Node): void {
    if (ts.isFunctionLike(node) && "body" in node && node.body) {
      found.push({ name: node.name?.getText(source) ?? "a function", lines: lineOf(node.end) - lineOf(node.getStart(source)) + 1 });
    }
    ts.forEachChild(node, visit);
  })(source);
  return found;
}

/** What is longer than the rules say, such as "assembly/vec.ts: 327 lines". */
function tooLong(path: string): string[] {
  const lines = read(path).trimEnd().split("\n").length;
  const functions = functionsOf(path).filter((each) => each.lines > FUNCTION_LIMIT);
  return [
    ...(lines > FILE_LIMIT ? [`${path}: ${lines} lines`] : []),
    ...functions.map(({ name, lines }) => `${path}: ${name} has ${lines} lines`),
  ];
}

interface Import {
  from: string;
  to: string;
}

/** Imports between the files of a folder, as module names. */
function edges(folder: string): Import[] {
  return filesIn(folder).flatMap((file) => {
    const from = file.replace(/\.ts$/, "");
    return importsOf(join(folder, file))
      .filter((target) => target.startsWith("."))
      .map((target) => ({ from, to: relative(folder, join(folder, dirname(file), target)).replace(/\.(js|ts)$/, "") }));
  });
}

function climbs(folder: string, floors: string[][]): string[] {
  return edges(folder)
    .filter(({ from, to }) => !to.endsWith(".wasm") && floorOf(floors, to) >= floorOf(floors, from))
    .map(({ from, to }) => `${from} → ${to}`)
    .filter((edge) => !NEIGHBOURS.has(edge));
}

describe.each([
  ["assembly", ASSEMBLY],
  ["bindings", BINDINGS],
] as const)("%s", (folder, floors) => {
  test("every file has a floor", () => {
    const homeless = filesIn(folder).filter((file) => floorOf(floors as string[][], file.replace(/\.ts$/, "")) < 0);
    expect(homeless).toEqual([]);
  });

  test("a file imports only from lower floors", () => {
    expect(edges(folder).length).toBeGreaterThan(20);
    expect(climbs(folder, floors as string[][])).toEqual([]);
  });

  test("imports stay on their side", () => {
    const outside = edges(folder).filter(({ to }) => to.startsWith("..") && !to.endsWith(".wasm"));
    expect(outside).toEqual([]);
  });

  test(`files hold at most ${FILE_LIMIT} lines, functions ${FUNCTION_LIMIT}`, () => {
    const paths = filesIn(folder).filter((file) => !file.startsWith("generated/"));
    expect(paths.flatMap((file) => functionsOf(`${folder}/${file}`)).length).toBeGreaterThan(100); // the parser reads them
    expect(paths.flatMap((file) => tooLong(`${folder}/${file}`))).toEqual([]);
  });
});

describe("assembly", () => {
  const files = filesIn("assembly");

  test("cells know no product", () => {
    const products = edges("assembly").filter(({ from, to }) => from.startsWith("cells/") && /gemm|tiles|pack|sequence/.test(to));
    expect(products).toEqual([]);
  });

  test("only vec.ts and its neighbours name vector built-ins", () => {
    const builtin = /\b(v128|[if](8x16|16x8|32x4|64x2))\s*[.(<]/;
    const naming = files.filter((file) => builtin.test(codeOf(join("assembly", file))));
    expect(naming).toEqual(["vec.ts", "vec_int8.ts", "vec_mask.ts", "vec_panel.ts", "vec_wide.ts"]);
  });

  test("no module holds state: constants only", () => {
    const mutable = files.flatMap((file) => codeOf(join("assembly", file)).match(/^(export\s+)?(let|var)\b.*$/gm) ?? []);
    expect(mutable).toEqual([]);
  });

  test("no kernel allocates", () => {
    const calls = /\b(new\s+\w|heap\.|__new\b|StaticArray|memory\.data)/;
    const constants = /^const \w+ = memory\.data</gm; // part of the binary
    const allocating = files.filter((file) => calls.test(codeOf(join("assembly", file)).replace(constants, "")));
    expect(allocating).toEqual([]);
  });

  test("the fields of Sequence are words, and the bindings know them in the class's order", () => {
    const source = ts.createSourceFile("layout.ts", read("assembly/layout.ts"), ts.ScriptTarget.Latest, true);
    const sequence = source.statements.find((each) => ts.isClassDeclaration(each) && each.name?.text === "Sequence");
    const fields = (sequence as ts.ClassDeclaration).members.map((member) => member.name?.getText(source));
    const types = (sequence as ts.ClassDeclaration).members.map((member) => (member as ts.PropertyDeclaration).type?.getText(source));
    expect(fields.length).toBeGreaterThan(40);
    expect(new Set(types)).toEqual(new Set(["i32", "u32", "usize"]));
    expect(SEQUENCE_FIELDS).toEqual(fields);
  });

  test("every kernel has a spec that calls it, every other file one that imports it", () => {
    const specs = filesIn("tests/assembly").map((file) => codeOf(join("tests/assembly", file)));
    const called = (kernel: string) => specs.some((code) => new RegExp(`\\b${kernel}(<[\\w, ]+>)?\\(`).test(code));
    const imports = ABI.flatMap((file) => [...codeOf(`assembly/${file}`).matchAll(/^import \{ (.*) \} from/gm)]).flatMap(([, names]) =>
      names.split(", "),
    );
    const kernels = imports.map((name) => name.replace(/ as .*/, "")).filter((name) => name !== "Sequence");
    expect(kernels.length).toBeGreaterThan(40);
    expect(kernels.filter((kernel) => !called(kernel))).toEqual([]);
    const imported = filesIn("tests/assembly").flatMap((file) => importsOf(join("tests/assembly", file)));
    const unseen = files.filter((file) => !imported.includes(`../../assembly/${file.replace(/\.ts$/, "")}`));
    expect(unseen).toEqual(SEEN_THROUGH_OTHERS);
  });

  test.each(ABI)("%s holds one-line exports, offsets and which build it is, nothing else", (file) => {
    const line = /^(import .*;|export function \w+\(.*\): \w+ \{ .*; \}|export const \w+: i32 = (offsetof|i32\(ASC_).*;)$/;
    const lines = codeOf(`assembly/${file}`)
      .split("\n")
      .filter((line) => line.trim() !== "");
    expect(lines.filter((text) => !line.test(text))).toEqual([]);
  });
});

describe("bindings", () => {
  test("only the files that load binaries name them", () => {
    const naming = filesIn("bindings").filter((file) => /\.wasm\b/.test(codeOf(join("bindings", file))));
    expect(naming.sort()).toEqual(["binaries.ts", "int8/binaries.ts", "ops/binaries.ts"]);
  });

  test("only kernels.ts and wasm.ts read exports of a binary", () => {
    const reading = filesIn("bindings").filter((file) => /\bexports\s*[.[]/.test(codeOf(join("bindings", file))));
    const known = ["kernels.ts", "int8/load.ts", "ops/load.ts", "runtime.ts", "wasm.ts"]; // runtime.ts hands them to kernels.ts, and takes check_tokens
    expect(reading.filter((file) => !known.includes(file))).toEqual([]);
  });

  test("the only foreign packages are those that the bundle takes in", () => {
    const foreign = new Set(
      filesIn("bindings")
        .filter((file) => !/^(terminal|cli)\b/.test(file)) // entries of their own, for Node
        .flatMap((file) => importsOf(join("bindings", file)).filter((target) => !target.startsWith("."))),
    );
    expect([...foreign].sort()).toEqual([
      "@bufbuild/protobuf/wire",
      "@noble/hashes/sha2",
      "@noble/hashes/utils",
      "fflate",
      "pure-rand/generator/xoroshiro128plus",
      "valibot",
      "wasm-feature-detect",
    ]);
  });
});

describe("the rest", () => {
  test("the reference imports nothing but itself", () => {
    const files = filesIn("tests/reference").filter((file) => !file.endsWith(".test.ts"));
    const foreign = files.flatMap((file) => importsOf(join("tests/reference", file)).filter((target) => !/^\.\/[\w-]+\.js$/.test(target)));
    expect(files.length).toBeGreaterThan(0);
    expect(foreign).toEqual([]);
  });

  test("the package depends on nothing at run time", () => {
    const manifest = JSON.parse(read("package.json"));
    expect(Object.keys(manifest.dependencies ?? {})).toEqual([]);
    expect(Object.keys(manifest.peerDependencies)).toEqual(["piscina"]); // of wasm-rnn/parallel alone, in Node (docs/adr/0009)
    expect(manifest.peerDependenciesMeta).toEqual({ piscina: { optional: true } });
    expect(Object.keys(manifest.optionalDependencies ?? {})).toEqual([]);
  });

  test("examples use the package by its name", () => {
    const files = filesIn("examples", /\.(js|ts|mjs)$/).filter((file) => !/node_modules|^playground\/(dist|public)\//.test(file)); // what is built is not ours
    const reaching = files.filter((file) =>
      importsOf(join("examples", file)).some((target) => /\/(bindings|dist|build|assembly)\//.test(target)),
    );
    expect(reaching).toEqual([]);
  });
});
