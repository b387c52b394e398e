/**
 * The misuse sweep: every door of the package, 200 wrong calls each. A call ends with a typed error, or with what it should give; nothing
 * traps or hangs, no byte is lost, and the runtime still does what it did.
 */
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { printedSeed } from "../helpers/seed.js";
import { attentionDoors } from "./misuse-doors-attention.js";
import { cellDoors } from "./misuse-doors-cells.js";
import { coreDoors } from "./misuse-doors-core.js";
import { crfDoors } from "./misuse-doors-crf.js";
import { ctcDoors } from "./misuse-doors-ctc.js";
import { fileDoors } from "./misuse-doors-files.js";
import { layerDoors } from "./misuse-doors-layers.js";
import { learningDoors } from "./misuse-doors-losses.js";
import { lstmpDoors } from "./misuse-doors-lstmp.js";
import { minCellDoors } from "./misuse-doors-min-cells.js";
import { modelDoors } from "./misuse-doors-models.js";
import { notebookDoors } from "./misuse-doors-notebook.js";
import { onnxExportDoors } from "./misuse-doors-onnx-export.js";
import { operatorDoors } from "./misuse-doors-ops.js";
import { shapeDoors } from "./misuse-doors-ops-shape.js";
import { quietDoors, without } from "./misuse-doors-quiet.js";
import { sequenceDoors } from "./misuse-doors-sequence.js";
import { seriesDoors } from "./misuse-doors-series.js";
import { stateDoors } from "./misuse-doors-state.js";
import { trainingDoors } from "./misuse-doors-training.js";
import { cases, verdict } from "./misuse-judge.js";
import { World } from "./misuse-world.js";

const CASES = 200;
const seed = printedSeed("misuse sweep");
const w = await World.create();
const { doors: ofNotebook, nb } = await notebookDoors();
const doors = [
  ...coreDoors,
  ...layerDoors,
  ...lstmpDoors,
  ...learningDoors,
  ...modelDoors,
  ...trainingDoors,
  ...seriesDoors,
  ...sequenceDoors,
  ...ofNotebook,
  ...operatorDoors,
  ...shapeDoors,
  ...cellDoors,
  ...crfDoors,
  ...ctcDoors,
  ...minCellDoors,
  ...attentionDoors,
  ...onnxExportDoors,
  ...fileDoors,
  ...stateDoors,
  ...quietDoors,
];

afterAll(() => {
  nb.dispose();
  w.dispose();
});

test("whatever is exported has a door", () => {
  expect(without(doors)).toEqual([]);
});

describe("every door, misused", () => {
  test.each(doors.map((door) => [door.name, door] as const))("%s", async (_, door) => {
    const faults: string[] = [];
    for (const one of fc.sample(cases, { seed, numRuns: CASES })) {
      const fault = await verdict(door, one, w);
      if (fault) faults.push(fault);
    }
    expect([...new Set(faults)]).toEqual([]);
  });
});
