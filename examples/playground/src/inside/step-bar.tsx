/** The step and the unit that are looked at, and what is read there. */
import type { Lab, Shown } from "./lab";
import { UNITS } from "./sizes";

export function StepBar({ lab, shown }: { lab: Lab; shown: Shown }) {
  const [step, unit, steps] = [lab.step.value, lab.unit.value, shown.labels.length];
  const label = shown.labels[step] ?? "";
  const read = label === " " ? "a space" : label;
  return (
    <div class="step-bar figures">
      <label>
        <span>
          Step <strong>{step + 1}</strong> of {steps}, reads <kbd>{read}</kbd>
        </span>
        <input
          type="range"
          aria-label="Step"
          min={1}
          max={steps}
          value={step + 1}
          aria-valuetext={`${step + 1} of ${steps}: ${read}`}
          onInput={(event) => lab.go(event.currentTarget.valueAsNumber - 1)}
        />
      </label>
      <label>
        <span>
          Unit <strong>{unit + 1}</strong> of {UNITS}
        </span>
        <input
          type="range"
          aria-label="Unit"
          min={1}
          max={UNITS}
          value={unit + 1}
          onInput={(event) => lab.go(step, event.currentTarget.valueAsNumber - 1)}
        />
      </label>
    </div>
  );
}
