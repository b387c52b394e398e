/** The table: microseconds of a call, by build. */
import { CASES } from "./cases";
import { type Build, figure, type Row, ratioOf, rowOf, type Timing } from "./result";

interface TimesProps {
  readonly rows: readonly Row[];
  readonly builds: readonly Build[];
}

export function Times({ rows, builds }: TimesProps) {
  const both = builds.length > 1;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keys
    <section class="speed-times" aria-label="Times" tabIndex={0}>
      <table class="figures">
        <caption>Microseconds (µs) a call: the fastest, and below it the median{both && "; how many times faster relaxed is"}</caption>
        <thead>
          <tr>
            <th scope="col">What</th>
            {builds.map((build) => (
              <th scope="col" key={build}>
                {build}
              </th>
            ))}
            {both && <th scope="col">Faster</th>}
          </tr>
        </thead>
        <tbody>
          {CASES.map((each) => {
            const row = rowOf(rows, each);
            const ratio = row && ratioOf(row);
            return (
              <tr key={each.id}>
                <th scope="row">{each.title}</th>
                {builds.map((build) => (
                  <td key={build}>
                    <Cell timing={row?.times[build]} />
                  </td>
                ))}
                {both && <td>{ratio === undefined ? "" : `${ratio.toFixed(2)}×`}</td>}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function Cell({ timing }: { timing: Timing | undefined }) {
  return (
    timing && (
      <>
        <strong>{figure(timing.min)}</strong>
        <small>{figure(timing.median)}</small>
      </>
    )
  );
}
