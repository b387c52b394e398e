/** The example of docs/hosts.md in an OfflineAudioContext: what it makes of a sound, and how fast; and the smoke in such a place. */
import { loadBinary } from "wasm-rnn";
import { hash, sound } from "./smoke.js";

const RATE = 44_100;

export interface Rendered {
  readonly hash: number;
  readonly last: number;
  readonly ms: number;
}

/** Renders a sound through a node. */
async function render(seconds: number, nodeOf: (context: OfflineAudioContext) => Promise<AudioWorkletNode>): Promise<Rendered> {
  const samples = sound(seconds * RATE);
  const context = new OfflineAudioContext(1, samples.length, RATE);
  const node = await nodeOf(context);
  const buffer = context.createBuffer(1, samples.length, RATE);
  buffer.copyToChannel(samples, 0);
  const source = new AudioBufferSourceNode(context, { buffer });
  source.connect(node).connect(context.destination);
  source.start();
  const start = performance.now();
  const rendered = (await context.startRendering()).getChannelData(0);
  return { hash: hash([rendered]), last: rendered.at(-1) as number, ms: performance.now() - start };
}

async function nodeOf(context: OfflineAudioContext, module: string, name: string, processorOptions: object) {
  await context.audioWorklet.addModule(module);
  return new AudioWorkletNode(context, name, { processorOptions });
}

async function weightsOf(): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch("/audio/filter.safetensors")).arrayBuffer());
}

/** Through the example, whose processor is one file. */
export async function bundled(seconds: number): Promise<Rendered> {
  const weights = await weightsOf();
  const path = "./audio/filter.js"; // the tests write it
  const { createFilter } = await import(path);
  return render(seconds, (context) => createFilter(context, weights));
}

/** The same without a bundler. */
export async function byPath(seconds: number): Promise<Rendered> {
  const options = { binary: await loadBinary(), weights: await weightsOf() };
  return render(seconds, (context) => nodeOf(context, "/web/audio/processor.js", "filter", options));
}

/** The smoke in an AudioWorklet. */
export async function probe(): Promise<unknown> {
  const context = new OfflineAudioContext(1, 128, RATE);
  const binaries = { fastest: await loadBinary(), baseline: await loadBinary({ build: "baseline" }) };
  const node = await nodeOf(context, "/web/web-worklet.js", "probe", binaries);
  return new Promise((resolve) => {
    node.port.onmessage = ({ data }) => resolve(data);
  });
}
