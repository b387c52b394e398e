/** The tab: whether somebody is speaking, or which letters and digits are said; by the microphone, or from a file. */
import { remembered } from "../shared/remembered";
import { Letters } from "./letters/letters";
import { Speaking } from "./speaking/speaking";
import "./style.css";

const CHOICES = [
  { title: "Is somebody speaking?", Shown: Speaking },
  { title: "Letters and digits", Shown: Letters },
];

const chosen = remembered("voice.choice", 0, (before) => before in CHOICES);

export default function Tab() {
  return (
    <>
      <fieldset class="row choice">
        <legend>What to listen for</legend>
        {CHOICES.map(({ title }, i) => (
          <label key={title}>
            <input type="radio" name="voice" checked={i === chosen.value} onChange={() => (chosen.value = i)} />
            {title}
          </label>
        ))}
      </fieldset>
      {CHOICES.map(({ title, Shown }, i) => i === chosen.value && <Shown key={title} />)}
    </>
  );
}
