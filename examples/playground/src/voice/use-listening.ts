/** The microphone or a file at the recogniser's ear, one at a time. */
import { type Remote, transfer } from "comlink";
import { useEffect, useRef, useState } from "preact/hooks";
import { said } from "../shared/errors";
import { type Microphone, openMicrophone, whyNot } from "./microphone";
import { channelsOf, SoundError } from "./sound-file";
import { type HeardSound, useHeard } from "./use-heard";
import type { VoiceWorker } from "./voice.worker";

export interface Listening extends HeardSound {
  readonly state: "idle" | "asking" | "listening" | "reading";
  readonly problem: string | undefined;
  start(): void;
  stop(): void;
  read(file: File): void;
}

export function useListening(api: Remote<VoiceWorker>): Listening {
  const [state, setState] = useState<Listening["state"]>("idle");
  const [problem, setProblem] = useState<string>();
  const [sound, begin] = useHeard();
  const now = useRef<{ turn: object; microphone?: Microphone }>({ turn: {} });

  /** Whatever was going on is over. @returns whether what begins here still goes on */
  const turnTo = (next: Listening["state"], why?: string) => {
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
      const channels = await channelsOf(file);
      if (!goesOn()) return;
      const buffers = channels.map(({ buffer }) => buffer);
      await api.transcribe(transfer(channels, buffers), begin());
      if (goesOn()) turnTo("idle");
    } catch (error) {
      if (goesOn()) turnTo("idle", error instanceof SoundError ? error.message : `${file.name} could not be recognised: ${said(error)}`);
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
