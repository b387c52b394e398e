/** Deno, which may do nothing: it reads what a program imports, and no more. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { expectReport, MODULES, printedBy } from "./project.js";

const DENO = join(MODULES, "@deno/linux-x64-glibc/deno");
/** No permission is asked for, none is given. */
const RUN = ["run", "--no-prompt", "--quiet"];

test("without permissions: Node's bits", async () => {
  await expectReport(printedBy(DENO, [...RUN, "main.js"]), "relaxed");
  expect(printedBy(DENO, [...RUN, "app.js"])).toMatch(/^relaxed -?0\.\d+\n$/);
});
