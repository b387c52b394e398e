/** The smaller examples as people meet them: what they refuse, and that their data are what they say. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { createRuntime, Generator, Standardizer } from "wasm-rnn";
import { draw, scoreOf } from "../../examples/copy-reversal/data.js";
import { resultOf as copied } from "../../examples/copy-reversal/report.js";
import { adding, copy } from "../../examples/long-memory/data.js";
import { resultOf as remembered } from "../../examples/long-memory/report.js";
import { heatMap } from "../../examples/shared/heat-map.js";
import { flowed, framed, text } from "../../examples/shared/svg.js";
import { inTime, isoOf, LENGTH, readDays, seattle } from "../../examples/weather/data.js";
import { build } from "../../examples/weather/model.js";
import { persistence, resultOf, scoresOf, seasonalMean } from "../../examples/weather/report.js";
import { tomorrow } from "../../examples/weather/saved.js";
import { ensureBuild } from "../../scripts/ensure-build.js";

const EXAMPLE = fileURLToPath(new URL("../../scripts/example.ts", import.meta.url));
const LOADER = import.meta.resolve("@oxc-node/core/register");

beforeAll(() => ensureBuild(), 120_000);

describe("the programs", () => {
  it.each([
    [["sensor-faults", "--seed", "-1"], /^error: option '--seed <n>' .*'-1'/],
    [["sensor-faults", "--bogus"], /^error: unknown option '--bogus'/],
    [["long-memory", "--lengths", "40,30"], /^error: --lengths: expected multiples of 20, got 30/],
    [["long-memory", "--lengths", "1000000000"], /^error: option '--lengths <list>' .* at most 2000/],
    [["long-memory", "--tasks", "adding,foo"], /^error: option '--tasks <list>' .* Expected one of adding, copy/],
    [["long-memory", "--lr", ""], /^error: option '--lr <rate>' .* Expected a number above 0/],
    [["copy-reversal", "--tasks", "copy,sort"], /^error: option '--tasks <list>' .* Expected one of copy, reverse/],
    [["copy-reversal", "--record", "--seeds", "1,2"], /^error: --record: one seed a run/],
    [["long-memory", "--record", "--lengths", "40"], /^error: --record: of sequences of 100 alone; leave --lengths out/],
    [["weather", "--record", "--epochs", "2"], /^error: option '--record' cannot be used with option '--epochs <n>'/],
    [["long-memory", "--gates", "crono"], /^error: option '--gates <how>' .*'crono'.* Expected chrono or a number/],
    [["weather", "--use", "a", "--save", "b"], /^error: --save: a model is used, none is learned/],
    [["weather", "--use", "nowhere.safetensors"], /^error: cannot read the model nowhere.safetensors: there is no such file/],
    [["weather", "--data", ".gitignore"], /^error: .gitignore: expected a column date; the columns needed are date, temp_max, temp_min/],
    [["weather", "--data", "README.md"], /^error: README.md: Invalid Record Length/],
    [
      ["no-such-example"],
      /^usage: npm run example NAME .*char-lstm, .*copy-reversal, .*long-memory, .*sensor-faults, sentiment, .*weather/,
    ],
  ])("%j: refused in one line", (args, message) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", LOADER, EXAMPLE, ...args], {
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    });
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(stdout).toBe("");
    expect(status).toBe(1);
  });
});

describe("the data", () => {
  it("adding: two marked numbers, one in each half, and their sum", () => {
    for (let seed = 0; seed < 50; seed++) {
      const { x, y } = adding.draw(40, new Generator(seed));
      const steps = x as [number, number][];
      const marked = steps.flatMap(([, mark], t) => (mark === 1 ? [t] : []));
      expect(marked).toHaveLength(2);
      expect(marked.map((t) => t < 20)).toEqual([true, false]);
      expect(y).toBeCloseTo(
        marked.reduce((sum, t) => sum + (steps[t]?.[0] ?? Number.NaN), 0),
        14,
      );
    }
  });

  it("copy: the first five symbols are wanted at the last five steps, and nothing before", () => {
    const { x, y } = copy.draw(20, new Generator(1));
    const shown = Array.from({ length: 20 }, (_, t) => Array.from({ length: 10 }, (_, i) => (x as Float32Array)[10 * t + i]).indexOf(1));
    expect(shown.slice(5)).toEqual([8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 9, 9, 9, 9, 9]);
    expect([...(y as Int32Array)]).toEqual([...Array.from({ length: 15 }, () => -100), ...shown.slice(0, 5)]);
  });

  it("copy-reversal: what is to be said, what is right of what was said, and where the decoder looked", () => {
    const sizes = { symbols: 10, length: 50 };
    const [copied, reversed] = [draw("copy", sizes, new Generator(1)), draw("reverse", sizes, new Generator(1))];
    expect(copied.target).toEqual(copied.source);
    expect(reversed.source).toEqual(copied.source);
    expect(reversed.target).toEqual([...copied.source].reverse());
    expect(new Set(copied.source).size).toBe(10);
    const said = [[1, 2], [1, 2, 3], [1, 2, 4], [3]];
    expect(
      scoreOf(said, [
        [1, 2],
        [1, 2],
        [1, 2, 3],
        [1, 3],
      ]),
    ).toEqual({ tokens: 6 / 9, sequences: 1 / 4 });
    const identity = Array.from({ length: 50 }, (_, t) => Array.from({ length: 50 }, (_, s) => Number(s === t)));
    const [, ...lines] = heatMap(identity);
    expect(lines).toHaveLength(25);
    expect(lines.map((line) => line.indexOf("█"))).toEqual(lines.map((_, r) => (lines[0]?.indexOf("█") as number) + 2 * r));
  });

  it("weather: every day in its part, in the order of time, and none that is forecast in two", () => {
    const days = seattle();
    const { learned, watched, tested } = inTime(days);
    const span = (part: typeof days) => [part[0], part.at(-1)].map((day) => isoOf(day as (typeof days)[number]));
    expect(span([...learned])).toEqual(["2012-01-01", "2013-12-31"]);
    const forecast = [watched, tested].map((part) => part.slice(LENGTH));
    expect(forecast.map(span)).toEqual([
      ["2014-01-01", "2014-12-31"],
      ["2015-01-01", "2015-12-31"],
    ]);
    expect(new Set([...learned, ...forecast.flat()]).size).toBe(days.length);
    expect(tested.slice(0, LENGTH)).toEqual(watched.slice(-LENGTH));
  });

  it("weather: the baselines, as a script in Python gave them", () => {
    const { learned, tested } = inTime(seattle());
    const truth = tested.slice(LENGTH).map(({ max }) => max);
    const asToday = scoresOf(persistence(tested), truth);
    expect([asToday.rmse, asToday.r2]).toEqual([expect.closeTo(2.907142833101739, 10), expect.closeTo(0.841901270154939, 10)]);
    const seasonal = seasonalMean(learned, tested);
    expect(seasonal[0]).toBe((12.8 + 5) / 2); // 1 January 2012 and 2013
    expect(seasonal.every(Number.isFinite)).toBe(true);
  });

  it("weather: neither readings nor a forecast beyond all temperatures", async () => {
    const folder = mkdtempSync(join(tmpdir(), "weather-"));
    const [csv, file] = [join(folder, "days.csv"), join(folder, "m")];
    try {
      writeFileSync(csv, "date,temp_max,temp_min,precipitation,wind\n2015-12-31,1e308,1,1,1\n");
      expect(() => readDays(csv)).toThrow(/expected a number for temp_max on 2015-12-31, at most 10000, got "1e308"$/);
      using rt = await createRuntime({ seed: 1 });
      const model = build(rt);
      for (const [name, parameter] of model.namedParameters()) if (name.startsWith("head")) parameter.set(parameter.toArray().fill(3e38));
      const days = seattle();
      writeFileSync(file, model.save({ scaler: new Standardizer().fit(days.map(({ numbers }) => numbers)) }));
      await expect(tomorrow(rt, days, file)).rejects.toThrow(/m: its forecast is no temperature$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("weather: what is recorded of a forecast that is right, and by how much the others err", () => {
    const parts = inTime(seattle());
    const truth = parts.tested.slice(LENGTH).map(({ max }) => max);
    const { measures } = resultOf(parts, truth, { data: "here", seed: 1, seconds: 1 });
    expect(measures.map(({ name, value }) => [name, value])).toEqual([
      ["RMSE in °C", 0],
      ["R²", 1],
    ]);
    const [asToday] = measures[0]?.baselines ?? [];
    expect(asToday?.value).toBeCloseTo(2.907142833101739, 10);
    expect(asToday?.interval?.[0]).toBeGreaterThan(2);
    expect(asToday?.interval?.[1]).toBeLessThan(4);
  });

  it("long-memory: what is right of a sequence, and the LSTM beside the others on the same ones", () => {
    expect(adding.score([1.5], 1)).toBe(0.25);
    const { y } = copy.draw(20, new Generator(1));
    const logits = new Float32Array(20 * 8);
    for (const [t, symbol] of (y as Int32Array).entries()) if (symbol >= 0) logits[8 * t + (t === 19 ? (symbol + 1) % 8 : symbol)] = 1;
    expect(copy.score(logits, y)).toBe(4 / 5);
    const row = (kind: "RNN" | "LSTM", results: number[]) => ({ task: copy, T: 20, kind, results });
    const { measures } = remembered([row("RNN", [0, 0, 0]), row("LSTM", [1, 1, 1])], { seed: 1, seconds: 1 });
    expect(measures).toHaveLength(1);
    expect([measures[0]?.value, measures[0]?.baselines]).toEqual([
      1,
      [
        { name: "RNN", value: 0, interval: [1, 1] },
        { name: "guessing", value: 1 / 8 },
      ],
    ]);
  });

  it("copy-reversal: with attention beside without, sequences and tokens", () => {
    const wanted = [
      [1, 2],
      [3, 4],
    ];
    const row = (kind: "with attention" | "without", said: number[][]) => ({ task: "copy" as const, kind, seed: 1, said, wanted });
    const { measures } = copied([row("with attention", wanted), row("without", [[1, 3], [5]])], { seed: 1, seconds: 1 });
    expect(measures.map(({ name, value, baselines }) => [name, value, ...baselines.map((baseline) => baseline.value)])).toEqual([
      ["copy: whole sequences right", 100, 0],
      ["copy: tokens right", 100, 25, 10],
    ]);
    expect(measures[0]?.baselines[0]?.interval).toEqual([100, 100]);
  });

  it("pictures: words are text, whatever is in them, and break between words", () => {
    const picture = framed("a < b", "c & d", [text(1.26, 2, "<script>", { bold: true })]);
    expect(picture).toContain("a &lt; b");
    expect(picture).toContain("c &amp; d");
    expect(picture).toContain('<text x="1.3" y="2" font-size="14"');
    expect(picture).not.toContain("<script>");
    expect(flowed("one two three fourteen", 7)).toEqual(["one two", "three", "fourteen"]);
  });
});
