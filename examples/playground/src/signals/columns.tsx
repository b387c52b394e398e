/** The column to forecast, and those to look at. */
import { type Choice, cyclesOf } from "./choice";
import { numbersOf, type Table } from "./table";

interface ColumnsProps {
  readonly table: Table;
  readonly choice: Choice;
  onChoice(choice: Choice): void;
}

function toggled<Item>(list: readonly Item[], item: Item, on: boolean): Item[] {
  const others = list.filter((each) => each !== item);
  return on ? [...others, item] : others;
}

interface TickProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly checked: boolean;
  readonly disabled?: boolean;
  onChange(checked: boolean): void;
}

function Tick({ label, hint, checked, disabled = false, onChange }: TickProps) {
  return (
    <label>
      <input type="checkbox" checked={checked} disabled={disabled} onChange={(event) => onChange(event.currentTarget.checked)} />
      {label}
      {hint && <span class="hint"> ({hint})</span>}
    </label>
  );
}

export function Columns({ table, choice, onChoice }: ColumnsProps) {
  const columns = numbersOf(table);
  const cycles = cyclesOf(table);
  const text = table.columns.filter(({ kind }) => kind === "text").map(({ name }) => name);
  return (
    <>
      <label class="target">
        Column to forecast
        <select
          value={choice.target}
          onChange={({ currentTarget: { value } }) => {
            const inputs = choice.inputs.filter((name) => name !== value);
            onChoice({ ...choice, target: value, inputs: [...inputs, ...(choice.inputs.includes(value) ? [choice.target] : [])] });
          }}
        >
          {columns.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <fieldset class="ticks">
        <legend>Columns to look at</legend>
        {columns.map(({ name, gaps }) => (
          <Tick
            key={name}
            label={name}
            hint={name === choice.target ? "its own past, always" : gaps > 0 ? `${gaps} empty` : undefined}
            checked={name === choice.target || choice.inputs.includes(name)}
            disabled={name === choice.target}
            onChange={(on) => onChoice({ ...choice, inputs: toggled(choice.inputs, name, on) })}
          />
        ))}
        {cycles.map(({ id, title }) => (
          <Tick
            key={`the ${id}`}
            label={title}
            hint="from the date"
            checked={choice.cycles.includes(id)}
            onChange={(on) => onChoice({ ...choice, cycles: toggled(choice.cycles, id, on) })}
          />
        ))}
        {text.length > 0 && <small class="aside">Text, which is not looked at: {text.join(", ")}.</small>}
      </fieldset>
    </>
  );
}
