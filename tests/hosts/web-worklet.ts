/** The smoke in an AudioWorklet, from bytes. */
import * as lib from "wasm-rnn";
import * as inline from "wasm-rnn/inline";
import { refusal, smoke } from "./smoke.js";

type Binaries = Record<"fastest" | "baseline", Uint8Array>;
declare const AudioWorkletProcessor: new () => { readonly port: MessagePort };
declare function registerProcessor(name: string, processor: new (options: { processorOptions: Binaries }) => object): void;

class Probe extends AudioWorkletProcessor {
  constructor({ processorOptions: { fastest, baseline } }: { processorOptions: Binaries }) {
    super();
    this.report(fastest, baseline).then(
      (report) => this.port.postMessage(report),
      (error) => this.port.postMessage(String(error)),
    );
  }

  async report(fastest: Uint8Array, baseline: Uint8Array) {
    return {
      fastest: await smoke(lib as never, lib.createRuntimeSync(fastest, { seed: 1 }) as never),
      baseline: await smoke(lib as never, lib.createRuntimeSync(baseline, { seed: 1 }) as never),
      refused: await refusal(() => lib.createRuntime({ build: "fast" as never })),
      without: await refusal(() => lib.createRuntime()),
      inline: await refusal(() => inline.createRuntime()),
      debug: await refusal(() => lib.createRuntime({ build: "debug" })),
    };
  }

  process() {
    return true;
  }
}

registerProcessor("probe", Probe);
