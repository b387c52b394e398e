/** What the examples have in common: results and their table, intervals, packages' files, models as they are shipped. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createRuntime, Dense, Generator, loadModel, loadSafetensors, saveSafetensors } from "wasm-rnn";
import { debianFolders } from "../../examples/shared/debian.js";
import { pairedInterval, sumOver } from "../../examples/shared/interval.js";
import { commandOf } from "../../examples/shared/program.js";
import { intervalOf, isMet, type Measure, type Result, show } from "../../examples/shared/results.js";
import { readSaved } from "../../examples/shared/saved.js";
import { checkpointOf, modelBytes, placeOf, writeWhole } from "../../examples/shared/saving.js";
import { recorded, rowsOf } from "../../examples/shared/summary.js";
import { printable, snippet } from "../../examples/shared/text.js";
import { halved } from "../../scripts/halved.js";
import { forMarkdown, forTerminal } from "../../scripts/results-table.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wasm-rnn-examples-"));
});
afterEach(() => {
  vi.restoreAllMocks();
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
      ...{ goal: "≥ 0.90: met by 2 of 3 seeds", time: "2.0 min on the clock", seeds: "1, 2, 3" },
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

  it("measures and baselines are met by name, in whatever order", () => {
    const [f1, recall] = [measure(0.8), measure(0.6, { name: "recall" })];
    const other = measure(0.4, { name: "recall", baselines: [...recall.baselines].reverse() });
    const rows = rowsOf([result(1, f1, recall), result(2, other, f1)]);
    expect(rows.map(({ metric, ours }) => [metric, ours])).toEqual([
      ["span F1", "0.80 ± 0.000"],
      ["recall", "0.50 ± 0.141"],
    ]);
    expect(rows[1]?.baselines).toEqual(["majority 0.50 (0.00 to 0.20)", "lexicon 0.70"]);
  });

  it.each([
    ["{", /seed-2\.json: expected the result of a run, got what is no JSON$/],
    ["null", /seed-2\.json: expected the result of a run, got one of the example undefined$/],
    [{ ...result(2, measure(1)), example: "weather" }, /seed-2\.json: .* got one of the example "weather"$/],
    [{ ...result(2), measures: [{ name: "span F1" }] }, /seed-2\.json: .* without its time or measures$/],
    [result(2, measure(1, { digits: 101 })), /seed-2\.json: .* wrong at measures\.0\.digits or without its time or measures$/],
    [result(2, measure(1e300)), /wrong at measures\.0\.value /],
    [result(2, measure(1, { goal: "0.5" as unknown as number })), /wrong at measures\.0\.goal /],
    [
      result(2, measure(1, { baselines: [{ name: "a", value: 1, interval: [1] as unknown as [number, number] }] })),
      /baselines\.0\.interval\.1 /,
    ],
    [{ ...result(2, measure(1)), data: "a\n<!-- /results -->" }, /wrong at data /],
    [{ ...result(2, measure(1)), seed: {} }, /wrong at seed /],
    [result(2, measure(1, { goal: undefined })), /only one has the goal of span F1$/],
    [result(2, measure(1, { name: "recall" })), /seed-2\.json and .*seed-1\.json: expected the same measures, only one has span F1$/],
    [result(2, measure(1, { baselines: [] })), /seed-2\.json and .*seed-1\.json: .* only one has span F1 of "majority"$/],
    [result(2, measure(1), measure(1, { name: "recall" })), /seed-2\.json and .*seed-1\.json: .* only one has recall$/],
  ])("a file that is not like the others is named: %j", (content, message) => {
    mkdirSync(join(folder, "names", "results"), { recursive: true });
    const keep = (name: string, text: string) => writeFileSync(join(folder, "names", "results", name), text);
    keep("seed-1.json", JSON.stringify(result(1, measure(0.5))));
    keep("seed-2.json", typeof content === "string" ? content : JSON.stringify(content));
    expect(() => recorded(folder)).toThrow(message);
  });

  it.each([
    [[0.417, 0.655], "ours is better by 0.42 to 0.66"],
    [[-0.655, -0.417], "ours is worse by 0.42 to 0.66"],
    [[-0.4, 0.1], "ours: 0.40 worse to 0.10 better"],
  ] as const)("the interval %j in words", (interval, words) => expect(intervalOf({ digits: 2 }, { interval })).toBe(words));

  it.each([80, 120])("a run's figures are no wider than a terminal of %i columns, and a quick run has no goal", (columns) => {
    vi.stubGlobal("process", Object.create(process, { stdout: { value: { columns } } }));
    const lines: string[] = [];
    vi.spyOn(console, "log").mockImplementation((text = "") => void lines.push(...stripVTControlCharacters(text).split("\n")));
    const name = "whatever was said the most often where the same words stand";
    const long = measure(100, { name: "the rate of words that were never learned", unit: "%", digits: 3, goal: 99 });
    const baselines = [{ name, value: 99.5, interval: [-10.123, 100.123] as const }];
    const shown = { ...result(1, { ...long, baselines }), split: "by file, the place of which modulo 10 is 9, and which nobody looked at" };
    show(shown, "ours");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(lines.join(" ").replace(/\s+/g, " ")).toContain("goal ≥ 99.000 %: met");
    lines.length = 0;
    show(shown, "ours", { quick: true });
    vi.unstubAllGlobals();
    expect(lines.join(" ")).not.toContain("goal");
    expect(lines.filter((line) => line.includes("too short to have learned"))).toHaveLength(1);
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

describe("commands, texts and files", () => {
  it("a command has what differs from the defaults, quoted where a shell needs it", () => {
    const defaults = { seed: 1, save: "models/x.safetensors" };
    expect(commandOf("x", { seed: 1, quick: false, data: undefined, save: "models/x.safetensors" }, defaults)).toBe("npm run example x");
    expect(commandOf("x", { resume: true, quick: true, seed: 2, save: "it's here" }, defaults)).toBe(
      "npm run example x -- --resume --quick --seed 2 --save 'it'\\''s here'",
    );
  });

  it("nothing raw goes to the terminal, and every character keeps its place", () => {
    expect(printable("a\u001b[31m\u009b\r\u0007\u202eb\n\tc")).toBe("a·[31m····b\n\tc");
    expect(snippet("a\u001b[2J\nb", 60).map(stripVTControlCharacters)).toEqual(["a·[2J ¶ b…"]);
  });

  it("a checkpoint is gone on with by the command that began it", () => {
    const save = join(folder, "m");
    const fresh = checkpointOf({ save, resume: false }, "npm run example x");
    expect(fresh.file).toBe(`${save}.checkpoint`);
    expect(() => checkpointOf({ save, resume: true }, "npm run example x")).toThrow(/^--resume: there is no checkpoint .*m\.checkpoint$/);
    writeFileSync(fresh.file, saveSafetensors({}, fresh.metadata));
    expect(checkpointOf({ save, resume: true }, "npm run example x")).toEqual(fresh);
    expect(() => checkpointOf({ save, resume: true }, "npm run example x -- --seed 2")).toThrow(/is of another run: npm run example x$/);
    writeFileSync(fresh.file, "nothing");
    expect(() => checkpointOf({ save, resume: true }, "npm run example x")).toThrow(/^--resume: .*m\.checkpoint is no checkpoint: /);
  });

  it("a trained model is kept aside, that of a quick run in its own file is not", () => {
    const [save, quickFile] = [join(folder, "models", "m"), join(folder, "models", "q")];
    const write = (file: string, quick: boolean, byte: number) => placeOf({ save: file, quick }, quickFile).write(Uint8Array.of(byte));
    expect(placeOf({ save, quick: false }, quickFile).notice).toBeUndefined();
    write(save, false, 1);
    write(save, true, 2);
    expect([save, `${save}.bak`].map((file) => [...readFileSync(file)])).toEqual([[2], [1]]);
    expect(placeOf({ save, quick: false }, quickFile).notice).toMatch(/m exists: it will be kept as .*m\.bak$/);
    write(quickFile, true, 1);
    write(quickFile, true, 2);
    expect(readdirSync(join(folder, "models")).sort()).toEqual(["m", "m.bak", "q"]);
    expect(() => placeOf({ save: folder, quick: false }, quickFile)).toThrow(/is not a file$/);
    expect(() => placeOf({ save, quick: false, picture: join(save, "..", basename(save)) }, quickFile)).toThrow(
      /is where the model is kept$/,
    );
    expect(existsSync(`${save}.place`)).toBe(false);
  });

  it("a failure leaves the old file whole, and nothing beside it", () => {
    const file = join(folder, "m");
    writeWhole(file, Uint8Array.of(1));
    const fail = () => {
      throw new Error("no room");
    };
    expect(() => writeWhole(file, Uint8Array.of(2), fail)).toThrow("no room");
    expect([...readFileSync(file)]).toEqual([1]);
    expect(readdirSync(folder)).toEqual(["m"]);
  });

  it("a model that is missing, or another example's", () => {
    expect(() => modelBytes(join(folder, "m"), "x")).toThrow(/there is no such file; learn it first: npm run example x$/);
    const file = join(folder, "other");
    writeFileSync(file, Uint8Array.of(1));
    const read = (bytes: Uint8Array) => void loadSafetensors(bytes);
    expect(() => readSaved(file, "x", read as () => undefined)).toThrow(/other: expected a model of the example x$/);
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
  const ship = (...files: string[]) => {
    const script = fileURLToPath(new URL("../../scripts/ship-models.ts", import.meta.url));
    return spawnSync(process.execPath, ["--import", import.meta.resolve("@oxc-node/core/register"), script, ...files], {
      ...{ cwd: folder, encoding: "utf8", env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined } },
    });
  };

  it("what is no model is refused in a line, the others go through; without files, those of full runs", async () => {
    const none = ship();
    expect([none.status, none.stderr]).toEqual([
      1,
      expect.stringMatching(/^error: there is no model of a full run in models\/: [^\n]*\n$/),
    ]);
    using rt = await createRuntime({ seed: 1 });
    const { Sequential } = await import("wasm-rnn");
    const bytes = new Sequential(rt, { head: new Dense(rt, { inputSize: 3, outputSize: 2 }) }).save();
    mkdirSync(join(folder, "models"));
    for (const name of ["a", "a-quick", "b"]) writeFileSync(join(folder, "models", `${name}.safetensors`), name === "b" ? "no" : bytes);
    const { status, stdout, stderr } = ship();
    expect([status, stderr]).toEqual([1, "error: models/b.safetensors: expected a model that an example saved\n"]);
    expect(stdout).toMatch(/^a\.safetensors {2}[^\n]*\n$/);
    expect(readdirSync(join(folder, "models", "f16"))).toEqual(["a.safetensors"]);
    const missing = ship("nowhere.safetensors", join("models", "a.safetensors"));
    expect(missing.stderr).toBe("error: cannot read the model nowhere.safetensors: there is no such file\n");
    expect(missing.stdout).toMatch(/^a\.safetensors/);
  });

  it("half the bytes, and loaded they are the model with its weights rounded to F16", async () => {
    using rt = await createRuntime({ seed: 1 });
    const model = new Dense(rt, { inputSize: 64, outputSize: 32 });
    const bytes = saveSafetensors({ weight: model.parameters()[0] as never }, { a: "é" });
    const half = halved(bytes);
    expect(half.length).toBeLessThan(0.55 * bytes.length);
    const [before, after] = [loadSafetensors(bytes), loadSafetensors(half)];
    expect(after.metadata).toEqual({ a: "é" });
    expect(() => halved(saveSafetensors({ large: { shape: [1], data: Float32Array.of(1e6) } }))).toThrow("large[0]");
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
