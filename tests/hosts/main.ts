/** The smoke on the fastest build of the host, and on the one that runs everywhere. */
import * as lib from "wasm-rnn";
import { refusal, smoke } from "./smoke.js";

const fastest = await smoke(lib as never, (await lib.createRuntime({ seed: 1 })) as never);
const baseline = await smoke(lib as never, (await lib.createRuntime({ build: "baseline", seed: 1 })) as never);
const refused = await refusal(() => lib.createRuntime({ build: "fast" as never }));
export const report = JSON.stringify({ fastest, baseline, refused });
console.log(report);
