/** What the examples have in common: results and their table, intervals, packages' files, models as they are shipped. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createRuntime, Dense, Generator, loadModel, loadSafetensors, saveSafetensors } from "wasm-rnn";
import { debianFolders } from "../../examples/shared/debian.js";
import { pairedInterval, sumOver } from "../../examples/shared/interval.js";
import { isMet, type Measure, type Result } from "../../examples/shared/results.js";
import { recorded, rowsOf } from "../../examples/shared/summary.js";
import { halved } from "../../scripts/halved.js";
import { forMarkdown, forTerminal } from "../../scripts/results-table.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wasm-rnn-examples-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const measure = (value: number, more: Partial<Measure> = {}): Measure => ({
  ...{ name: "span F1", unit: "", digits: 2, better: "higher", value, goal: 0.9 },
  baselines: [
    { name: "majority", value: 0.5, interval: [value - 0.6, value - 0.4] },
    { name: "lexicon", value: 0.7 },
  ],
  ...more,
});
const result = (seed: number, ...measures: Measure[]): Result => ({
  ...{ example: "names", data: "a corpus", split: "by file", seed, seconds: 60 * seed, measures },
});

describe("results", () => {
  it("a goal is reached from its own side", () => {
    expect(isMet(measure(0.9))).toBe(true);
    expect(isMet(measure(0.89))).toBe(false);
    expect(isMet(measure(0.91, { better: "lower" }))).toBe(false);
    expect(isMet(measure(0.9, { better: "lower" }))).toBe(true);
    expect(isMet(measure(0.9, { goal: undefined }))).toBeUndefined();
  });

  it("seeds are one row: mean, deviation, the least sure interval, how many reached the goal", () => {
    const [row, ...others] = rowsOf([result(1, measure(0.8)), result(2, measure(0.9)), result(3, measure(1))]);
    expect(others).toEqual([]);
    expect(row).toEqual({
      ...{ title: "names", data: "a corpus", split: "by file", metric: "span F1", ours: "0.90 ± 0.100" },
      baselines: ["majority 0.50 (0.20 to 0.40)", "lexicon 0.70"],
      ...{ goal: "≥ 0.90: met by 2 of 3 seeds", time: "2.0 min", seeds: "1, 2, 3" },
    });
  });

  it("time is that of the processor, where it was recorded", () => {
    expect(rowsOf([{ ...result(1, measure(1)), processorSeconds: 300 }])[0]?.time).toBe("5.0 min");
  });

  it("tasks and measures are rows of their own; one seed has no deviation", () => {
    const errors = measure(12.345, { name: "WER", unit: "%", digits: 1, better: "lower", goal: 10 });
    const rows = rowsOf([result(1, measure(0.95), errors), { ...result(1, measure(0.1, { goal: undefined })), task: "prompts" }]);
    expect(rows.map(({ title, metric, ours, goal }) => [title, metric, ours, goal])).toEqual([
      ["names", "span F1", "0.95", "≥ 0.90: met"],
      ["names", "WER ↓", "12.3 %", "≤ 10.0 %: missed"],
      ["names: prompts", "span F1", "0.10", ""],
    ]);
  });

  it("what was recorded is found, and nothing else", () => {
    mkdirSync(join(folder, "names", "results"), { recursive: true });
    writeFileSync(join(folder, "names", "results", "seed-1.json"), JSON.stringify(result(1, measure(0.5))));
    writeFileSync(join(folder, "names", "other.json"), "{");
    expect(recorded(folder)).toEqual([result(1, measure(0.5))]);
  });

  it.each([80, 120])("the table is no wider than a terminal of %i columns", (columns) => {
    const lines = forTerminal(rowsOf([result(1, measure(0.95))]), columns).split("\n");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours
    expect(Math.max(...lines.map((line) => line.replace(/\u001b\[\d+m/g, "").length))).toBeLessThanOrEqual(columns);
    expect(lines.length).toBeGreaterThan(5);
  });

  it("the document's table is what the recorded results give: npm run examples:report", () => {
    const examples = fileURLToPath(new URL("../../examples", import.meta.url));
    expect(readFileSync(join(examples, "README.md"), "utf8")).toContain(
      `<!-- results -->\n\n${forMarkdown(rowsOf(recorded(examples)))}\n\n<!-- /results -->`,
    );
  });
});

describe("intervals", () => {
  it("of a difference that is the same for every item: that difference; of noise: about what the normal law says", () => {
    const same = pairedInterval(100, (drawn) => sumOver(drawn, new Float64Array(100).fill(3)) / 100, 1);
    expect(same).toEqual([3, 3]);
    const random = new Generator(5);
    const noise = Float64Array.from({ length: 400 }, () => random.uniform() - 0.5);
    const mean = noise.reduce((sum, value) => sum + value, 0) / 400;
    const [low, high] = pairedInterval(400, (drawn) => sumOver(drawn, noise) / 400, 1);
    const half = 1.96 * Math.sqrt(1 / 12 / 400);
    expect(Math.abs(low - (mean - half))).toBeLessThan(0.15 * half);
    expect(Math.abs(high - (mean + half))).toBeLessThan(0.15 * half);
  });

  it("the same seed, the same interval", () => {
    const values = Float64Array.from({ length: 30 }, (_, i) => i);
    const of = (seed: number) => pairedInterval(30, (drawn) => sumOver(drawn, values), seed);
    expect(of(2)).toEqual(of(2));
    expect(of(2)).not.toEqual(of(3));
  });
});

describe("packages' files", () => {
  it("what is in the cache is taken from there; one's own folder before it", () => {
    vi.stubEnv("XDG_CACHE_HOME", folder);
    const cached = join(folder, "wasm-rnn", "debian", "no-such-package");
    mkdirSync(cached, { recursive: true });
    expect(debianFolders(["no-such-package"])).toEqual([cached]);
    expect(debianFolders(["a", "b"], folder)).toEqual([folder, folder]);
  });

  it("in one line: a folder that is not there, no apt, and nothing half-fetched is left", () => {
    vi.stubEnv("XDG_CACHE_HOME", folder);
    expect(() => debianFolders(["a"], join(folder, "none"))).toThrow(/^--data: there is no folder .*none$/);
    vi.stubEnv("PATH", folder);
    expect(() => debianFolders(["no-such-package"])).toThrow(
      /^the data are in the Debian packages no-such-package \(no apt-get here\).*--data DIR$/,
    );
    expect(() => debianFolders(["no-such-package"])).toThrow(); // the first did not leave an empty folder that passes for the package
  });
});

describe("models as they are shipped", () => {
  it("half the bytes, and loaded they are the model with its weights rounded to F16", async () => {
    using rt = await createRuntime({ seed: 1 });
    const model = new Dense(rt, { inputSize: 64, outputSize: 32 });
    const bytes = saveSafetensors(
      { weight: model.parameters()[0] as never, large: { shape: [1], data: Float32Array.of(1e6) } },
      { a: "é" },
    );
    const half = halved(bytes);
    expect(half.length).toBeLessThan(0.55 * bytes.length);
    const [before, after] = [loadSafetensors(bytes), loadSafetensors(half)];
    expect(after.metadata).toEqual({ a: "é" });
    expect(after.tensors.large).toEqual(before.tensors.large);
    const [exact, rounded] = [before.tensors.weight, after.tensors.weight];
    expect(rounded?.shape).toEqual(exact?.shape);
    const errors = [...(exact?.data ?? [])].map((value, i) => Math.abs(value - (rounded?.data[i] ?? Number.NaN)) / Math.abs(value));
    expect(Math.max(...errors)).toBeLessThanOrEqual(2 ** -11);
    expect(Math.max(...errors)).toBeGreaterThan(0);
  });

  it("`loadModel` takes them", async () => {
    using rt = await createRuntime({ seed: 1 });
    const { Sequential } = await import("wasm-rnn");
    const model = new Sequential(rt, { head: new Dense(rt, { inputSize: 3, outputSize: 2 }) });
    const loaded = loadModel(rt, halved(model.save()));
    const [a, b] = [model, loaded].map((each) => each.parameters()[0]?.toArray() as Float32Array);
    expect(Math.max(...(a as Float32Array).map((value, i) => Math.abs(value - (b?.[i] as number))))).toBeLessThan(1e-3);
  });
});
