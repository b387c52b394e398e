/** The numbers behind the heat maps, of one step: a table that is made when it is opened. */
import { useState } from "preact/hooks";
import { decimal } from "./figures";
import { Formula } from "./formula";
import { CELL_INFO } from "./formulas";
import type { Lab } from "./lab";
import { UNITS } from "./sizes";
import type { Trace } from "./trace";

export function AllUnits({ lab, trace }: { lab: Lab; trace: Trace }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>All {UNITS} units at this step</summary>
      {open && <Table lab={lab} trace={trace} />}
    </details>
  );
}

function Table({ lab, trace }: { lab: Lab; trace: Trace }) {
  const step = Math.min(lab.step.value, trace.steps - 1);
  const { maps } = CELL_INFO[trace.cell];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section class="scrolls" tabIndex={0} aria-label={`${trace.cell}: numbers of all units`}>
      <table class="figures">
        <thead>
          <tr>
            <th scope="col">unit</th>
            {maps.map(({ name, symbol }) => (
              <th scope="col" key={name}>
                <Formula text={symbol} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: UNITS }, (_, unit) => (
            <tr key={unit} aria-current={unit === lab.unit.value ? "true" : undefined}>
              <th scope="row">{unit + 1}</th>
              {maps.map(({ name }) => (
                <td key={name}>{decimal(trace.values[name]?.[step * UNITS + unit] ?? 0)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
