/** The recogniser, in a thread of its own: it hears the microphone's blocks without the page in between. */
import { expose, type ProxyMarked, type Remote, releaseProxy, transfer } from "comlink";
import { createRuntime, MemoryError } from "wasm-rnn";
import type { Recogniser } from "../../../speech/listen";
import { RATE } from "../../../speech/rate";
import { Ear, type Listened } from "./ear";
import { recogniserIn } from "./recogniser";

/** Called with what comes of each block, and with how far it is, from 0 to 1, where the end is known. */
export type OnListened = (listened: Listened, share?: number) => void;
type Told = Remote<OnListened & ProxyMarked>;

let recogniser: Recogniser | undefined;
/** What listens now. */
let open: { readonly ear: Ear; readonly told: Told; readonly blocks?: MessagePort } | undefined;

async function load(bytes: Uint8Array): Promise<boolean> {
  const rt = await createRuntime({ seed: 1 });
  try {
    recogniser = recogniserIn(rt, bytes);
  } catch (problem) {
    if (problem instanceof MemoryError) throw problem; // says nothing of the file
  }
  return recogniser !== undefined;
}

/** What each class of a step stands for, the blank's first. */
function classes(): string[] {
  return ["", ...(recogniser as Recogniser).symbols];
}

function tell({ told }: { told: Told }, { steps, heard }: Listened, share?: number): void {
  if (steps.length > 0 || share === 1) void told(transfer({ steps, heard }, [steps.buffer]), share);
}

/** Until `end`. @param blocks where samples arrive, as Float32Array */
function listen(rate: number, blocks: MessagePort, told: Told): void {
  end();
  const now = { ear: new Ear(recogniser as Recogniser, rate), told, blocks };
  open = now;
  blocks.onmessage = ({ data }: MessageEvent<Float32Array>) => tell(now, now.ear.push(data));
}

/** @param channels of a whole sound, at RATE */
async function transcribe(channels: readonly Float32Array[], told: Told): Promise<void> {
  end();
  const now = { ear: new Ear(recogniser as Recogniser, RATE), told };
  open = now;
  const samples = meanOf(channels);
  for (let at = 0; at < samples.length; at += RATE) {
    await new Promise((resolve) => setTimeout(resolve)); // another sound may come in between
    if (open !== now) return;
    tell(now, now.ear.push(samples.subarray(at, at + RATE)), at / samples.length);
  }
  end();
}

/** What was said last is told. */
function end(): void {
  if (!open) return;
  const ending = open;
  open = undefined;
  const { ear, told, blocks } = ending;
  blocks?.close();
  try {
    tell(ending, ear.end(), 1);
  } finally {
    told[releaseProxy]();
  }
}

function meanOf(channels: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array()] = channels;
  if (channels.length === 1) return first;
  return first.map((_, i) => channels.reduce((sum, channel) => sum + (channel[i] as number), 0) / channels.length);
}

const api = { load, classes, listen, transcribe, end };
export type VoiceWorker = typeof api;
expose(api);
