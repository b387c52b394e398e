/** Node: the lowest that package.json names, and the two long-term releases after it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
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

test("required by the lowest, which takes no ES modules so", () => {
  const source = `
    const { createRuntime, LSTM } = require("wasm-rnn");
    (async () => {
      const rt = await createRuntime();
      const { output } = new LSTM(rt, { inputSize: 2, hiddenSize: 3 }).forward(rt.zeros([2, 2]));
      console.log(rt.build, output.shape.join(), typeof require("wasm-rnn/notebook").loadNotebook, typeof require("wasm-rnn/worker").createRuntime);
    })();`;
  writeFileSync(join(inject("project"), "required.cjs"), source);
  expect(printedBy(nodeOf("node20"), ["required.cjs"])).toBe("baseline 2,3 function function\n");
});

test("a processor without SIMD, and a Node without WebAssembly, are named", () => {
  const { stderr } = run(nodeOf("node20"), ["--no-enable-sse4-1", "--no-enable-ssse3", "app.js"]);
  expect(stderr).toContain("FormatError: build: expected a host with SIMD in WebAssembly, got one without");
  expect(run(nodeOf("node20"), ["--jitless", "app.js"]).stderr).toContain("FormatError: build: expected a host with WebAssembly");
});
