/** The training under way on this tab, its losses as they come, and what came of it. */
import { useEffect, useRef, useState } from "preact/hooks";
import { said } from "../shared/errors";
import { naiveLoss } from "./baselines";
import { rememberedLesson, rememberLesson } from "./remembered";
import { type Result, resultOf } from "./result";
import type { Series } from "./series";
import type { Table } from "./table";
import { type Losses, train } from "./train";

export interface Training {
  readonly state: "none" | "running" | "stopping" | "done" | "failed";
  /** Of the passes that may be gone through, from 0 to 1. */
  readonly share: number;
  readonly passes: readonly Losses[];
  /** The loss of the naive forecast on the part that is watched. */
  readonly naive: number;
  readonly result?: Result;
  readonly problem?: string;
}

const NONE: Training = { state: "none", share: 0, passes: [], naive: Number.NaN };
/** Milliseconds between two drawings. */
const PAUSE = 150;

interface Run {
  readonly controller: AbortController;
  stopped: boolean;
}

export function useTraining() {
  const [training, setTraining] = useState(NONE);
  const run = useRef<Run | undefined>(undefined);
  useEffect(() => () => run.current?.controller.abort(), []);

  const start = async (series: Series) => {
    run.current?.controller.abort();
    const own: Run = { controller: new AbortController(), stopped: false };
    run.current = own;
    const passes: Losses[] = [];
    let share = 0;
    const naive = naiveLoss(series);
    const show = (change: Partial<Training> = {}) => {
      if (run.current === own) setTraining((before) => ({ ...before, share, passes: [...passes], naive, ...change }));
    };
    setTraining({ ...NONE, state: "running", naive });
    const drawing = setInterval(() => show(), PAUSE);
    try {
      const learned = await train(series, {
        signal: own.controller.signal,
        stopped: () => own.stopped,
        onProgress: (now) => {
          share = now;
        },
        onPass: (losses) => passes.push(losses),
      });
      show({ state: "done", share: 1, result: resultOf(series, learned) });
      await rememberLesson(series, learned, passes);
    } catch (error) {
      if (!own.controller.signal.aborted) show({ state: "failed", problem: said(error) });
    } finally {
      clearInterval(drawing);
    }
  };
  return {
    ...{ training, start },
    stop() {
      if (run.current) run.current.stopped = true;
      setTraining((before) => ({ ...before, state: "stopping" }));
    },
    /** Of another table: what is here does not matter any more, but it may be that of the last visit. */
    async change(table: Table | undefined) {
      run.current?.controller.abort();
      run.current = undefined;
      setTraining(NONE);
      const lesson = table && (await rememberedLesson(table));
      if (!lesson || run.current !== undefined) return;
      const { series, learned, passes } = lesson;
      setTraining((now) =>
        now === NONE ? { ...NONE, state: "done", share: 1, passes, naive: naiveLoss(series), result: resultOf(series, learned) } : now,
      );
    },
  };
}
