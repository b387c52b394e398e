/** Bun: another engine, JavaScriptCore. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { expectReport, MODULES, printedBy } from "./project.js";

const BUN = join(MODULES, "@oven/bun-linux-x64/bin/bun");

test("Node's bits", async () => {
  await expectReport(printedBy(BUN, ["main.js"]), "relaxed");
  expect(printedBy(BUN, ["app.js"])).toMatch(/^relaxed -?0\.\d+\n$/);
});
