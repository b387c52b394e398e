/** What the page shows of the cells is what the layers compute; its gradients are those of differences; what is typed is read as said. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRuntime, type Runtime } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/cells";
import { columnsOf } from "../../examples/playground/src/inside/files.js";
import { LESSONS, type LessonName, stepsOfNumbers, TOKENS, tokenOf } from "../../examples/playground/src/inside/lessons.js";
import { makeNetwork } from "../../examples/playground/src/inside/networks.js";
import { LIMIT, readSequence } from "../../examples/playground/src/inside/sequence.js";
import { CELLS, UNITS } from "../../examples/playground/src/inside/sizes.js";
import { traceOf } from "../../examples/playground/src/inside/trace.js";

let rt: Runtime;
beforeAll(async () => {
  rt = await createRuntime({ seed: 3 });
  await loadOperators(rt);
});
afterAll(() => rt.dispose());

const SEQUENCES = {
  letters: Int32Array.from("B what is it, Zoë? Aye", tokenOf),
  numbers: stepsOfNumbers([3, -1, 4, 1, -5, 9, 2.6, 5, 3, 5]),
} as const;

describe.each(LESSONS)("%s", (lesson: LessonName) => {
  it.each(CELLS)("of %s: the states step by step are those of the layer", (cell) => {
    const network = makeNetwork(rt, cell, lesson, 5);
    for (const parameter of network.layer.parameters()) parameter.set(parameter.toArray().map((weight) => 3 * weight)); // gates that open and shut
    const { values, output, steps } = traceOf(network, SEQUENCES[lesson]);
    expect(steps).toBe(lesson === "letters" ? 22 : 10);
    expect(output.length).toBe(steps * UNITS);
    output.forEach((state, i) => {
      expect(Math.abs(state - values.a![i]!), `step ${Math.floor(i / UNITS)}, unit ${i % UNITS}`).toBeLessThan(1e-5);
    });
    expect(Math.max(...output.map(Math.abs))).toBeGreaterThan(0.2);
    network.model.dispose();
  });
});

describe("the gradient's norms", () => {
  it.each(CELLS)("of %s are those of differences", async (cell) => {
    const exact = await createRuntime({ dtype: "f64" });
    await loadOperators(exact);
    const network = makeNetwork(exact, cell, "numbers", 5);
    const { model } = network;
    const x = SEQUENCES.numbers;
    const { gradient, answers, steps } = traceOf(network, x);
    const said = answers.at(-1)! > answers.at(-2)! ? 1 : 0;
    const answer = (i: number, by: number) => {
      const moved = Array.from(x);
      moved[i]! += by;
      const given = exact.tensor(moved, [steps, 1, 2]);
      const value = model.forward(given).at(said);
      given.dispose();
      return value;
    };
    const slope = (i: number) => (answer(i, 1e-4) - answer(i, -1e-4)) / 2e-4;
    expect(gradient.length).toBe(steps);
    gradient.forEach((norm, t) => {
      const expected = Math.hypot(slope(2 * t), slope(2 * t + 1));
      expect(Math.abs(norm / expected - 1), `step ${t}: ${norm}, ${expected}`).toBeLessThan(1e-5);
    });
    exact.dispose();
  });
});

describe("what is typed", () => {
  it("is letters: four capitals, the small ones, and the rest as one", () => {
    const { labels, steps, left, first } = readSequence("letters", " Dé\n xZ🙂 ");
    expect(labels).toEqual(["D", "é", " ", "x", "Z", "🙂"]);
    expect(Array.from(steps)).toEqual([3, TOKENS - 1, TOKENS - 1, 4 + 23, 4 + 25, TOKENS - 1]);
    expect([left, first]).toEqual([0, 3]);
    expect(readSequence("letters", "x".repeat(LIMIT + 7))).toMatchObject({ left: 7, labels: { length: LIMIT } });
    expect(readSequence("letters", "no").first).toBeUndefined();
  });

  it("is numbers, scaled, the first one marked", () => {
    const { labels, steps, first } = readSequence("numbers", "2, 4;6\n-0e0");
    expect(labels).toEqual(["2", "4", "6", "-0e0"]);
    const deviation = Math.sqrt(5);
    for (const [i, value] of [-1 / deviation, 1, 1 / deviation, 0, 3 / deviation, 0, -3 / deviation, 0].entries())
      expect(steps[i]).toBeCloseTo(value, 6);
    expect(first).toBe(0);
    expect(Array.from(readSequence("numbers", "7 7").steps)).toEqual([0, 1, 0, 0]); // no deviation to scale by
    expect(readSequence("numbers", "1 2x")).toMatchObject({ labels: [], problem: "“2x” is not a number." });
  });

  it("or a table's columns of numbers", () => {
    expect(columnsOf("1,a,2\n3,b,4\n")).toEqual([
      { name: "column 1", text: "1, 3" },
      { name: "column 3", text: "2, 4" },
    ]);
    expect(columnsOf("t;warm\n1;2.5\n2;3\n").map(({ name, text }) => [name, text])).toEqual([
      ["t", "1, 2"],
      ["warm", "2.5, 3"],
    ]);
    expect(() => columnsOf("a,b\nc,d\n")).toThrow("No column of this file is all numbers");
    expect(() => columnsOf("a,b\n")).toThrow("No column");
    expect(() => columnsOf("\0PNG")).toThrow("no table");
  });
});
