/** The microphone or a file at an ear, one at a time. */
import { type ProxyMarked, transfer } from "comlink";
import { useEffect, useRef, useState } from "preact/hooks";
import { said } from "../shared/errors";
import type { OnListened } from "./hearing";
import type { Placed } from "./history";
import { type Microphone, openMicrophone, whyNot } from "./microphone";
import { channelsOf, SoundError } from "./sound-file";
import { type HeardSound, useHeard } from "./use-heard";

/** A worker's `Hearing`, seen from the page. */
export interface RemoteHearing<Found extends Placed> {
  listen(rate: number, blocks: MessagePort, onListened: OnListened<Found> & ProxyMarked): Promise<void>;
  hear(channels: readonly Float32Array[], onListened: OnListened<Found> & ProxyMarked): Promise<void>;
  end(): Promise<void>;
}

/** What files are read at, in samples a second, and how many numbers a step has. */
export interface EarShape {
  readonly rate: number;
  readonly numbers: number;
}

export interface Listening<Found extends Placed> extends HeardSound<Found> {
  readonly state: "idle" | "asking" | "listening" | "reading";
  readonly problem: string | undefined;
  start(): void;
  stop(): void;
  read(file: File): void;
}

export function useListening<Found extends Placed>(api: RemoteHearing<Found>, { rate, numbers }: EarShape): Listening<Found> {
  const [state, setState] = useState<Listening<Found>["state"]>("idle");
  const [problem, setProblem] = useState<string>();
  const [sound, begin] = useHeard<Found>(numbers);
  const now = useRef<{ turn: object; microphone?: Microphone }>({ turn: {} });

  /** Whatever was going on is over. @returns whether what begins here still goes on */
  const turnTo = (next: Listening<Found>["state"], why?: string) => {
    const turn = {};
    now.current.microphone?.close();
    now.current = { turn };
    void api.end();
    setState(next);
    setProblem(why);
    return () => now.current.turn === turn;
  };

  const start = async () => {
    const goesOn = turnTo("asking");
    try {
      const microphone = await openMicrophone(() => goesOn() && turnTo("idle", "The microphone is gone."));
      if (!goesOn()) return microphone.close();
      now.current.microphone = microphone;
      await api.listen(microphone.rate, transfer(microphone.blocks, [microphone.blocks]), begin());
      if (goesOn()) setState("listening");
    } catch (error) {
      if (goesOn()) turnTo("idle", whyNot(error));
    }
  };

  const read = async (file: File) => {
    const goesOn = turnTo("reading");
    try {
      const channels = await channelsOf(file, rate);
      if (!goesOn()) return;
      const buffers = channels.map(({ buffer }) => buffer);
      await api.hear(transfer(channels, buffers), begin());
      if (goesOn()) turnTo("idle");
    } catch (error) {
      if (goesOn()) turnTo("idle", error instanceof SoundError ? error.message : `${file.name} could not be heard: ${said(error)}`);
    }
  };

  useEffect(
    () => () => {
      now.current.microphone?.close();
      now.current = { turn: {} };
    },
    [],
  );
  return { ...sound, state, problem, start, stop: () => void turnTo("idle"), read };
}
