/** The smoke in Cloudflare's workerd, which compiles nothing at run time: with modules that it has compiled, and without. */
import * as lib from "wasm-rnn";
// @ts-expect-error: workerd's bundler knows what a .wasm is
import baseline from "wasm-rnn/build/baseline-f32.wasm";
// @ts-expect-error
import relaxed from "wasm-rnn/build/relaxed-f32.wasm";
import { refusal, smoke } from "./smoke.js";

const early = lib.createRuntimeSync(baseline, { seed: 1 }); // at start-up, when nothing may be awaited

export default {
  async fetch(): Promise<Response> {
    return Response.json({
      fastest: await smoke(lib as never, (await lib.createRuntime({ module: relaxed, seed: 1 })) as never),
      baseline: await smoke(lib as never, early as never),
      refused: await refusal(() => lib.createRuntime({ build: "fast" as never })),
      without: await refusal(() => lib.createRuntime()),
      bytes: await refusal(async () => lib.createRuntimeSync(await lib.loadBinary())),
      debug: await refusal(() => lib.createRuntime({ build: "debug" })),
      saved: await refusal(saved),
    });
  },
};

/** Training that writes a file. */
function saved() {
  const rt = lib.createRuntimeSync(baseline);
  const model = new lib.Sequential(rt, [new lib.Dense(rt, { inputSize: 1, outputSize: 1 })]);
  const [loss, optimizer] = [new lib.MSELoss(rt), new lib.Adam(model.parameters(), { lr: 0.1 })];
  return lib.fit(model, { data: [{ x: [[1]], y: 1 }], loss, optimizer, epochs: 1, checkpoint: { file: "a" } });
}
