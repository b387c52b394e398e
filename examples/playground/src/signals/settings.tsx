/** How far back and ahead, and which network. */
import { useState } from "preact/hooks";
import { AHEAD, type Choice, LENGTHS, MOST_PASSES, UNITS } from "./choice";
import { counted, type Table, unitOf } from "./table";

interface SettingsProps {
  readonly table: Table;
  readonly choice: Choice;
  onChoice(choice: Choice): void;
}

interface PickProps<Value extends string | number> {
  readonly label: string;
  readonly value: Value;
  readonly values: readonly Value[];
  text?(value: Value): string;
  onPick(value: Value): void;
}

function Pick<Value extends string | number>({ label, value, values, text = String, onPick }: PickProps<Value>) {
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => onPick(values[event.currentTarget.selectedIndex] as Value)}>
        {values.map((each) => (
          <option key={each} value={each}>
            {text(each)}
          </option>
        ))}
      </select>
    </label>
  );
}

export function Settings({ table, choice, onChoice }: SettingsProps) {
  const unit = unitOf(table);
  const set = (change: Partial<Choice>) => onChoice({ ...choice, ...change });
  const steps = (count: number) => counted(count, unit);
  return (
    <div class="settings">
      <Pick label="Looks back" value={choice.length} values={LENGTHS} text={steps} onPick={(length) => set({ length })} />
      <Pick
        label="Forecasts"
        value={choice.ahead}
        values={AHEAD}
        text={(count) => `${steps(count)} ahead`}
        onPick={(ahead) => set({ ahead })}
      />
      <Pick label="Network" value={choice.kind} values={["GRU", "LSTM"]} onPick={(kind) => set({ kind })} />
      <Pick label="Units" value={choice.units} values={UNITS} onPick={(units) => set({ units })} />
      <Passes passes={choice.passes} onPasses={(passes) => set({ passes })} />
    </div>
  );
}

function Passes({ passes, onPasses }: { readonly passes: number; onPasses(passes: number): void }) {
  const [wrong, setWrong] = useState(false);
  return (
    <label>
      Passes at most
      <input
        type="number"
        min={1}
        max={MOST_PASSES}
        value={passes}
        aria-invalid={wrong || undefined}
        onInput={({ currentTarget: { valueAsNumber, validity } }) => {
          setWrong(!validity.valid || Number.isNaN(valueAsNumber));
          if (validity.valid && !Number.isNaN(valueAsNumber)) onPasses(valueAsNumber);
        }}
      />
      {wrong && <small>from 1 to {MOST_PASSES}</small>}
    </label>
  );
}
