/** The figures are those of the newest results. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { draw, figures } from "../scripts/figures.js";

test.each([...figures()])("%s is as the results have it (npm run figures)", (file, svg) => {
  expect(readFileSync(new URL(`../docs/pictures/${file}`, import.meta.url), "utf8")).toBe(svg);
});

test("a figure: the fastest first, ours by its faster build, lengths by the logarithm of the factor", () => {
  const machine = { cpu: "a processor", host: "Node", date: "2026-01-01" };
  const contenders = {
    pytorch: { minMs: 10 },
    "wasm-rnn/baseline": { minMs: 2 },
    "wasm-rnn/relaxed": { minMs: 1 },
    "tfjs-cpu": { minMs: 100 },
  };
  const svg = draw({ machine, cases: [{ id: "case", contenders }] }, { file: "", id: "case", title: "A case", command: "npm start" });
  expect(svg).toContain('aria-label="A case: wasm-rnn 1.0 ms, PyTorch, native 10 ms, TensorFlow.js, cpu 100 ms"');
  expect([...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width))).toEqual([8, 194, 380]);
  expect(() => draw({ machine, cases: [] }, { file: "", id: "case", title: "", command: "" })).toThrow("case: not in the results");
});
