/**
 * The processor of docs/hosts.md in Node, block by block: what it makes of the sound, and what it leaves on the heap. Wants --expose-gc, and a young
 * generation of 1 MB: each collection on the way counts as one that was full.
 */
import { readFileSync } from "node:fs";
import { PerformanceObserver } from "node:perf_hooks";
import { loadBinary } from "wasm-rnn";
import { hash, sound } from "./smoke.js";

interface Processor {
  process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean;
}
type Class = new (options: object) => Processor;

const BLOCK = 128;
const SEMI_SPACE = 1024 * 1024;
const registered: Class[] = [];
Object.assign(globalThis, {
  AudioWorkletProcessor: class {},
  registerProcessor: (_: string, processor: Class) => registered.push(processor),
});
const path = "./audio/processor.js"; // the example, which the tests write
await import(path);
const [Filter] = registered as [Class];
const weights = new Uint8Array(readFileSync("audio/filter.safetensors"));
const binary = await loadBinary();
const make = () => new Filter({ processorOptions: { binary, weights } });

const samples = sound(22_050);
const rendered = new Float32Array(samples.length);
const [block, output] = [new Float32Array(BLOCK), new Float32Array(BLOCK)];
const [inputs, outputs] = [[[block]], [[output]]];
const first = make();
for (let at = 0; at < samples.length; at += BLOCK) {
  block.fill(0);
  block.set(samples.subarray(at, at + BLOCK));
  first.process(inputs, outputs);
  rendered.set(output.subarray(0, samples.length - at), at);
}

/** Bytes a block that the heap grows by, at best of some rounds: V8 optimises when it comes to it. */
async function bytesPerBlock(work: () => void): Promise<number> {
  const rounds: number[] = [];
  while (rounds.length < 8) rounds.push(await measure(work, 500));
  return Math.min(...rounds);
}

async function measure(work: () => void, blocks: number): Promise<number> {
  globalThis.gc?.();
  await new Promise((resolve) => setTimeout(resolve, 20));
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  observer.observe({ entryTypes: ["gc"] });
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < blocks; i++) work();
  const after = process.memoryUsage().heapUsed;
  await new Promise((resolve) => setTimeout(resolve, 20));
  observer.disconnect();
  return (Math.max(0, after - before) + collections * SEMI_SPACE) / blocks;
}

let kept: { at: number } = { at: 0 };
const bytes = await bytesPerBlock(() => void first.process(inputs, outputs));
const control = await bytesPerBlock(() => {
  for (let i = 0; i < BLOCK; i++) kept = { at: i };
  first.process(inputs, outputs);
});
console.log(JSON.stringify({ hash: hash([rendered]), last: rendered.at(-1), bytes, control, kept }));
