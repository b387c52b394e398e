/** The file that is open, in a worker of its own, which ends with it. */
import { type Remote, releaseProxy, wrap } from "comlink";
import { useEffect, useRef, useState } from "preact/hooks";
import { said } from "../shared/errors";
import { type Choice, feedsOf, firstChoice, SAMPLE_FILE, stillFits } from "./choice";
import type { GivenFile } from "./files";
import type { ModelApi } from "./model.worker";
import type { Opened, Outcome } from "./opened";
import { forgetFiles, rememberChoice, rememberedChoice, rememberedFiles, rememberFiles } from "./remembered";
import { sizeText } from "./words";

/** Bytes of a file at most: it is read whole, and its numbers once more. */
const LARGEST = 300_000_000;

class Thread {
  readonly api: Remote<ModelApi>;
  /** Fails when the thread does. */
  readonly #failed: Promise<never>;
  readonly #worker = new Worker(new URL("./model.worker.ts", import.meta.url), { type: "module" });
  #stop: (why: Error) => void = () => {};
  #hasEnded = false;

  constructor() {
    this.api = wrap<ModelApi>(this.#worker);
    this.#failed = new Promise<never>((_, reject) => {
      this.#stop = reject;
      this.#worker.addEventListener("error", () =>
        reject(new Error("The code that reads it could not be loaded, or there was no memory left for it.")),
      );
    });
    this.#failed.catch(() => {});
  }

  async do<Result>(work: (api: Remote<ModelApi>) => Promise<Result>): Promise<Result> {
    if (this.#hasEnded) return this.#failed;
    return Promise.race([work(this.api), this.#failed]);
  }

  /** Once or more often. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#stop(new Error("It was stopped."));
    this.api[releaseProxy]();
    this.#worker.terminate();
  }
}

export interface Shown {
  readonly opened: Opened;
  readonly comesBack: boolean;
  readonly thread: Thread;
  /** Changes when more is known of the network's shapes. */
  readonly drawn: number;
}

/** What is to be opened. */
interface Wanted {
  /** More than once, where a run is stopped. */
  files(): Promise<readonly GivenFile[]>;
  /** Whether it is to be kept. */
  readonly isNew: boolean;
}

export function useModel() {
  const [shown, setShown] = useState<Shown>();
  const [choice, setChoice] = useState<Choice>();
  const [outcome, setOutcome] = useState<Outcome>();
  const [problem, setProblem] = useState<string>();
  const [fault, setFault] = useState<string>();
  const [busy, setBusy] = useState<"reading" | "running" | undefined>("reading");
  const thread = useRef<Thread>();
  const turn = useRef(0); // of what was asked for: what was asked before does not matter any more
  const newest = useRef<Wanted>();

  /** @param before how inputs were filled */
  const take = async (wanted: Wanted, before?: Choice) => {
    const own = ++turn.current;
    newest.current = wanted;
    thread.current?.end();
    const next = new Thread();
    thread.current = next;
    setBusy("reading");
    setProblem(undefined);
    setFault(undefined);
    setOutcome(undefined);
    try {
      const given = await wanted.files();
      const opened = await next.do((api) => api.open(given));
      const comesBack = wanted.isNew ? await rememberFiles(given) : true;
      if (own !== turn.current) return;
      setShown({ opened, comesBack, thread: next, drawn: 0 });
      const { network, name } = opened;
      if (network) setChoice(stillFits(before, name, network) ? before : firstChoice(name, network));
    } catch (error) {
      if (own !== turn.current) return;
      setShown(undefined);
      setProblem(said(error));
    }
    if (own === turn.current) setBusy(undefined);
  };
  const sample = async (): Promise<GivenFile[]> => [
    { name: SAMPLE_FILE, bytes: await (thread.current as Thread).do((api) => api.sample()) },
  ];
  const begin = async () => {
    const own = turn.current;
    const [files, before] = [await rememberedFiles(), await rememberedChoice()];
    if (own !== turn.current) return;
    await take({ files: files ? async () => files : sample, isNew: false }, before);
  };
  useEffect(() => {
    begin();
    return () => {
      turn.current = -1;
      thread.current?.end();
    };
  }, []);
  return {
    ...{ shown, choice, outcome, problem, fault, busy },
    openFiles: (files: readonly File[]) => take({ files: () => readAll(files), isNew: true }),
    async openSample() {
      const own = ++turn.current;
      await forgetFiles();
      if (own === turn.current) await take({ files: sample, isNew: false }); // the tab may be left by now, or another file chosen
    },
    choose(next: Choice) {
      setChoice(next);
      if (JSON.stringify(next).length < 200_000) rememberChoice(next);
    },
    async run() {
      const own = turn.current;
      const { network } = shown?.opened ?? {};
      if (!shown || !network || !choice) return;
      setBusy("running");
      setFault(undefined);
      try {
        const result = await shown.thread.do((api) => api.run(feedsOf(network, choice)));
        if (own !== turn.current) return;
        setOutcome(result);
        setShown((last) => last && { ...last, drawn: last.drawn + 1 });
      } catch (error) {
        if (own === turn.current) setFault(said(error));
      }
      if (own === turn.current) setBusy(undefined);
    },
    /** Ends whatever goes on. Who stops a run has the file still, which is read anew. */
    async stop() {
      const { current: wanted } = newest;
      if (busy === "running" && wanted) {
        const own = turn.current + 1;
        await take(wanted, choice);
        if (own === turn.current) setFault("It was stopped.");
        return;
      }
      turn.current++;
      thread.current?.end();
      thread.current = undefined;
      setBusy(undefined);
      setShown(undefined);
      setProblem("It was stopped. Choose the file once more, or another one.");
    },
  };
}

export type Model = ReturnType<typeof useModel>;

async function readAll(files: readonly File[]): Promise<GivenFile[]> {
  const size = files.reduce((sum, file) => sum + file.size, 0);
  if (size > LARGEST) throw new Error(`It has ${sizeText(size)}; at most ${sizeText(LARGEST)} are read here.`);
  return Promise.all(files.map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })));
}
