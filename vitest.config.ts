import { defineConfig, mergeConfig } from "vitest/config";

/** What is the same whichever build is under test: floors, both builds' operation counts, the bench, the examples over the package, files. */
const ANY_BUILD = [
  "architecture",
  "opcounts",
  "bench",
  "figures",
  "documents",
  "package",
  "bindings/char-lstm",
  "bindings/docs-snippets",
  "bindings/examples*",
  "bindings/server",
  ...[
    "hostile-files",
    "onnx-hostile",
    "keras-hostile",
    "weights-attacks",
    "pickle-bombs",
    "numpy-attacks",
    "checkpoint-doors",
    "cli",
    "load-weights",
    "safetensors*",
    "worker-*",
    "parallel*",
  ].map((name) => `bindings/${name}`),
  "bindings/killed",
].map((name) => `tests/${name}.test.ts`);

/** What starts programs and threads, sets what belongs to the whole process, or counts what is in memory: each file in a process of its own. */
const APART = [
  ...["*", "bindings/examples*", "bindings/worker*", "bindings/parallel*", "bindings/sweep*", "bindings/soundness*"],
  ...[
    ...["char-lstm", "cli", "docs-snippets", "generate-stream", "host", "impostors", "killed", "memory", "orphans", "pauses"],
    ...["server", "side-by-side", "terminal"],
  ].map((name) => `bindings/${name}`),
].map((name) => `tests/${name}.test.ts`);

const OF_OTHER_RUNNERS = [
  "tests/slow/**",
  "tests/browser/**",
  "tests/hosts/**",
  "tests/playground/**",
  "tests/fleet/**",
  "tests/peers/**",
  "**/node_modules/**",
];

/** What all runners share. */
export const base = defineConfig({
  oxc: { target: "es2022" }, // Node 20 has no `using`
  test: {
    testTimeout: 30_000,
    pool: "forks",
    maxWorkers: "100%", // one for each thread; by default one is left idle
  },
});

const exclude = [...OF_OTHER_RUNNERS, ...(process.env.WASM_RNN_BUILD === "relaxed" ? ANY_BUILD : [])];
export default mergeConfig(
  base,
  defineConfig({
    test: {
      projects: [
        // One file after another in the same process: a third of the time went into loading the same modules again.
        { extends: true, test: { name: "together", isolate: false, include: ["tests/**/*.test.ts"], exclude: [...exclude, ...APART] } },
        { extends: true, test: { name: "apart", include: APART, exclude } },
      ],
    },
  }),
);
