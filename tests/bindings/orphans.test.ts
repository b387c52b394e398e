/** Objects that nobody disposes of: collected, given back, counted; and none that is still needed. In processes that can ask for a collection. */
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureBuild } from "../../scripts/ensure-build.js";
import { testRuntime } from "../helpers/runtime.js";
import { compileScript } from "../helpers/script.js";

type Results = Record<string, { kept: unknown; leaked: number; bytes: number; end: number; endBytes: number }>;

const scripts = { orphans: compileScript("orphans"), held: compileScript("held-runtimes"), garbage: compileScript("stream-garbage") };
afterAll(() => Object.values(scripts).forEach((script) => void script.dispose()));
beforeAll(() => ensureBuild(), 120_000);

function run(path: string, ...flags: string[]) {
  return JSON.parse(
    execFileSync(process.execPath, ["--expose-gc", ...flags, path], { encoding: "utf8" })
      .trim()
      .split("\n")
      .at(-1) as string,
  );
}

describe("dropped", () => {
  let results: Results;
  beforeAll(() => {
    results = run(scripts.orphans.path);
  }, 60_000);

  it.each([
    ["tensors", 1000],
    ["disposed", 0],
    ["refused constructions", 0],
    ["a run of fit", 0],
  ])("%s: %i are counted, and all bytes are given back", (name, count) => {
    expect(results[name]).toMatchObject({ leaked: count, bytes: 0 });
  });

  it("layers with all that is theirs, each counted once", () => {
    expect(results["layers, their results and gradients"]).toMatchObject({ leaked: 20, bytes: 0 }); // and the inputs
  });

  it.each(["streams", "streams of a model"])("%s, each counted once, while what they were of lives on", (name) => {
    expect(results[name]).toMatchObject({ kept: false, leaked: 10 });
    expect(results[name].bytes).toBeGreaterThan(0);
    expect(results[name].endBytes).toBe(0);
  });

  it.each([
    ["a stream keeps its layer", 0, 2],
    ["a result keeps its layer", 0, 2], // its layer, and the input, which the tape remembers
    ["a gradient keeps its layer", 0, 2],
    ["a parameter keeps the layer's values", 1, 1],
    ["an optimizer keeps the layer's parameters", 2, 3],
    ["a forward keeps what its backward reads", 2, 5], // an x and a dOutput that are no longer needed are gone
    ["views keep their owners", 0, 5],
  ])("%s: nothing is freed too early, everything in the end", (name, leaked, end) => {
    expect(results[name]).toMatchObject({ kept: true, leaked, end, endBytes: 0 });
  });
});

it("where the host has no FinalizationRegistry all works, and nothing is counted", async () => {
  const found = globalThis.FinalizationRegistry;
  Reflect.deleteProperty(globalThis, "FinalizationRegistry");
  try {
    const rt = await testRuntime();
    const tensor = rt.tensor([1, 2], [2]);
    expect([...tensor.data]).toEqual([1, 2]);
    tensor.dispose();
    expect([rt.leaked, rt.bytesInUse]).toEqual([0, 0]);
    rt.dispose();
  } finally {
    Object.assign(globalThis, { FinalizationRegistry: found });
  }
});

it("a runtime that was disposed of lets its memory go, whoever holds it or anything of it", () => {
  const { rss, external, held } = run(scripts.held.path);
  expect(held).toBe(72);
  expect(external).toBeLessThan(450e6);
  expect(rss).toBeLessThan(900e6); // twelve hold 2,400 MB
}, 60_000);

it("a step of some rows leaves no garbage", () => {
  const { bytesPerStep } = run(scripts.garbage.path, "--max-semi-space-size=256", "--min-semi-space-size=256");
  expect(bytesPerStep).toBeLessThan(8); // the smallest object has twelve
}, 60_000);
