/** A run: a worker that lives as long as it takes. */
import { proxy, wrap } from "comlink";
import { browserName } from "./browser";
import type { Pace } from "./measure";
import type { Progress, Result } from "./result";
import type { SpeedWorker } from "./speed.worker";

/** The worker's memory goes with it. @throws when the signal aborts it; when the numbers are wrong; when the worker cannot be loaded */
export async function runAll(pace: Pace, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<Result> {
  const worker = new Worker(new URL("./speed.worker.ts", import.meta.url), { type: "module" });
  const ended = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
    worker.addEventListener("error", () => reject(new Error("The part that measures could not be loaded.")));
  });
  try {
    const figures = await Promise.race([wrap<SpeedWorker>(worker).run(pace, proxy(onProgress)), ended]);
    return { ...figures, date: Date.now(), browser: browserName(navigator.userAgent) };
  } finally {
    worker.terminate();
  }
}
