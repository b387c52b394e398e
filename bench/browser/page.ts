/** The page's side: runs the suite on the files that main.ts serves. */
import { geomeans } from "../geomeans.js";
import type { CaseResult } from "../suite.js";
import { runnableBuilds, runSuite } from "../suite.js";

declare global {
  interface Window {
    runBench(options: { quick: boolean; words: string[] }): Promise<{ cases: CaseResult[]; geomeans: ReturnType<typeof geomeans> }>;
  }
}

const bytes = async (path: string) => new Uint8Array(await (await fetch(path)).arrayBuffer());

window.runBench = async ({ quick, words }) => {
  const cases = await runSuite({
    builds: await runnableBuilds(),
    binary: (build) => bytes(`/build/${build}.wasm`),
    loop: (build, loop) => bytes(`/loops/${build}-${loop}.wasm`),
    quick,
    words,
    print: (line) => console.log(line),
  });
  if (cases.length === 0) throw new Error(`no case matches "${words.join(" ")}"`);
  return { cases, geomeans: geomeans(cases) };
};
