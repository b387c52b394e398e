/** Node: the lowest that package.json names, and the two long-term releases after it. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { expectReport, MODULES, printedBy, run } from "./project.js";

const nodeOf = (release: string) => join(MODULES, release, "bin/node");

test.each([
  ["node20", "v20.16.0", "baseline"],
  ["node22", "v22.", "relaxed"],
  ["node24", "v24.", "relaxed"],
] as const)("%s: %s, on %s", async (release, version, build) => {
  expect(printedBy(nodeOf(release), ["--version"])).toContain(version);
  await expectReport(printedBy(nodeOf(release), ["main.js"]), build);
  expect(printedBy(nodeOf(release), ["app.js"])).toMatch(new RegExp(`^${build} -?0\\.\\d+\n$`));
});

test("a processor without SIMD, and a Node without WebAssembly, are named", () => {
  const { stderr } = run(nodeOf("node20"), ["--no-enable-sse4-1", "--no-enable-ssse3", "app.js"]);
  expect(stderr).toContain("FormatError: build: expected a host with SIMD in WebAssembly, got one without");
  expect(run(nodeOf("node20"), ["--jitless", "app.js"]).stderr).toContain("FormatError: build: expected a host with WebAssembly");
});
