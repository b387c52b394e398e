/** The worker of texts, for one job. */
import { type Remote, releaseProxy, wrap } from "comlink";
import type { TextApi } from "./text.worker";

export async function apart<Result>(job: (api: Remote<TextApi>) => Promise<Result>): Promise<Result> {
  const worker = new Worker(new URL("./text.worker.ts", import.meta.url), { type: "module" });
  const api = wrap<TextApi>(worker);
  const failed = new Promise<never>((_, reject) => {
    worker.addEventListener("error", () => reject(new Error("the code that reads texts could not be loaded.")));
  });
  try {
    return await Promise.race([job(api), failed]);
  } finally {
    api[releaseProxy]();
    worker.terminate();
  }
}
