/** The smoke in a service worker, which may neither import while it runs, nor wait before it listens. */
import * as lib from "wasm-rnn";
import * as inline from "wasm-rnn/inline";
import { refusal, smoke } from "./smoke.js";

async function report(): Promise<string> {
  const module = await WebAssembly.compileStreaming(fetch("/node_modules/wasm-rnn/build/relaxed-f32.wasm"));
  return JSON.stringify({
    fastest: await smoke(lib as never, (await lib.createRuntime({ module, seed: 1 })) as never),
    baseline: await smoke(inline as never, (await inline.createRuntime({ build: "baseline", seed: 1 })) as never),
    refused: await refusal(() => lib.createRuntime({ build: "fast" as never })),
    without: await refusal(() => lib.createRuntime()),
  });
}

addEventListener("install", (event) => {
  const done = report()
    .catch(String)
    .then((body) => fetch("/report", { method: "POST", body }));
  (event as unknown as { waitUntil(done: Promise<unknown>): void }).waitUntil(done);
});
