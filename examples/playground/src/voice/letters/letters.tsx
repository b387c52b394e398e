/** Letters and digits are recognised while they are said, or from a file. */
import type { Remote } from "comlink";
import { STEP_SECONDS } from "../../../../speech/features";
import { RATE } from "../../../../speech/rate";
import { NotReady, Training, UNTRAINED } from "../../shared/not-ready";
import { useTrained } from "../../shared/use-trained";
import { Picture } from "../picture";
import { Sources } from "../sources";
import { useListening } from "../use-listening";
import { draw } from "./draw";
import { type HeardStep, STEP_NUMBERS } from "./ear";
import type { LettersWorker } from "./letters.worker";
import { Recognised } from "./recognised";

const makeWorker = () => new Worker(new URL("./letters.worker.ts", import.meta.url), { type: "module" });

export function Letters() {
  const trained = useTrained<LettersWorker>("speech.safetensors", makeWorker);
  return (
    <>
      <p>
        It knows the names of the 26 letters, the words that spell them on the telephone (<em>alpha, bravo, charlie …</em>) and the ten
        digits, in English, best with a little pause between them. It has learned them from synthetic voices alone, at the quality of a
        telephone; it is no general recogniser, and what it hears in other words is nonsense.
      </p>
      {trained.state === "ready" ? (
        <Recogniser api={trained.api} />
      ) : (
        <NotReady trained={trained} what="the recogniser" missing={UNTRAINED}>
          <Training example="speech" />
        </NotReady>
      )}
    </>
  );
}

function Recogniser({ api }: { api: Remote<LettersWorker> }) {
  const listening = useListening<HeardStep>(api, { rate: RATE, numbers: STEP_NUMBERS });
  const { state, history, steps, heard } = listening;
  return (
    <>
      <Sources listening={listening} what="say letters or digits" outcome={outcomeOf(heard.length)} />
      <Picture
        history={history}
        steps={steps}
        isLive={state !== "idle"}
        step={STEP_SECONDS}
        title="Over time, how likely each symbol is, and how likely it is that nothing is being said. What was recognised stands below."
        draw={draw}
      />
      <p class="about">
        Every 30 ms it says how likely each symbol is (colours), and how likely it is that none ends just now (grey). A symbol is recognised
        where it is likelier than all others.
      </p>
      <h2>Recognised</h2>
      <Recognised heard={heard} />
    </>
  );
}

function outcomeOf(count: number): string {
  if (count === 0) return "Nothing was recognised.";
  return `${count} ${count === 1 ? "symbol was" : "symbols were"} recognised.`;
}
