/** Which network learns, and for how long. */

import { remembered } from "../shared/remembered";
import { number } from "./format";
import { CELLS, GOALS, type Network, UNITS } from "./network";
import { BATCH, LENGTH } from "./sizes";

export interface Choice extends Network {
  readonly goal: number;
}

const CHOICE: Choice = { cell: "LSTM", units: 128, goal: 2000 };

const isIn = (all: readonly number[], value: number) => all.includes(value);

/** What is chosen for the next training. */
export const choice = remembered(
  "text.choice",
  CHOICE,
  ({ cell, units, goal }) => CELLS.includes(cell) && isIn(UNITS, units) && isIn(GOALS, goal),
);

interface SettingsProps {
  readonly choice: Choice;
  readonly locked: boolean;
  onChoice(choice: Choice): void;
}

interface PickProps<Value extends string | number> {
  readonly label: string;
  readonly value: Value;
  readonly values: readonly Value[];
  text(value: Value): string;
  onPick(value: Value): void;
}

function Pick<Value extends string | number>({ label, value, values, text, onPick }: PickProps<Value>) {
  const all = values.includes(value) ? values : [...values, value]; // a training that was made longer
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => onPick(all[event.currentTarget.selectedIndex] as Value)}>
        {all.map((each) => (
          <option key={each} value={each}>
            {text(each)}
          </option>
        ))}
      </select>
    </label>
  );
}

export function Settings({ choice, locked, onChoice }: SettingsProps) {
  const set = (change: Partial<Choice>) => onChoice({ ...choice, ...change });
  const goal = (steps: number) => `${number.format(steps)} steps`;
  return (
    <>
      <fieldset disabled={locked} class="settings" aria-label="The network">
        <Pick label="Cell" value={choice.cell} values={CELLS} text={String} onPick={(cell) => set({ cell })} />
        <Pick<number> label="Units" value={choice.units} values={UNITS} text={String} onPick={(units) => set({ units })} />
        <Pick<number> label="Learns for" value={choice.goal} values={GOALS} text={goal} onPick={(steps) => set({ goal: steps })} />
      </fieldset>
      <p class="note">
        {locked
          ? "Text and network belong to the training below: start over to change them."
          : `A step reads ${BATCH} pieces of ${LENGTH} characters. More units learn more and take longer.`}
      </p>
    </>
  );
}
