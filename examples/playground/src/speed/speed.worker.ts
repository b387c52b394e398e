/** The measurement, in a thread of its own that nothing disturbs. */
import { expose } from "comlink";
import { createRuntime, type Runtime } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/ops";
import { CASES, type Case } from "./cases";
import { type Contender, clockTick, measure, type Pace, timingOf, warmedUp } from "./measure";
import type { Build, Figures, Progress } from "./result";
import { workload } from "./workload";

const BUILDS: readonly Build[] = ["baseline", "relaxed"];

/** Of each case on each build: V8 compiles a hot function anew within some milliseconds. */
const WARM_UP_MS = 60;

/** Share of the progress that getting ready takes. */
const READY = 0.3;

async function runtimeOf(build: Build): Promise<Runtime | undefined> {
  try {
    const rt = await createRuntime({ build, seed: 1 });
    await loadOperators(rt);
    return rt;
  } catch (problem) {
    if (build === "baseline") throw problem;
    return undefined; // no relaxed SIMD here
  }
}

/** The results are checked before anything is timed. */
function prepare(rt: Runtime, { title, work }: Case, tick: number): Contender {
  const { run, isRight } = workload(rt, work);
  if (!isRight()) throw new Error(`${title}: the numbers that came out are wrong on this machine, so their speed says nothing.`);
  return warmedUp(run, WARM_UP_MS, tick);
}

/** @param onProgress called with what there is so far */
async function run(pace: Pace, onProgress: (progress: Progress) => void): Promise<Figures> {
  const runtimes = await Promise.all(BUILDS.map(async (build) => ({ build, rt: await runtimeOf(build) })));
  const ready = runtimes.flatMap(({ build, rt }) => (rt ? [{ build, rt }] : []));
  const tick = clockTick();
  const cases = CASES.map((each, i) => {
    onProgress({ share: (READY * i) / CASES.length, now: `Getting ready: ${each.title}`, rows: [] });
    return { id: each.id, contenders: ready.map(({ build, rt }) => ({ build, contender: prepare(rt, each, tick) })) };
  });
  const all = cases.flatMap(({ contenders }) => contenders.map(({ contender }) => contender));
  const rows = () =>
    cases.map(({ id, contenders }) => ({
      id,
      times: Object.fromEntries(contenders.map(({ build, contender }) => [build, timingOf(contender)])),
    }));
  measure(all, pace, tick, (share) => onProgress({ share: READY + (1 - READY) * share, now: "All take turns", rows: rows() }));
  return { builds: ready.map(({ build }) => build), rows: rows() };
}

const api = { run };
export type SpeedWorker = typeof api;
expose(api);
