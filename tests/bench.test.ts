/** The bench as people run it: one small filter, and the JSON that it writes. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { geomeans } from "../bench/geomeans.js";
import { ratios } from "../bench/vs/report.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const bench = (...words: string[]) =>
  spawnSync(process.execPath, ["--import", "@oxc-node/core/register", "scripts/bench.ts", ...words], { cwd: root, encoding: "utf8" });

/** What a run writes with --json. */
function written(...words: string[]) {
  const folder = mkdtempSync(join(tmpdir(), "wasm-rnn-bench-"));
  try {
    const file = join(folder, "out.json");
    const { status, stdout } = bench(...words, "--quick", "--json", file);
    expect(status).toBe(0);
    return { stdout, ...JSON.parse(readFileSync(file, "utf8")) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("npm run bench writes its cases by contender, validated, with shares of a measured roofline", { timeout: 60_000 }, () => {
  const { stdout, machine, cases, geomeans: means } = written("lstm-train/T33");
  expect(stdout).toContain("lstm-train/T33-N7-I37-H75 ");
  expect(Object.keys(machine)).toEqual(["cpu", "host", "date"]);
  const one = cases.find(({ id }: { id: string }) => id === "lstm-train/T33-N7-I37-H75");
  const { minMs, medianMs, gflops, roofline } = one.contenders["wasm-rnn/baseline"];
  expect(minMs).toBeGreaterThan(0);
  expect(medianMs).toBeGreaterThanOrEqual(minMs);
  expect(gflops).toBeGreaterThan(0);
  expect(roofline).toBeGreaterThan(0);
  expect(roofline).toBeLessThan(1.05);
  expect(means).toBeTypeOf("object");
});

test("a step of any layer's stream leaves no object on the heap", { timeout: 60_000 }, () => {
  const [{ contenders }] = written("garbage").cases;
  for (const quantities of Object.values(contenders) as Record<string, number>[]) {
    const { control, ...layers } = quantities;
    expect(control).toBeGreaterThan(8);
    for (const [name, bytes] of Object.entries(layers)) expect(bytes, name).toBeLessThan(8); // the least object has 16; a collection by chance counts as 5
  }
});

test("a word that matches nothing is an error", { timeout: 60_000 }, () => {
  const { status, stderr } = bench("no-such-case", "--quick");
  expect(status).toBe(1);
  expect(stderr).toContain('no case matches "no-such-case"');
});

test("the comparison's ratios are of the better build and, by name, of the baseline; means are geometric", () => {
  const timed = { "wasm-rnn/baseline": { minMs: 4 }, "wasm-rnn/relaxed": { minMs: 2 }, peer: { minMs: 8 } };
  expect(ratios(timed)).toEqual({ peer: 4, "baseline over peer": 2 });
  expect(ratios({ "wasm-rnn/baseline": { minMs: 4 }, peer: { minMs: 8 } })).toEqual({ peer: 2 });
  const result = (id: string, ratio: number) => ({ id, ratios: { peer: ratio } });
  expect(geomeans([result("lstm-step/a", 2), result("lstm-step/b", 8), result("rnn-step/a", 3)])).toEqual({
    peer: { "lstm-step": 4, "rnn-step": 3 },
  });
});
