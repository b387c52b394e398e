/** The example of docs/hosts.md in an OfflineAudioContext: what it makes of a sound, and how fast; and the smoke in such a place. */
import { loadBinary } from "wasm-rnn";
import { hash, sound } from "./smoke.js";

const RATE = 44_100;

/** Renders a sound through a node. */
async function render(seconds: number, nodeOf: (context: OfflineAudioContext) => Promise<AudioWorkletNode>) {
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
  return { hash: hash([rendered]), last: rendered[samples.length - 1], factor: (1000 * seconds) / (performance.now() - start) };
}

async function nodeOf(context: OfflineAudioContext, module: string, name: string, processorOptions: object) {
  await context.audioWorklet.addModule(module);
  return new AudioWorkletNode(context, name, { processorOptions });
}

const path = "./audio/filter.js"; // the example, which the tests write
const { createFilter } = await import(path);
const weights = new Uint8Array(await (await fetch("/audio/filter.safetensors")).arrayBuffer());
const binary = await loadBinary();
const byPath = await render(0.5, (context) => nodeOf(context, "/web/audio/processor.js", "filter", { binary, weights }));
const bundled = [];
for (let i = 0; i < 10; i++) bundled.push(await render(0.5, (context) => createFilter(context, weights)));

const context = new OfflineAudioContext(1, 128, RATE);
const binaries = { fastest: binary, baseline: await loadBinary({ build: "baseline" }) };
const probe = await nodeOf(context, "/web/web-worklet.js", "probe", binaries);
const smoke = await new Promise((resolve) => {
  probe.port.onmessage = ({ data }) => resolve(data);
});
await fetch("/report", { method: "POST", body: JSON.stringify({ byPath, bundled, smoke }) });
