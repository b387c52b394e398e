/** What an earlier visit has kept is used where it is what it should be, and otherwise not looked at. */
import { expect, test } from "vitest";
import { isLearned, isShown } from "../../examples/playground/src/inside/kept.js";
import { isRun } from "../../examples/playground/src/text/run.js";

const bytes = new Uint8Array(1);
const learner = { model: bytes, optimizer: bytes, random: [1, 2, 3, 4] };
const lesson = { seed: 2, report: { done: 3, rounds: 36, accuracy: [0, 1, 0.5, 1] }, learners: [learner, learner, learner, learner] };
const shown = { lesson: "letters", texts: { letters: "A", numbers: "1" }, state: "fresh" };
const run = {
  ...{ version: 1, cell: "LSTM", units: 8, textId: 1, textName: "a", vocabulary: ["a"], step: 1, goal: 2 },
  ...{ curve: [{ step: 0, training: null, validation: 5 }], samples: [{ step: 0, text: "a" }], checkpoint: bytes, file: bytes },
};

/** The same with one of its fields, at any depth, missing or something else. */
function* damaged(whole: object): Generator<unknown> {
  for (const [name, value] of Object.entries(whole)) {
    for (const odd of [undefined, null, {}]) yield Object.assign(structuredClone(whole), { [name]: odd });
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) continue;
    for (const inner of damaged(value)) yield Object.assign(structuredClone(whole), { [name]: inner });
  }
}

test.each([
  ["a lesson of Inside the cell", isLearned, lesson],
  ["what Inside the cell shows", isShown, shown],
  ["a training of Text", isRun, run],
])("%s fits as it is, and with no field damaged", (_, fits, whole) => {
  expect(fits(whole)).toBe(true);
  const all = [...damaged(whole)];
  expect(all.length).toBeGreaterThan(10);
  // null for null, as the loss of training at the beginning, is no damage.
  expect(all.filter((value) => fits(value) && JSON.stringify(value) !== JSON.stringify(whole))).toEqual([]);
  for (const odd of [undefined, null, 42, "x", [], {}, bytes]) expect(fits(odd)).toBe(false);
});
