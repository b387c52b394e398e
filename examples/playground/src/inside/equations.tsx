/** A cell's equations, each with the numbers of the step and the unit that are looked at. */
import { decimal, power } from "./figures";
import { Formula } from "./formula";
import { CELL_INFO, type Reader } from "./formulas";
import type { Lab } from "./lab";
import { UNITS } from "./sizes";
import type { Trace } from "./trace";

/** Without brackets around a negative number that needs none, at a beginning. */
const plain = (text: string) => text.replace(/(^|\()\((−[\d.]+)\)/g, "$1$2");

export function Equations({ lab, trace }: { lab: Lab; trace: Trace }) {
  const [step, unit] = [Math.min(lab.step.value, trace.steps - 1), lab.unit.value];
  const of: Reader = (name) => {
    const [from, t] = name.endsWith("−") ? [name.slice(0, -1), step - 1] : [name, step];
    const value = decimal(t < 0 ? 0 : (trace.values[from]?.[t * UNITS + unit] ?? 0));
    return value.startsWith("−") ? `(${value})` : value;
  };
  return (
    <dl class="equations figures">
      {CELL_INFO[trace.cell].equations.map(({ name, formula, put }) => (
        <div key={name}>
          <dt>
            <Formula text={formula} />
          </dt>
          <dd>
            {plain(put(of))} = <strong>{plain(of(name))}</strong>
          </dd>
        </div>
      ))}
      <div>
        <dt>
          <Formula text="‖∂L/∂x^{⟨t⟩}‖" />, to the step
        </dt>
        <dd>
          <strong>{power(trace.gradient[step] ?? 0)}</strong>
        </dd>
      </div>
    </dl>
  );
}
