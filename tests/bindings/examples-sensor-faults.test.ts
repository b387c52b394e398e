/** sensor-faults: what its data are, that nothing knows the future, how alarms are scored, and what `--use` refuses. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { createRuntime, Generator } from "wasm-rnn";
import { loadPlaces, type Place, placesOfMay, type Reading } from "../../examples/sensor-faults/data.js";
import { drifted } from "../../examples/sensor-faults/drift.js";
import { distances, FEATURES, featuresOf } from "../../examples/sensor-faults/features.js";
import { learn, listen, WINDOW, windows } from "../../examples/sensor-faults/learn.js";
import { build } from "../../examples/sensor-faults/model.js";
import { bestRule, levelsOf, MANY } from "../../examples/sensor-faults/rules.js";
import { detectorIn, saved } from "../../examples/sensor-faults/saved.js";
import { bestThreshold, countsOf, f1Of, precisionOf, recallOf } from "../../examples/sensor-faults/scores.js";
import { ensureBuild } from "../../scripts/ensure-build.js";

const EXAMPLE = fileURLToPath(new URL("../../scripts/example.ts", import.meta.url));
const LOADER = import.meta.resolve("@oxc-node/core/register");
const folder = mkdtempSync(join(tmpdir(), "sensor-faults-"));

beforeAll(() => ensureBuild(), 120_000);

/** A mote for which humidity leaps by 30 % where it is faulty. */
function made(length: number, from: number, to: number): Reading[] {
  return Array.from({ length }, (_, i) => {
    const label = Number(i >= from && i < to);
    return { temperature: 20 + 0.01 * (i % 7), humidity: 40 + 30 * label, label };
  });
}

describe("the data", () => {
  it("are four places of two motes, in each of which one mote met one fault, and no mote is in two places", () => {
    const places = loadPlaces();
    expect(places.map(({ name, motes }) => [name, ...motes.map(({ length }) => length)])).toEqual([
      ["indoors, May", 4417, 4417],
      ["outdoors, May", 5039, 5041],
      ["indoors, July", 4690, 4690],
      ["outdoors, July", 4690, 4690],
    ]);
    const faults = places.map(({ motes }) => motes.map((mote) => mote.filter(({ label }) => label === 1).length));
    expect(faults).toEqual([[117, 0], [0, 32], [0, 100].reverse(), [58, 0]]);
    const whole = places.flatMap(({ motes }) => motes.map((mote) => JSON.stringify(mote)));
    expect(new Set(whole).size).toBe(8);
  });

  it("in other weather have the same labels, other readings, and steam that is as sudden", () => {
    const [mote] = placesOfMay()[0].motes as [Reading[]];
    const other = drifted(mote, new Generator(3));
    expect(other.map(({ label }) => label)).toEqual(mote.map(({ label }) => label));
    const moved = other.map(({ humidity }, i) => humidity - (mote[i] as Reading).humidity);
    expect(Math.max(...moved) - Math.min(...moved)).toBeGreaterThan(2);
    const steps = moved.slice(1).map((value, i) => Math.abs(value - (moved[i] as number)));
    expect(Math.max(...steps)).toBeLessThan((3 * 8 * 2 * Math.PI) / 300);
  });
});

describe("what a mote knows", () => {
  it("is nothing of the readings to come", () => {
    const mote = made(300, 150, 200);
    expect(featuresOf(mote).slice(0, 150)).toEqual(featuresOf(mote.slice(0, 150)));
    expect(featuresOf(mote).every((features) => features.length === FEATURES)).toBe(true);
  });

  it("is at first that nothing has changed, then by how much it did; a limited mean gives way slowly", () => {
    expect(featuresOf(made(1, 0, 0))).toEqual([Array.from({ length: FEATURES }, () => 0)]);
    expect([...distances([0, 10, 10], { memory: 10, limit: Number.POSITIVE_INFINITY })]).toEqual([0, 10, 9]);
    expect([...distances([0, 10, 10], { memory: 10, limit: 2 })]).toEqual([0, 10, 9.8]);
  });

  it("windows are of one mote each, with a label for every reading", () => {
    const cuts = windows(made(WINDOW + 60, 0, 10));
    expect(cuts).toHaveLength(2);
    expect(cuts.map(({ x, y }) => [(x as number[]).length, (y as number[]).reduce((a, b) => a + b)])).toEqual([
      [WINDOW * FEATURES, 10],
      [WINDOW * FEATURES, 0],
    ]);
  });
});

