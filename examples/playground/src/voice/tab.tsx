/** The tab: whether somebody is speaking, or which letters and digits are said; by the microphone, or from a file. */
import { useState } from "preact/hooks";
import { Letters } from "./letters/letters";
import { Speaking } from "./speaking/speaking";
import "./style.css";

const CHOICES = [
  { title: "Is somebody speaking?", Shown: Speaking },
  { title: "Letters and digits", Shown: Letters },
];

export default function Tab() {
  const [chosen, choose] = useState(0);
  return (
    <>
      <fieldset class="row choice">
        <legend>What to listen for</legend>
        {CHOICES.map(({ title }, i) => (
          <label key={title}>
            <input type="radio" name="voice" checked={i === chosen} onChange={() => choose(i)} />
            {title}
          </label>
        ))}
      </fieldset>
      {CHOICES.map(({ title, Shown }, i) => i === chosen && <Shown key={title} />)}
    </>
  );
}
