/** A trained model, fetched from beside the page and put into a worker that knows how to use it. */
import { type Remote, releaseProxy, wrap } from "comlink";
import { useEffect, useState } from "preact/hooks";
import { said } from "./errors";

/** What a worker of a trained model offers at least. */
export interface Loads {
  /** @returns whether the bytes are a model of its kind */
  load(bytes: Uint8Array): Promise<boolean>;
}

export type Trained<Api> =
  | { readonly state: "loading" | "missing" | "broken" }
  | { readonly state: "failed"; readonly why: string }
  | { readonly state: "ready"; readonly api: Remote<Api> };

async function fetched(path: string, signal: AbortSignal): Promise<Response> {
  const response = await fetch(path, { signal });
  if (!response.ok) throw new Error(`the server answered with ${response.status}.`);
  return response;
}

/** @returns nothing where the page was built without it: a list says so, which is kept for when there is no network, too */
async function modelFile(file: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const built: string[] = await (await fetched("./models/index.json", signal)).json();
  if (!built.includes(file)) return undefined;
  return new Uint8Array(await (await fetched(`./models/${file}`, signal)).arrayBuffer());
}

/** @param file its name @param makeWorker always the same function. The worker ends with the component. */
export function useTrained<Api extends Loads>(file: string, makeWorker: () => Worker): Trained<Api> {
  const [trained, setTrained] = useState<Trained<Api>>({ state: "loading" });
  useEffect(() => {
    const left = new AbortController();
    const settle = (now: Trained<Api>) => {
      if (!left.signal.aborted) setTrained(now);
    };
    const worker = makeWorker();
    const api = wrap<Api>(worker);
    worker.addEventListener("error", () => settle({ state: "failed", why: "the code that runs it did not load." }));
    modelFile(file, left.signal)
      .then(async (bytes) => {
        if (!bytes) return settle({ state: "missing" });
        const isOurs = await (api as unknown as Loads).load(bytes);
        settle(isOurs ? { state: "ready", api } : { state: "broken" });
      })
      .catch((problem) => settle({ state: "failed", why: said(problem) }));
    return () => {
      left.abort();
      api[releaseProxy]();
      worker.terminate();
    };
  }, [file, makeWorker]);
  return trained;
}
