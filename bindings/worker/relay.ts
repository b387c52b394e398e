/** In the worker: what training tells its caller. */
import type { Callbacks, Progress, Training } from "../training/fit-options.js";

/** Asks the caller, and waits until that is done. Rejects with what ends the training where it has thrown. */
export type Ask = (name: string, value?: unknown) => Promise<unknown>;

/**
 * Callbacks that hand on to the caller. Progress is not waited for until the end: one message is under way at a time, and then the newest goes, so
 * that a page that is busy neither slows training down nor is flooded.
 *
 * @param take gets the training, which the caller may stop
 */
export function relayTo(ask: Ask, take: (training: Training) => void): Callbacks {
  let latest: Progress | undefined;
  let underWay: Promise<void> | undefined;
  let failed: { error: unknown } | undefined;
  const hand = async (): Promise<void> => {
    while (latest && !failed) {
      const progress = latest;
      latest = undefined;
      await ask("onProgress", progress).catch((error) => {
        failed = { error };
      });
    }
    underWay = undefined;
  };
  return {
    onProgress(progress, training) {
      take(training);
      if (failed) throw failed.error;
      latest = progress;
      underWay ??= hand();
    },
    onEpoch: (report) => ask("onEpoch", report),
    async onEnd() {
      await underWay;
      await ask("onEnd");
      if (failed) throw failed.error;
    },
  };
}
