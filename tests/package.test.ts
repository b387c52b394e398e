/** The package as people get it: packed, installed in an empty folder, run and type-checked there. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type InstalledPackage, installPackage, ROOT } from "./helpers/package.js";

let installed: InstalledPackage;
beforeAll(() => {
  installed = installPackage();
}, 120_000);
afterAll(() => installed?.dispose());

/** Runs a module in the consumer's folder on this Node; its output. */
function run(name: string, source: string, flags: readonly string[] = []): string {
  writeFileSync(join(installed.folder, name), source);
  return execFileSync(process.execPath, [...flags, name], {
    cwd: installed.folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** The code blocks of the README that a comment `<!-- example: name -->` marks; those of docs/ are run by tests/bindings/docs-snippets.test.ts. */
function examples(): [string, string][] {
  const text = readFileSync(join(ROOT, "README.md"), "utf8");
  return [...text.matchAll(/<!-- example: ([\w-]+) -->\s*```js\n([\s\S]*?)```/g)].map(([, name = "", code = ""]) => [name, code]);
}

/** Bytes of the tarball: bundles twice (for import and for require), binaries twice (as files and as modules), types twice, the API reference, examples. */
const MOST_PACKED = 2500 * 1024; // 60 KB of it the pictures of the examples, 100 KB int8, several workers and fleet, 250 KB of it importers and exporters of other formats, 60 KB of it music, dna, video and volatility, 40 KB the pictures' kernels, 110 KB the four programs speech, translate, pronounce and names, 45 KB pages to learn from, 130 KB pictures of the playground, 30 KB those of the examples

/** Where the relative links of a document lead, code blocks left out. */
function linksOf(file: string): string[] {
  const text = readFileSync(join(installed.folder, "node_modules/wasm-rnn", file), "utf8").replace(/```[\s\S]*?```/g, "");
  const links = [...text.matchAll(/\]\(([^)\s]+)\)|<(?:img|a)\b[^>]*?\b(?:src|href)="([^"]+)"/g)].map(([, link, tag]) => link ?? tag ?? "");
  return links
    .filter((link) => !/^([a-z]+:|#)/.test(link))
    .map((link) => posix.join(posix.dirname(file), link.replace(/#.*/, "")).replace(/\/$/, ""));
}

describe("the tarball", () => {
  test("holds the bundles, their types, the binaries, the documents and the examples, and nothing else", () => {
    const { files, packed, unpacked } = installed;
    console.log(`${files.length} files, ${(packed / 1024).toFixed(1)} KB packed, ${(unpacked / 1024).toFixed(1)} KB unpacked`);
    const expected = [
      /^(package\.json|README\.md|LICENSE|NOTICE|CHANGELOG\.md|CONTRIBUTING\.md|bench\/README\.md)$/,
      /^dist\/((binaries|cjs)\/)?[\w-]+\.js$|^dist\/cjs\/package\.json$|^dist\/(cjs\/)?types\/[\w/-]+\.d\.ts$/,
      /^build\/(debug|(baseline|relaxed)(-ops)?(-f32)?|(baseline|relaxed)-int8)\.wasm$|^docs\/[\w/-]+\.md$|^docs\/pictures\/[\w-]+\.(svg|png)$|^examples\/README\.md$|^examples\/[\w-]+\/picture\.svg$|^examples\/[\w-]+\/[\w-]+(\.d)?\.(ts|md)$/,
    ];
    expect(files.filter((file) => !expected.some((pattern) => pattern.test(file)))).toEqual([]);
    for (const file of [
      "README.md",
      "LICENSE",
      "NOTICE",
      "dist/index.js",
      "dist/cjs/index.js",
      "docs/api/README.md",
      "build/relaxed-f32.wasm",
    ]) {
      expect(files).toContain(file);
    }
    expect(packed).toBeLessThan(MOST_PACKED);
  });

  test("every relative link of its documents leads to a file or a folder in it", () => {
    const documents = installed.files.filter((file) => file.endsWith(".md"));
    const dead = documents.flatMap((file) =>
      linksOf(file).filter((target) => !installed.files.some((each) => each === target || each.startsWith(`${target}/`))),
    );
    expect(documents.length).toBeGreaterThan(100);
    expect(dead).toEqual([]);
  });

  test("every entry of package.json leads to a file in it", () => {
    const manifest = JSON.parse(readFileSync(join(installed.folder, "node_modules/wasm-rnn/package.json"), "utf8"));
    const leaves = (entry: unknown): string[] => (typeof entry === "string" ? [entry] : Object.values(entry as object).flatMap(leaves));
    const targets = leaves(manifest.exports);
    const missing = [manifest.main, manifest.types, ...targets]
      .map((target) => target.replace(/^\.\//, ""))
      .filter((target) => !target.includes("*") && !installed.files.includes(target));
    expect(missing).toEqual([]);
  });
});

describe("the installed package, in Node", () => {
  test.each(["wasm-rnn", "wasm-rnn/inline"])("%s: a layer runs", (entry) => {
    const source = `
      import { createRuntime, LSTM } from ${JSON.stringify(entry)};
      const rt = await createRuntime({ build: "baseline" });
      const lstm = new LSTM(rt, { inputSize: 2, hiddenSize: 3 });
      const { output } = lstm.forward(rt.tensor([1, 2, 3, 4], [2, 2]));
      console.log(rt.build, output.shape.join(), output.toArray().every(Number.isFinite));`;
    expect(run("layer.mjs", source)).toBe("baseline 2,3 true\n");
  });

  test.each([
    ["as this Node does it", []],
    ["without require() of ES modules", ["--no-experimental-require-module"]],
  ])("required, %s", (_, flags) => {
    const source = `
      const { createRuntime, LSTM } = require("wasm-rnn");
      const { loadNotebook } = require("wasm-rnn/notebook");
      const { terminalReporter } = require("wasm-rnn/terminal");
      const worker = require("wasm-rnn/worker");
      (async () => {
        const [rt, nb] = [await createRuntime({ build: "baseline" }), await loadNotebook()];
        const { output } = new LSTM(rt, { inputSize: 2, hiddenSize: 3 }).forward(rt.zeros([2, 2]));
        console.log(rt.build, output.shape.join(), nb.sigmoid(nb.array([1, 1], [0])).data[0], typeof terminalReporter);
        console.log((await createRuntime({ build: "debug" })).build);
        const away = await worker.createRuntime({ build: "baseline" });
        console.log(await away.sequential({ a: ["LSTM", {}] }).catch((error) => error instanceof worker.ArgumentError));
        await away[Symbol.asyncDispose]();
      })();`;
    expect(run("required.cjs", source, flags)).toBe("baseline 2,3 0.5 function\ndebug\ntrue\n");
  });

  test("required by a script that is compiled by hand, as test runners do: there is no import(); errors of all entries are of one class", () => {
    const source = `
      const { createRequire } = require("node:module");
      const { readFileSync } = require("node:fs");
      const { dirname } = require("node:path");
      const { Script } = require("node:vm");
      const modules = {};
      const load = (name, from) => {
        const file = createRequire(from).resolve(name);
        if (!file.includes("wasm-rnn/dist/cjs/")) return require(name);
        if (modules[file]) return modules[file].exports;
        const module = (modules[file] = { exports: {} });
        const run = new Script("(function (exports, require, module, __filename, __dirname) {" + readFileSync(file, "utf8") + "\\n})").runInThisContext();
        run(module.exports, (inner) => load(inner, file), module, file, dirname(file));
        return module.exports;
      };
      const { createRuntime, ArgumentError } = load("wasm-rnn", __filename);
      const worker = load("wasm-rnn/worker", __filename);
      (async () => {
        const rt = await createRuntime({ build: "baseline" });
        const refusal = await worker.createRuntime({ build: "fast" }).catch((error) => error);
        console.log(rt.build, refusal instanceof ArgumentError);
      })();`;
    expect(run("by-hand.cjs", source, ["--no-experimental-require-module"])).toBe("baseline true\n");
  });

  test("wasm-rnn/notebook: a function runs", () => {
    const source = `
      import { loadNotebook } from "wasm-rnn/notebook";
      const nb = await loadNotebook();
      console.log(nb.sigmoid(nb.array([1, 1], [0])).data[0]);`;
    expect(run("notebook.mjs", source)).toBe("0.5\n");
  });

  test("wasm-rnn/terminal: a reporter writes a line for each epoch, and the curve", () => {
    const source = `
      import { terminalReporter } from "wasm-rnn/terminal";
      const { onEpoch, onEnd } = terminalReporter({ title: "T" });
      for (const epoch of [1, 2, 3]) onEpoch({ epoch, loss: 1 / epoch, lr: 0.1, accuracy: 0.5 });
      onEnd();`;
    const output = stripVTControlCharacters(run("terminal.mjs", source));
    expect(output).toMatch(/^ {2}T {2}epoch {3}1 {2}loss 1\.0000 {2}accuracy 0\.500\n/);
    expect(output).toContain("loss, by epoch");
  });

  test("a binary has an address of its own", () => {
    const source = `
      import { readFileSync } from "node:fs";
      const bytes = readFileSync(new URL(import.meta.resolve("wasm-rnn/build/baseline.wasm")));
      console.log(WebAssembly.validate(bytes));`;
    expect(run("binary.mjs", source)).toBe("true\n");
  });

  test("an error keeps its name", () => {
    const source = `
      import { createRuntime, LSTM, ShapeError } from "wasm-rnn";
      const rt = await createRuntime();
      try { new LSTM(rt, { inputSize: 2, hiddenSize: 3 }).forward(rt.zeros([2, 5])); }
      catch (error) { console.log(error instanceof ShapeError, error.name); }`;
    expect(run("error.mjs", source)).toBe("true ShapeError\n");
  });

  test("a class keeps its name, in messages and in the console", () => {
    const source = `
      import * as library from "wasm-rnn";
      console.log(Object.entries(library).filter(([name, value]) => /^[A-Z]/.test(name) && typeof value === "function" && value.name !== name).join());`;
    expect(run("names.mjs", source)).toBe("\n");
  });
});

describe("the README's examples run", () => {
  test("there are some", () => {
    expect(examples().map(([name]) => name)).toContain("train");
  });

  test.each(examples())("%s", (name, code) => {
    expect(run(`example-${name}.mjs`, code)).not.toBe("");
  });
});

const CONSUMER = `
import {
  Adam, createRuntime, CrossEntropyLoss, Dense, Embedding, evaluate, type EvaluateOptions, fit, type FloatArray, type History, LastStep, loadScaler, LSTM, Model,
  type ModelForwardOptions, MSELoss, predict, type Runtime, Sequential, Standardizer, type Tensor, windows,
} from "wasm-rnn";
import { createRuntime as inlineRuntime } from "wasm-rnn/inline";
import { loadNotebook } from "wasm-rnn/notebook";
import { createRuntime as inWorker, fit as fitThere, type ModelData, type WorkerModuleFunction } from "wasm-rnn/worker";

const away = await inWorker({ build: "baseline" });
const layers: ModelData = [["LSTM", { inputSize: 4, hiddenSize: 8 }], ["LastStep"], ["Sequential", { head: ["Dense", { inputSize: 8, outputSize: 5 }] }]];
const there = await away.sequential(layers);
const running = fitThere(there, { data: [{ x: [1, 2, 3, 4], y: 1 }], loss: ["CrossEntropyLoss"], optimizer: ["Adam", { lr: 0.1 }], features: 4 });
for await (const { loss } of running) loss.toFixed();
const away2: History = await running;
const own: WorkerModuleFunction<{ H: number }> = ({ rt, library }, { H }) => ({ model: new library.Sequential(rt, [new library.Dense(rt, { inputSize: H, outputSize: 1 })]) });
export { away2, own };
// @ts-expect-error: no such layer
away.sequential([["LSTMM", {}]]);
// @ts-expect-error: hiddenSize is missing
away.sequential([["LSTM", { inputSize: 4 }]]);

const rt: Runtime = await createRuntime({ build: "baseline", dtype: "f64", seed: 1 });
const embedding = new Embedding(rt, { numEmbeddings: 5, embeddingDim: 4 });
const lstm = new LSTM(rt, { inputSize: 4, hiddenSize: 8, numLayers: 2 });
const head = new Dense(rt, { inputSize: 8, outputSize: 5 });
const adam = new Adam([...embedding.parameters(), ...lstm.parameters(), ...head.parameters()], { lr: 0.01 });
const tokens = rt.tensor(new Int32Array([0, 1, 2]), [3, 1]);
const { output, state } = lstm.forward(embedding.forward(tokens));
const h: Tensor = state.h;
const c: Tensor = state.c;
const { loss, dLogits } = new CrossEntropyLoss(rt).forward(head.forward(output), tokens);
embedding.backward(lstm.backward(head.backward(dLogits)).dX);
adam.step();
const stream = lstm.stream({ batch: 1 });
const values: FloatArray = stream.output;
const nb = await loadNotebook({ dtype: "f32" });
const shape: readonly number[] = nb.sigmoid(nb.array([1, 1], [0])).shape;
export { c, h, inlineRuntime, loss, shape, values };

class Tagger extends Model<{ lstm: LSTM; head: Dense }> {
  constructor(rt: Runtime) {
    super(rt, { lstm: new LSTM(rt, { inputSize: 4, hiddenSize: 8 }), head: new Dense(rt, { inputSize: 8, outputSize: 5 }) });
  }
  override namedBuffers(): [string, Tensor][] {
    return [...super.namedBuffers(), ["h", h]];
  }
  forward(x: Tensor, { lengths }: ModelForwardOptions = {}): Tensor {
    return this.layers.head.forward(this.layers.lstm.forward(x, { lengths }).output);
  }
}
const model = new Sequential(rt, { embedding, tagger: new Tagger(rt), last: new LastStep(rt) });
const inputs: number = model.layers.tagger.layers.lstm.inputSize;
const listed: Sequential = new Sequential(rt, [embedding, lstm, head]);
const options = { data: [{ x: Int32Array.of(1, 2), y: 1 }], loss: new CrossEntropyLoss(rt), metrics: ["accuracy", "f1"] as const };
const history: History = await fit(model, { ...options, optimizer: new Adam(model.parameters()) });
const { accuracy, f1 }: { accuracy: number; f1: number } = await evaluate(listed, options);
export { accuracy, f1, history, inputs };
export const blob = new Blob([model.save(), adam.save()]);
// @ts-expect-error: not asked for
(await evaluate(model, options)).perplexity.toFixed();
const scaler = new Standardizer().fit([[1, 2], [3, 4]]);
const data = windows(scaler.transform([[1, 2], [3, 4]]), { length: 1, targets: [0] });
const regression = { data, loss: new MSELoss(rt), targetScaler: scaler.columns([0]), metrics: ["rmse", { within: (prediction, target) => prediction.data[0]! - target.data[0]! }] } satisfies EvaluateOptions;
const { rmse, within }: { rmse: number; within: number } = await evaluate(listed, regression);
const optimizer = new Adam(model.parameters());
const { epochs: [first] } = await fit(model, { ...regression, optimizer, validationSplit: 0.2, earlyStopping: { patience: 2, monitor: "rmse" } });
const validated: number | undefined = first?.validation?.within;
const [forecast] = await predict(listed, data, { targetScaler: scaler });
const numbers: FloatArray | undefined = forecast?.data;
loadScaler(model.save({ scaler }), "scaler").transform([1, 2]);
export { numbers, rmse, validated, within };

// @ts-expect-error: no such build
createRuntime({ build: "fast" });
// @ts-expect-error: hiddenSize is missing
new LSTM(rt, { inputSize: 4 });
`;

describe("the types", () => {
  test.each([
    ["nodenext", "nodenext", ["--lib", "es2022,dom,esnext.disposable"]],
    ["esnext", "bundler", ["--lib", "es2022,dom,esnext.disposable"]],
    ["nodenext", "nodenext", ["--lib", "es2022,esnext.disposable", "--typeRoots", join(ROOT, "node_modules/@types"), "--types", "node"]],
  ])("check under strict: module %s, resolution %s, %j", (module, resolution, surroundings) => {
    writeFileSync(join(installed.folder, "consumer.ts"), CONSUMER);
    const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
    const strict = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--noEmit", "--skipLibCheck", "false"];
    const target = ["--target", "es2022", ...surroundings, "--module", module, "--moduleResolution", resolution];
    const result = (() => {
      try {
        return execFileSync(process.execPath, [tsc, ...strict, ...target, "consumer.ts"], { cwd: installed.folder, encoding: "utf8" });
      } catch (error) {
        return (error as { stdout: string }).stdout;
      }
    })();
    expect(result).toBe("");
  });
});
