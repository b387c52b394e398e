/** The tab: letters and digits are recognised while they are said, or from a file. */
import type { Remote } from "comlink";
import { Drop } from "../shared/drop";
import { NotReady } from "../shared/not-ready";
import { useTrained } from "../shared/use-trained";
import { Picture } from "./picture";
import { Recognised } from "./recognised";
import "./style.css";
import { type Listening, useListening } from "./use-listening";
import type { VoiceWorker } from "./voice.worker";

const makeWorker = () => new Worker(new URL("./voice.worker.ts", import.meta.url), { type: "module" });

export default function Tab() {
  const trained = useTrained<VoiceWorker>("speech", makeWorker);
  return (
    <>
      <p>
        It knows the names of the 26 letters, the words that spell them on the telephone (<em>alpha, bravo, charlie …</em>) and the ten
        digits, in English, best with a little pause between them. It has learned them from synthetic voices alone, at the quality of a
        telephone; it is no general recogniser, and what it hears in other words is nonsense.
      </p>
      {trained.state === "ready" ? <Recogniser api={trained.api} /> : <NotReady trained={trained} what="the recogniser" example="speech" />}
    </>
  );
}

function Recogniser({ api }: { api: Remote<VoiceWorker> }) {
  const listening = useListening(api);
  const { state, share, problem, history, steps, heard, start, stop, read } = listening;
  const isOn = state !== "idle";
  return (
    <>
      <article>
        <div class="row sources">
          <button type="button" class={isOn ? "secondary" : undefined} onClick={isOn ? stop : start}>
            {isOn ? "Stop" : "Listen to the microphone"}
          </button>
          <Drop what="a sound file" accept="audio/*,.wav" onFile={read} />
        </div>
        {state === "reading" && <progress value={share} aria-label="How much of the file was heard" />}
        <p role="status">{statusOf(listening)}</p>
        {problem !== undefined && <p role="alert">{problem}</p>}
      </article>
      <Picture history={history} steps={steps} isLive={isOn} />
      <p class="about">
        Every 30 ms it says how likely each symbol is (colours), and how likely it is that none ends just now (grey). A symbol is recognised
        where it is likelier than all others.
      </p>
      <h2>Recognised</h2>
      <Recognised heard={heard} />
    </>
  );
}

function statusOf({ state, heard, steps }: Listening): string {
  if (state === "asking") return "Waiting until the microphone may be used …";
  if (state === "listening") return "Listening: say letters or digits.";
  if (state === "reading") return "Hearing the file …";
  if (steps.value === 0) return "";
  if (heard.length === 0) return "Nothing was recognised.";
  return `${heard.length} ${heard.length === 1 ? "symbol was" : "symbols were"} recognised.`;
}
