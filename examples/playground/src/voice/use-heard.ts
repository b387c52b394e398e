/** What was heard of the sound that is latest. */
import { type Signal, useSignal } from "@preact/signals";
import { type ProxyMarked, proxy } from "comlink";
import { useRef, useState } from "preact/hooks";
import { type HeardStep, History } from "./history";
import type { OnListened } from "./voice.worker";

export interface HeardSound {
  readonly history: History;
  /** How many steps were heard: changes with `history`. */
  readonly steps: Signal<number>;
  /** What was recognised. */
  readonly heard: readonly HeardStep[];
  /** Of a file: how much of it was heard, from 0 to 1. */
  readonly share: number;
}

/** @returns it, and what begins a new one: that gives what the recogniser is to tell it */
export function useHeard(): [HeardSound, begin: () => OnListened & ProxyMarked] {
  const [history, setHistory] = useState(() => new History());
  const [heard, setHeard] = useState<readonly HeardStep[]>([]);
  const [share, setShare] = useState(0);
  const latest = useRef(history);
  const steps = useSignal(0);
  const begin = () => {
    const own = new History();
    latest.current = own;
    setHistory(own);
    setHeard([]);
    setShare(0);
    steps.value = 0;
    const onListened: OnListened = (listened, share) => {
      if (latest.current !== own) return; // the end of what was heard before
      own.push(listened);
      if (listened.heard.length > 0) setHeard(own.heard);
      steps.value = own.end;
      if (share !== undefined) setShare(share);
    };
    return proxy(onListened);
  };
  return [{ history, steps, heard, share }, begin];
}
