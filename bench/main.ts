/** npm run bench [-- words] [--quick] [--json FILE]: kernels, layers and promises on every build this host runs. */
import { readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { geomeans } from "./geomeans.js";
import { assembleLoop } from "./kernels/assemble.js";
import type { Loop } from "./kernels/roofline.js";
import { promises } from "./promises/index.js";
import { runnableBuilds, runSuite } from "./suite.js";

const { values, positionals: words } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false }, json: { type: "string" } },
});
const { quick } = values;
const builds = await runnableBuilds();
const print = (text: string) => console.log(text);
const machine = { cpu: cpus()[0]?.model ?? "unknown", host: `Node ${process.version}`, date: new Date().toISOString().slice(0, 10) };

print(`${machine.host}, ${machine.cpu}. Minimum and median of interleaved rounds; one thread; % of the measured roofline.\n`);
const binary = (build: string) => readFile(new URL(`../build/${build}.wasm`, import.meta.url));
const loop = async (build: string, name: Loop) => assembleLoop(build, name);
const checked = promises.filter(({ id }) => words.every((word) => id.includes(word)));
try {
  const cases = await runSuite({ builds, binary, loop, quick, words, print });
  if (cases.length + checked.length === 0) throw new Error(`no case matches "${words.join(" ")}"`);
  for (const { id, run } of checked) {
    print("");
    cases.push({ id, ...(await run({ builds, quick, print })) });
  }
  if (values.json) await writeFile(values.json, `${JSON.stringify({ machine, cases, geomeans: geomeans(cases) }, null, 1)}\n`);
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
