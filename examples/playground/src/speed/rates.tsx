/** What each case is, and how near it comes to what this machine can do at the most. */
import { CASES, type Case } from "./cases";
import { type Build, ceilingOf, figure, gflops, type Row, rowOf } from "./result";

interface RatesProps {
  readonly rows: readonly Row[];
  readonly builds: readonly Build[];
}

export function Rates({ rows, builds }: RatesProps) {
  const ceiling = ceilingOf(rows);
  return (
    <ul class="speed-rates">
      {CASES.map((each) => (
        <li key={each.id}>
          <strong>{each.title}</strong>
          <p>{each.what}</p>
          {builds.map((build) => (
            <Bar key={build} of={each} row={rowOf(rows, each)} build={build} ceiling={ceiling} />
          ))}
        </li>
      ))}
    </ul>
  );
}

interface BarProps {
  readonly of: Case;
  readonly row: Row | undefined;
  readonly build: Build;
  readonly ceiling: number;
}

function Bar({ of, row, build, ceiling }: BarProps) {
  const timing = row?.times[build];
  if (!timing) return null;
  const rate = gflops(of, timing);
  const share = rate / ceiling;
  return (
    <div class="speed-bar figures">
      <span>{build}</span>
      <span class="speed-track" aria-hidden="true">
        <span class={`speed-fill ${build}`} style={{ width: `${Math.min(100, 100 * share)}%` }} />
      </span>
      <span>
        {figure(rate)} GFLOP/s, {Math.round(100 * share)} %
      </span>
    </div>
  );
}
