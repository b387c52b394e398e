/** The roofline, drawn: both axes are logarithms. */
import { figure } from "./result";
import type { Point, Roof } from "./roof";

const [WIDTH, HEIGHT] = [640, 300];
const EDGE = { left: 48, right: 16, top: 16, bottom: 48 } as const;
const [FEWEST, MOST] = [0.7, 40];
const TICKS = [1, 2, 4, 8, 16, 32];

export function Roofline({ roof: { points, ceiling, slope } }: { roof: Roof }) {
  const top = 1.4 * Math.max(ceiling, ...points.map(({ rate }) => rate));
  const bottom = Math.min(0.6 * slope, ...points.map(({ rate }) => 0.8 * rate));
  const between = (value: number, from: number, to: number) => Math.log(value / from) / Math.log(to / from);
  const x = (uses: number) => EDGE.left + (WIDTH - EDGE.left - EDGE.right) * between(uses, FEWEST, MOST);
  const y = (rate: number) => HEIGHT - EDGE.bottom - (HEIGHT - EDGE.top - EDGE.bottom) * between(rate, bottom, top);
  const knee = Math.max(FEWEST, ceiling / slope);
  const rates = [1, 2, 3, 5, 7, 10, 20, 30, 50, 70, 100, 200, 300, 500].filter((rate) => rate > bottom && rate < top);
  const said = points.map(({ of, build, rate }) => `${of.title}, ${build}: ${figure(rate)} GFLOP/s`).join("; ");
  return (
    <figure class="speed-roof">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`The roofline: at most ${figure(ceiling)} GFLOP/s. ${said}`}>
        {rates.map((rate) => (
          <g key={rate}>
            <line class="grid" x1={EDGE.left} x2={WIDTH - EDGE.right} y1={y(rate)} y2={y(rate)} />
            <text x={EDGE.left - 6} y={y(rate) + 4} text-anchor="end">
              {rate}
            </text>
          </g>
        ))}
        {TICKS.map((uses) => (
          <text key={uses} x={x(uses)} y={HEIGHT - EDGE.bottom + 18} text-anchor="middle">
            {uses}
          </text>
        ))}
        <text x={(WIDTH + EDGE.left) / 2} y={HEIGHT - 6} text-anchor="middle">
          how often a weight is used, once it has been read
        </text>
        <polyline class="roof" points={[FEWEST, knee, MOST].map((uses) => `${x(uses)},${y(Math.min(ceiling, slope * uses))}`).join(" ")} />
        {points.map((point) => (
          <Dot key={`${point.of.id} ${point.build}`} point={point} x={x(point.uses)} y={y(point.rate)} />
        ))}
      </svg>
      <figcaption>
        GFLOP/s of each case, in both builds. Where a weight is used once, a network waits for its weights: the slope, that of the fastest
        step. Where it is used often, only the arithmetic takes time: the flat roof, the ceiling of the bars below.
      </figcaption>
    </figure>
  );
}

function Dot({ point: { of, build, rate }, x, y }: { point: Point; x: number; y: number }) {
  return (
    <circle class={build} cx={x} cy={y} r="5">
      <title>
        {of.title}, {build}: {figure(rate)} GFLOP/s
      </title>
    </circle>
  );
}
