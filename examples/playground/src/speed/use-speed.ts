/** What the tab knows: the last figures, which are kept, and a run while there is one. */
import { useEffect, useRef, useState } from "preact/hooks";
import { said } from "../shared/errors";
import { keep, kept } from "../shared/store";
import { PACES } from "./paces";
import type { Build, Progress, Result, Row } from "./result";
import { runAll } from "./run";

const KEY = "speed";

export interface Speed {
  readonly result: Result | undefined;
  /** Of the run that is going on. */
  readonly running: Progress | undefined;
  /** What has just happened. */
  readonly status: string;
  readonly problem: string | undefined;
  /** @param pace which of PACES */
  start(pace: number): Promise<void>;
  stop(): void;
}

export function useSpeed(): Speed {
  const [result, setResult] = useState<Result>();
  const [running, setRunning] = useState<Progress>();
  const [status, setStatus] = useState("");
  const [problem, setProblem] = useState<string>();
  const controller = useRef<AbortController>();
  useEffect(() => {
    kept<Result>(KEY).then((last) => last && setResult((newer) => newer ?? last));
    return () => controller.current?.abort();
  }, []);

  const start = async (pace: number) => {
    controller.current = new AbortController();
    const { signal } = controller.current;
    const onProgress = (progress: Progress) => {
      if (!signal.aborted) setRunning((last) => last && progress); // one that comes late changes nothing
    };
    setRunning({ share: 0, now: "Getting ready", rows: [] });
    setProblem(undefined);
    setStatus("Measuring …");
    try {
      const done = await runAll(PACES[pace] as (typeof PACES)[number], onProgress, signal);
      setResult(done);
      const isKept = await keep(KEY, done);
      setStatus(
        isKept ? "Measured. The figures stay here when the page is reloaded." : "Measured. This browser keeps nothing for this page.",
      );
    } catch (error) {
      setStatus(signal.aborted ? "Stopped. Figures of a run that was stopped are not kept." : "");
      if (!signal.aborted) setProblem(said(error));
    }
    setRunning(undefined);
  };
  return { result, running, status, problem, start, stop: () => controller.current?.abort() };
}

/** Builds of which there are figures, both before there are any. */
export function buildsOf(rows: readonly Row[]): readonly Build[] {
  const measured = new Set(rows.flatMap(({ times }) => Object.keys(times)));
  return (["baseline", "relaxed"] as const).filter((build) => measured.size === 0 || measured.has(build));
}
