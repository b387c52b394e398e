/** Whether what was kept can be shown and gone on with. */
import { isBytes, isCount, isNumber, isText, listOf, objectOf, oneOf } from "../shared/shapes.js";
import type { Learned } from "./laboratory.js";
import { LESSONS } from "./lessons.js";
import { CELLS } from "./sizes.js";

const ofCells = CELLS.length;
const learned = objectOf({
  seed: Number.isInteger,
  report: objectOf({ done: isCount, rounds: isCount, accuracy: listOf(isNumber, ofCells) }),
  learners: listOf(objectOf({ model: isBytes, optimizer: isBytes, random: listOf(isNumber) }), ofCells),
});

export const isLearned = (value: unknown): value is Learned => learned(value);

export const isShown = objectOf({
  lesson: oneOf(...LESSONS),
  texts: objectOf(Object.fromEntries(LESSONS.map((lesson) => [lesson, isText]))),
  state: oneOf("fresh", "trained"),
});
