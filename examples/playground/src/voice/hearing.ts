/** In a thread of its own, an ear at one sound at a time: it hears the microphone's blocks without the page in between. */
import { type ProxyMarked, type Remote, releaseProxy, transfer } from "comlink";
import type { Listened, Placed } from "./history";

/** Hears one sound. */
export interface Ear<Found extends Placed> {
  push(samples: Float32Array): Listened<Found>;
  /** What came last. Gives back what was of this sound alone. */
  end(): Listened<Found>;
}

/** Called with what comes of each block, and with how far it is, from 0 to 1, where the end is known. */
export type OnListened<Found extends Placed> = (listened: Listened<Found>, share?: number) => void;

/** What a worker with an ear offers. */
export interface Hearing<Found extends Placed> {
  /** Until `end`. @param blocks where samples arrive, as Float32Array */
  listen(rate: number, blocks: MessagePort, told: Remote<OnListened<Found> & ProxyMarked>): void;
  /** @param channels of a whole sound, at the ear's own rate */
  hear(channels: readonly Float32Array[], told: Remote<OnListened<Found> & ProxyMarked>): Promise<void>;
  /** What was heard last is told. */
  end(): void;
}

interface Open<Found extends Placed> {
  readonly ear: Ear<Found>;
  readonly told: Remote<OnListened<Found> & ProxyMarked>;
  readonly blocks?: MessagePort;
}

/** @param own the rate at which files come @param makeEar for samples of a rate */
export function hearing<Found extends Placed>(own: number, makeEar: (rate: number) => Ear<Found>): Hearing<Found> {
  /** What listens now. */
  let open: Open<Found> | undefined;

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

  function listen(rate: number, blocks: MessagePort, told: Open<Found>["told"]): void {
    end();
    const now = { ear: makeEar(rate), told, blocks };
    open = now;
    blocks.onmessage = ({ data }: MessageEvent<Float32Array>) => tell(now, now.ear.push(data));
  }

  async function hear(channels: readonly Float32Array[], told: Open<Found>["told"]): Promise<void> {
    end();
    const now = { ear: makeEar(own), told };
    open = now;
    const samples = meanOf(channels);
    for (let at = 0; at < samples.length; at += own) {
      await new Promise((resolve) => setTimeout(resolve)); // another sound may come in between
      if (open !== now) return;
      tell(now, now.ear.push(samples.subarray(at, at + own)), at / samples.length);
    }
    end();
  }

  return { listen, hear, end };
}

function tell<Found extends Placed>({ told }: Open<Found>, { steps, heard }: Listened<Found>, share?: number): void {
  if (steps.length > 0 || share === 1) void told(transfer({ steps, heard }, [steps.buffer]), share);
}

function meanOf(channels: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array()] = channels;
  if (channels.length === 1) return first;
  return first.map((_, i) => channels.reduce((sum, channel) => sum + (channel[i] as number), 0) / channels.length);
}