describe("the scores", () => {
  const place: Place = { name: "made", motes: [made(500, 100, 110)] };

  it("count what is right, block by block", () => {
    const level = Float64Array.from({ length: 500 }, (_, i) => Number(i >= 105 && i < 125));
    const counts = countsOf(place, [level], 0.5);
    expect(counts).toEqual({ hits: [5, 0, 0], alarms: [20, 0, 0], faults: [10, 0, 0] });
    expect([precisionOf(counts), recallOf(counts), f1Of(counts)]).toEqual([5 / 20, 5 / 10, 10 / 30]);
    expect(f1Of(counts, Int32Array.of(1, 2, 1))).toBe(0); // no fault drawn, no alarm
  });

  it("the best threshold parts what can be parted, and so does a rule", () => {
    const level = Float64Array.from({ length: 500 }, (_, i) => (i >= 100 && i < 110 ? 7 : i % 3));
    expect(bestThreshold([place], [[level]], [1, 2, 3, 4, 5, 8])).toEqual({ threshold: 4, f1: 1 });
    const rule = bestRule([place], MANY, 1);
    expect(f1Of(countsOf(place, levelsOf(place, rule.mean), rule.threshold))).toBe(1);
  });
});

describe("the network", () => {
  it("learns to find a leap of humidity, streamed; its file gives it back", async () => {
    using rt = await createRuntime({ seed: 1 });
    const place: Place = { name: "made", motes: [made(1200, 300, 340), made(1200, 800, 840)] };
    const model = await learn(rt, "GRU", [place], { epochs: 40, seed: 1 });
    const heard = listen(model, place);
    expect(f1Of(countsOf(place, heard, 0))).toBeGreaterThan(0.9);
    const file = join(folder, "made.safetensors");
    writeFileSync(file, saved({ model, threshold: 0.125 }));
    const again = detectorIn(rt, file);
    expect(again.threshold).toBe(0.125);
    expect(listen(again.model, place)).toEqual(heard);
  });

  it("refuses files that are not its own", async () => {
    using rt = await createRuntime({ seed: 1 });
    const other = join(folder, "other.safetensors");
    writeFileSync(other, build(rt, "GRU").save());
    expect(() => detectorIn(rt, other)).toThrow(/other.safetensors: expected a model of the example sensor-faults$/);
    expect(() => detectorIn(rt, "README.md")).toThrow(/README.md: expected a model of the example sensor-faults$/);
  });
});

describe("the program", () => {
  const model = join(folder, "model.safetensors");
  const run = (args: string[], input = "") =>
    spawnSync(process.execPath, ["--import", LOADER, EXAMPLE, "sensor-faults", ...args], {
      ...{ encoding: "utf8", input, env: { ...process.env, NO_COLOR: "1" } },
    });
  beforeAll(async () => {
    using rt = await createRuntime({ seed: 1 });
    const detector = build(rt, "logistic regression");
    const weights = [0, 0, 0, 0, 0, 1]; // how far humidity is from its slow mean
    for (const parameter of detector.parameters()) parameter.set(parameter.shape.length === 2 ? weights : [0]);
    writeFileSync(model, saved({ model: detector, threshold: 1 }));
  });

  it("says when an alarm begins and ends", () => {
    const lines = ["Humidity,temperature", "40,20", "40,20", "60,30", "61,30", "40,20"];
    const { stdout, stderr, status } = run(["--use", "-", "--save", model], lines.join("\r\n"));
    expect(stderr).toBe("");
    expect(stdout.trimEnd().split("\n")).toEqual([
      "  alarm  reading      3    30.0 °C   60.0 %",
      "  over   reading      5    20.0 °C   40.0 %  after 2 readings",
      "  5 readings, 2 of them faulty",
    ]);
    expect(status).toBe(0);
  });

  it.each([
    ["temperature\n1\n", /^error: --use: stdin, reading 1: expected a column humidity; the columns needed are temperature, humidity$/],
    ["temperature,humidity\n1,\n", /^error: --use: stdin, reading 1: expected a number for humidity, got ""$/],
    ["temperature,humidity\n1,2\n1,1e300\n", /^error: --use: stdin, reading 2: expected a number for humidity, got "1e300"$/],
    ["temperature,humidity\n1,2,3\n", /^error: --use: stdin is no CSV file: Invalid Record Length/],
    ["", /^error: --use: there are no readings in stdin$/],
  ])("%j: refused in one line", (input, message) => {
    const { stdout, stderr, status } = run(["--use", "-", "--save", model], input);
    expect(stderr.trimEnd()).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect([stdout.trim(), status]).toEqual(["", 1]);
  });
});
