/** What was heard of the sound that is latest. */
import { type Signal, useSignal } from "@preact/signals";
import { type ProxyMarked, proxy } from "comlink";
import { useRef, useState } from "preact/hooks";
import type { OnListened } from "./hearing";
import { History, type Placed } from "./history";

export interface HeardSound<Found extends Placed> {
  readonly history: History<Found>;
  /** How many steps were heard: changes with `history`. */
  readonly steps: Signal<number>;
  readonly heard: readonly Found[];
  /** Of a file: how much of it was heard, from 0 to 1. */
  readonly share: number;
}

/** @param numbers of a step @returns it, and what begins a new one: that gives what the ear is to tell it */
export function useHeard<Found extends Placed>(numbers: number): [HeardSound<Found>, begin: () => OnListened<Found> & ProxyMarked] {
  const [history, setHistory] = useState(() => new History<Found>(numbers));
  const [heard, setHeard] = useState<readonly Found[]>([]);
  const [share, setShare] = useState(0);
  const latest = useRef(history);
  const steps = useSignal(0);
  const begin = () => {
    const own = new History<Found>(numbers);
    latest.current = own;
    setHistory(own);
    setHeard([]);
    setShare(0);
    steps.value = 0;
    const onListened: OnListened<Found> = (listened, share) => {
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
